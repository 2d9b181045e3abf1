/**
 * Texts that begin alike, as bytes: put in order and hashed without being strings. Those of 100,000 nodes would be half a gigabyte of strings,
 * and to sort them takes longer.
 *
 * 1. Bytes of ASCII come in the order of the strings' characters. One text that is not ASCII, and the list is sorted as strings.
 * 2. Sorting looks at a few characters of all texts at a time, as one number, and then at the next ones of those that are alike so far
 *    (as J. Bentley and R. Sedgewick, *Fast Algorithms for Sorting and Searching Strings*, 1997).
 */

import { copyFew } from '../onnx/bytes.ts';
import { FACTOR, FIRST_HASH, hashOn } from '../onnx/fnv.ts';
import { AsciiList } from './ascii-list.ts';

/** The hash over the characters of a text. */
export function hashOf(text: string): number {
  let hash = FIRST_HASH;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), FACTOR);
  return hash;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Bytes that are handed over at once. */
const CHUNK = 1 << 16;

export class TextList {
  readonly start: string;
  readonly texts: AsciiList;
  /** Those that are not ASCII. */
  readonly others: string[];
  readonly #startHash: number;

  /**
   * @param start that all texts begin with
   * @param texts what is in it already, without the start
   */
  constructor(start: string, texts = new AsciiList(), others: string[] = []) {
    this.start = start;
    this.texts = texts;
    this.others = others;
    this.#startHash = hashOf(start);
  }

  /** Makes room for so many more texts of about so many characters. */
  expect(count: number, length: number): void {
    this.texts.expect(count * length, count);
  }

  /** Adds a text, given without its start. @returns hash of all of it */
  add(rest: string): number {
    const texts = this.texts;
    texts.reserve(rest.length);
    const { bytes } = texts;
    let at = texts.size;
    let hash = this.#startHash;
    let all = 0;
    for (let index = 0; index < rest.length; index++) {
      const unit = rest.charCodeAt(index);
      bytes[at++] = unit;
      all |= unit;
      hash = Math.imul(hash ^ unit, FACTOR);
    }
    if (all < 0x80) texts.ends[texts.count++] = at;
    else this.others.push(this.start + rest);
    return hash;
  }

  /**
   * Adds a text of a pattern for each of many runs: what it begins with, and behind it a name of the run and bytes, by turns.
   *
   * @param names of all runs, of which each has so many
   * @param hashed is called back with the number of each run and the hash of all of its text
   */
  addRuns(
    { head, tail }: PatternText,
    names: AsciiList,
    each: number,
    hashed: (run: number, hash: number) => void,
  ): void {
    const texts = this.texts;
    const headHash = hashOn(this.#startHash, head, 0, head.length);
    const fixed = tail.reduce((sum, { bytes }) => sum + bytes.length, head.length);
    const { bytes: from, ends } = names;
    for (let before = 0; before < names.count; before += each) {
      let length = fixed;
      for (let index = 0; index < tail.length; index++) {
        const name = before + (tail[index] as TextPiece).gap;
        length += (ends[name] as number) - names.start(name);
      }
      texts.reserve(length);
      const to = texts.bytes;
      let at = texts.size;
      to.set(head, at);
      at += head.length;
      let hash = headHash;
      for (let index = 0; index < tail.length; index++) {
        const { gap, bytes } = tail[index] as TextPiece;
        const name = before + gap;
        const end = ends[name] as number;
        // Hashed as they are copied, which costs nothing more: the next step of a hash waits for the one before.
        for (let place = names.start(name); place < end; place++) {
          const unit = from[place] as number;
          to[at++] = unit;
          hash = Math.imul(hash ^ unit, FACTOR);
        }
        for (let place = 0; place < bytes.length; place++) {
          const unit = bytes[place] as number;
          to[at++] = unit;
          hash = Math.imul(hash ^ unit, FACTOR);
        }
      }
      texts.ends[texts.count++] = at;
      hashed(before / each, hash);
    }
  }

  /** All texts in order, each with a line break before it, in chunks that are overwritten by the next one. */
  *sorted(): Generator<Uint8Array | string> {
    if (this.others.length > 0) {
      yield* this.#asStrings();
      return;
    }
    const start = encoder.encode(`\n${this.start}`);
    const texts = this.texts;
    const order = orderOf(texts);
    let chunk = new Uint8Array(CHUNK);
    let size = 0;
    for (let index = 0; index < order.length; index++) {
      const text = order[index] as number;
      const [from, to] = [texts.start(text), texts.ends[text] as number];
      const length = start.length + to - from;
      if (size + length > chunk.length) {
        if (size > 0) yield chunk.subarray(0, size);
        if (length > chunk.length) chunk = new Uint8Array(length);
        size = 0;
      }
      size = copyFew(start, 0, start.length, chunk, size);
      size = copyFew(texts.bytes, from, to, chunk, size);
    }
    if (size > 0) yield chunk.subarray(0, size);
  }

  *#asStrings(): Generator<string> {
    const { bytes, ends, count } = this.texts;
    const all = [...this.others];
    for (let text = 0; text < count; text++) {
      all.push(this.start + decoder.decode(bytes.subarray(this.texts.start(text), ends[text])));
    }
    for (const text of all.sort()) yield `\n${text}`;
  }
}

