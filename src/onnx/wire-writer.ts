/** Small values in wire format, one behind another in a block of memory. */
import type { Int64 } from './table.ts';

/** Strings up to this length are written behind a length of one byte, which is put right where they turn out longer. */
const ONE_BYTE = 0x80;

export class WireWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  /** @param size in bytes; grows where that is not enough */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes were written since the last {@link take}. */
  get length(): number {
    return this.#at;
  }

  /** Hands over what was written since the last time. */
  take(): Uint8Array {
    const [block, at] = [this.#bytes, this.#at];
    this.#at = 0;
    // A block that is mostly empty is copied from, and used again.
    if (at < block.length / 2) return block.slice(0, at);
    this.#bytes = new Uint8Array(block.length);
    this.#view = new DataView(this.#bytes.buffer);
    return block.subarray(0, at);
  }

  /** Shows what was written since the last time, until something else is written: the block is used again. */
  lend(): Uint8Array {
    const written = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return written;
  }

  /** An unsigned integer of up to 53 bits. */
  varint(value: number): void {
    this.#reserve(10);
    this.#at = putVarint(this.#bytes, this.#at, value);
  }

  /** A signed integer. A negative one takes ten bytes, as the format asks. */
  integer(value: Int64): void {
    if (typeof value === 'number' && value >= 0) {
      this.varint(value);
      return;
    }
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | ONE_BYTE;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    // A loop: set() takes longer for the few bytes of a node.
    if (bytes.length < 32)
      for (let index = 0; index < bytes.length; index++) this.#bytes[this.#at + index] = bytes[index] as number;
    else this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** So many bytes, to be written by the caller from a place of the block on. */
  room(count: number): { readonly block: Uint8Array; readonly at: number } {
    this.#reserve(count);
    const at = this.#at;
    this.#at += count;
    return { block: this.#bytes, at };
  }

  /** A text in UTF-8, its length before it. */
  string(text: string): void {
    // The most that a UTF-16 unit takes.
    this.#reserve(10 + 3 * text.length);
    const start = this.begin();
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) bytes[at++] = unit;
      else if (unit < 0x800) {
        bytes[at++] = 0xc0 | (unit >> 6);
        bytes[at++] = 0x80 | (unit & 0x3f);
      } else {
        let point = unit;
        // Half of a pair alone is no character: U+FFFD, as TextEncoder has it.
        if (unit >= 0xd800 && unit < 0xe000) point = text.codePointAt(index) as number;
        if (point >= 0x10000) index++;
        else if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
        at = putLong(bytes, at, point);
      }
    }
    this.#at = at;
    this.end(start);
  }

  /** Begins something that its length stands before; give what is returned to {@link end}. */
  begin(): number {
    this.#reserve(1);
    return ++this.#at;
  }

  /** Writes the length of what came since, moving that where a byte is too little. */
  end(start: number): void {
    const length = this.#at - start;
    if (length < ONE_BYTE) {
      this.#bytes[start - 1] = length;
      return;
    }
    const extra = length < 2 ** 14 ? 1 : length < 2 ** 21 ? 2 : length < 2 ** 28 ? 3 : 4;
    this.#reserve(extra);
    this.#bytes.copyWithin(start + extra, start, this.#at);
    this.#at = start - 1;
    this.varint(length);
    this.#at += length;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Puts an unsigned integer of up to 53 bits there, and tells where it ends. */
export function putVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= ONE_BYTE) {
    bytes[at++] = (rest % ONE_BYTE) | ONE_BYTE;
    rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / ONE_BYTE);
  }
  bytes[at++] = rest;
  return at;
}

/** How many bytes an unsigned integer of up to 53 bits takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= ONE_BYTE; rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / ONE_BYTE)) size++;
  return size;
}

/** A character of three or four bytes. */
function putLong(bytes: Uint8Array, start: number, point: number): number {
  let at = start;
  if (point < 0x10000) {
    bytes[at++] = 0xe0 | (point >> 12);
  } else {
    bytes[at++] = 0xf0 | (point >> 18);
    bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
  }
  bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
  bytes[at++] = 0x80 | (point & 0x3f);
  return at;
}
