/**
 * Attributes that a file repeats: 100,000 nodes have some ten different kernels, strides and pads. What is spelled by the same bytes is one
 * message, so that it is decoded and kept once.
 */
import { holdsMore } from './attributes.ts';
import { FIRST_HASH, hashOn, placeOf } from './fnv.ts';
import type { Mutable } from './messages.ts';
import type { AttributeProto } from './schema.ts';

/** Longer ones are of their own. */
const LONGEST = 96;
/** Places of the table. What is met at a place that is taken takes it. */
const PLACES = 1 << 8;
/** So many are not looked up, as for {@link Texts}. */
const FEW = 2000;

interface Repeat {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly message: Mutable;
}

export class Repeats {
  #left: number;
  readonly #known: (Repeat | undefined)[] = new Array(PLACES).fill(undefined);
  /** Of what {@link find} did not find; −1 if that is not kept. */
  #place = -1;

  constructor(few = FEW) {
    this.#left = few;
  }

  /** Gives the message that the bytes from `start` to `end`, its tag and length among them, were decoded to before. */
  find(bytes: Uint8Array, start: number, end: number): Mutable | undefined {
    this.#place = -1;
    if (this.#left > 0) {
      this.#left--;
      return undefined;
    }
    if (end - start > LONGEST) return undefined;
    const place = placeOf(hashOn(FIRST_HASH, bytes, start, end), PLACES - 1);
    const known = this.#known[place];
    if (known !== undefined && isSame(known, bytes, start, end)) return known.message;
    this.#place = place;
    return undefined;
  }

  /** Keeps what the bytes of the last {@link find} were decoded to. Tensors and graphs are told apart by who asks for them: each is its own. */
  keep(bytes: Uint8Array, start: number, end: number, message: Mutable): void {
    if (this.#place < 0 || holdsMore(message as object as AttributeProto)) return;
    this.#known[this.#place] = { bytes, start, end, message };
    this.#place = -1;
  }
}

function isSame(known: Repeat, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.end - known.start !== end - start) return false;
  const by = known.start - start;
  for (let at = start; at < end; at++) if (known.bytes[at + by] !== bytes[at]) return false;
  return true;
}