/** Bytes of ASCII, and the number of the name before them. */
export interface TextPiece {
  readonly gap: number;
  readonly bytes: Uint8Array;
}

/** A text of ASCII with names of a run in it. */
export interface PatternText {
  /** What stands before the first name. */
  readonly head: Uint8Array;
  readonly tail: readonly TextPiece[];
}

/** The texts of lists, one list after the other, each in its order, with a line break between each two. */
export function* joined(lists: Iterable<TextList>): Generator<Uint8Array | string> {
  let isFirst = true;
  for (const list of lists) {
    for (const chunk of list.sorted()) {
      yield isFirst ? (typeof chunk === 'string' ? chunk.slice(1) : chunk.subarray(1)) : chunk;
      isFirst = false;
    }
  }
}

/** Characters of ASCII that a number holds exactly: seven bits each. */
const AT_ONCE = 7;
/** Fewer than this are put in order one by one. */
const FEW = 12;

/** (2) The texts in order, by their numbers. */
function orderOf(texts: AsciiList): Int32Array {
  const { count } = texts;
  const order = new Int32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  const keys = new Float64Array(count);
  /** Ranges of texts that are alike up to a place: first, end, place. */
  const pending = [0, count, 0];
  while (pending.length > 0) {
    const place = pending.pop() as number;
    const end = pending.pop() as number;
    const first = pending.pop() as number;
    for (let index = first; index < end; index++) keys[index] = keyAt(texts, order[index] as number, place);
    sortByKeys(order, keys, first, end);
    for (let start = first; start < end; ) {
      const key = keys[start] as number;
      let next = start + 1;
      while (next < end && keys[next] === key) next++;
      // A key whose last character is 0 is of texts that end there.
      if (next - start > 1 && key % 128 !== 0) pending.push(start, next, place + AT_ONCE);
      start = next;
    }
  }
  return order;
}

/** The next characters of a text as one number; 0 stands for each behind its end. */
function keyAt({ bytes, ends }: AsciiList, text: number, place: number): number {
  const start = (text === 0 ? 0 : (ends[text - 1] as number)) + place;
  const end = ends[text] as number;
  let key = 0;
  for (let at = start; at < start + AT_ONCE; at++) key = key * 128 + (at < end ? (bytes[at] as number) : 0);
  return key;
}

/** Puts a range of texts in the order of their keys. Nothing is made in these loops: pairs of numbers in arrays were half a gigabyte. */
function sortByKeys(order: Int32Array, keys: Float64Array, start: number, stop: number): void {
  const pending = [start, stop];
  while (pending.length > 0) {
    const end = pending.pop() as number;
    const first = pending.pop() as number;
    if (end - first < FEW) {
      insertByKeys(order, keys, first, end);
      continue;
    }
    const pivot = middle(keys[first] as number, keys[(first + end) >> 1] as number, keys[end - 1] as number);
    let less = first;
    let at = first;
    let more = end;
    while (at < more) {
      const key = keys[at] as number;
      if (key < pivot) swap(order, keys, less++, at++);
      else if (key > pivot) swap(order, keys, at, --more);
      else at++;
    }
    pending.push(first, less, more, end);
  }
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(order: Int32Array, keys: Float64Array, a: number, b: number): void {
  const text = order[a] as number;
  const key = keys[a] as number;
  order[a] = order[b] as number;
  keys[a] = keys[b] as number;
  order[b] = text;
  keys[b] = key;
}

function insertByKeys(order: Int32Array, keys: Float64Array, first: number, end: number): void {
  for (let next = first + 1; next < end; next++) {
    const text = order[next] as number;
    const key = keys[next] as number;
    let at = next;
    for (; at > first && (keys[at - 1] as number) > key; at--) {
      order[at] = order[at - 1] as number;
      keys[at] = keys[at - 1] as number;
    }
    order[at] = text;
    keys[at] = key;
  }
}
