/**
 * Values in wire format, read one after another from a block of memory.
 *
 * Short, and without calls between its methods where a value is mostly one byte: a model of a few hundred nodes is read before anything here
 * is compiled.
 */
import { textsOf } from '../host/node.ts';
import type { Int64 } from './table.ts';

const MORE = 0x80;
const BITS = 0x7f;

export class WireReader {
  readonly bytes: Uint8Array;
  /** Where the next value begins. */
  pos = 0;
  /** The halves of the integer that {@link long} read last, without sign. */
  low = 0;
  high = 0;
  #view: DataView | undefined;
  #texts: ((start: number, end: number) => string) | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Number and wire type of a field, as one unsigned integer of 32 bits. */
  tag(): number {
    const { bytes, pos } = this;
    const first = bytes[pos] ?? MORE;
    if (first >= MORE) return this.#longer('tag', 32);
    this.pos = pos + 1;
    return first;
  }

  /** A length in bytes, below 2³¹. */
  size(): number {
    const { bytes, pos } = this;
    const first = bytes[pos] ?? MORE;
    if (first >= MORE) return this.#longer('length', 31);
    this.pos = pos + 1;
    return first;
  }

  /** Reads an integer of 64 bits into `low` and `high`. */
  long(): void {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    let at = this.pos;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw pastEnd();
      const part = byte & BITS;
      if (shift < 32) low |= part << shift;
      if (shift === 28) high = part >> 4;
      else if (shift > 28) high |= part << (shift - 32);
      if (byte >= MORE) continue;
      this.pos = at;
      this.low = low >>> 0;
      this.high = high >>> 0;
      return;
    }
    throw new RangeError('an integer has more than ten bytes');
  }

  /** A signed integer of 32 bits; higher bits are dropped. */
  int32(): number {
    this.long();
    return this.low | 0;
  }

  /** A signed integer of 64 bits. */
  int64(): Int64 {
    const { bytes, pos } = this;
    const first = bytes[pos] ?? MORE;
    if (first < MORE) {
      this.pos = pos + 1;
      return first;
    }
    this.long();
    const high = this.high | 0;
    const value = high * 2 ** 32 + this.low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(this.low);
  }

  float(): number {
    const start = this.#take(4);
    return this.#numbers().getFloat32(start, true);
  }

  double(): number {
    const start = this.#take(8);
    return this.#numbers().getFloat64(start, true);
  }

  /** Bytes behind their length; a view. */
  payload(): Uint8Array {
    const start = this.#take(this.size());
    return this.bytes.subarray(start, this.pos);
  }

  /** The text of so many bytes of UTF-8; U+FFFD stands for what is none. */
  text(length: number): string {
    const start = this.#take(length);
    this.#texts ??= textsOf(this.bytes);
    return this.#texts(start, this.pos);
  }

  /** Goes past a value of that wire type. */
  skip(wire: number): void {
    switch (wire) {
      case 0:
        for (let byte = MORE; byte >= MORE; ) byte = this.bytes[this.#take(1)] as number;
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.#take(this.size());
        return;
      case 5:
        this.#take(4);
        return;
      default:
        throw new RangeError(`the wire type ${wire} does not exist`);
    }
  }

  /** Goes past so many bytes, and tells where they begin. */
  #take(length: number): number {
    const start = this.pos;
    if (start + length > this.bytes.length) throw pastEnd();
    this.pos = start + length;
    return start;
  }

  /** An unsigned integer of up to five bytes. */
  #longer(what: string, bits: number): number {
    const { bytes } = this;
    let value = 0;
    let at = this.pos;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw pastEnd();
      // A power of two would make it a double before this is compiled, and with it every place that is noted from then on.
      value += shift < 28 ? (byte & BITS) << shift : (byte & BITS) * 0x10000000;
      if (byte >= MORE) continue;
      if (value >= 2 ** bits) break;
      this.pos = at;
      return value;
    }
    throw new RangeError(`a ${what} has more than ${bits} bits`);
  }

  #numbers(): DataView {
    this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return this.#view;
  }
}

function pastEnd(): RangeError {
  return new RangeError('a value runs past the end');
}
