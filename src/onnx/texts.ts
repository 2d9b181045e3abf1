/**
 * The texts of a file, each as one string: the name of a value stands at the node that makes it, at each that reads it, and at the
 * tensor that it is. One string takes less memory than three, and is found in a table without being compared letter by letter.
 */
import { FACTOR, FIRST_HASH, placeOf } from './fnv.ts';

/** Longer texts are documentation, which no other place repeats. */
const LONGEST = 128;

/** Places of the table at first. */
const FIRST = 1 << 13;

/**
 * So many texts are not kept. They take little memory, and until its code is compiled, to look a text up takes ten times as long as making
 * it: a model of some hundred nodes is read before that.
 */
const FEW = 20_000;

export class Texts {
  /** How many more are not kept. */
  #left: number;

  /** By place: the hash of the text there, to tell it from most others. The table is never more than half full. */
  #hashes = new Int32Array(FIRST);
  #texts: (string | undefined)[] = new Array(FIRST).fill(undefined);
  #count = 0;
  /** Hash of what {@link find} did not find; undefined if that is not kept. */
  #missing: number | undefined;

  constructor(few = FEW) {
    this.#left = few;
  }

  /** Gives the string of the bytes from `start` to `end`, if they are ASCII and one was kept. */
  find(bytes: Uint8Array, start: number, end: number): string | undefined {
    this.#missing = undefined;
    if (this.#left > 0) {
      this.#left--;
      return undefined;
    }
    if (end - start > LONGEST) return undefined;
    const hash = hashOf(bytes, start, end);
    if (hash === undefined) return undefined;
    const mask = this.#hashes.length - 1;
    for (let place = placeOf(hash, mask); ; place = (place + 1) & mask) {
      const text = this.#texts[place];
      if (text === undefined) break;
      if (this.#hashes[place] === hash && isSame(text, bytes, start, end)) return text;
    }
    this.#missing = hash;
    return undefined;
  }

  /** Keeps the string that the last {@link find} was for. */
  keep(text: string): void {
    if (this.#missing === undefined) return;
    if (2 * ++this.#count > this.#hashes.length) this.#grow();
    this.#put(this.#missing, text);
    this.#missing = undefined;
  }

  #put(hash: number, text: string): void {
    const mask = this.#hashes.length - 1;
    let place = placeOf(hash, mask);
    while (this.#texts[place] !== undefined) place = (place + 1) & mask;
    this.#hashes[place] = hash;
    this.#texts[place] = text;
  }

  #grow(): void {
    const [hashes, texts] = [this.#hashes, this.#texts];
    this.#hashes = new Int32Array(2 * hashes.length);
    this.#texts = new Array(2 * texts.length).fill(undefined);
    for (let place = 0; place < texts.length; place++) {
      const text = texts[place];
      if (text !== undefined) this.#put(hashes[place] as number, text);
    }
  }
}

/** The hash; undefined if not all is ASCII. */
function hashOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  let hash = FIRST_HASH;
  let all = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    all |= byte;
    hash = Math.imul(hash ^ byte, FACTOR);
  }
  return all < 0x80 ? hash : undefined;
}

function isSame(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}
