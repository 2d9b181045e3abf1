/**
 * Bytes that are looked at, not copied: a {@link Slice} names a range of a {@link ByteSource}, which is a block of
 * memory or a file. A model's weights stay slices from reading to writing, so that a rewrite of a file of any size
 * holds only its structure in memory.
 */

/** Random access to bytes. Reading is synchronous: a model's structure is a few small reads. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** Bytes `start` up to, not including, `end`; a view where the source is memory. `0 <= start <= end <= size`. */
  read(start: number, end: number): Uint8Array;
  /** Fills the target with the bytes from `start` on; absent where the bytes are in memory. */
  readInto?(target: Uint8Array, start: number): void;
  /** Whether what was read lasts only until something else is: its memory is used again. */
  readonly lends?: true;
}

/** A block of memory as a source; reading returns views. */
export class MemorySource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.byteLength;
  }

  read(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  /** A view of all bytes, to read numbers from. All lists of numbers share it: a large model has 100,000 short ones. */
  get view(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }
}

/** Memory that pieces are put behind one another in; what was read before stays as it was. */
export class PiecedSource implements ByteSource {
  #bytes = new Uint8Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(piece: Uint8Array): void {
    const size = this.#size + piece.length;
    if (size > this.#bytes.length) {
      // At least twice as large, so that many small pieces take linear time.
      const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#size);
    this.#size = size;
  }

  read(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }
}

/** The bytes `start` up to `end` of a source. Immutable. */
export class Slice {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;

  constructor(source: ByteSource, start: number, end: number) {
    this.source = source;
    this.start = start;
    this.end = end;
  }

  /** A slice over a whole block of memory. */
  static of(bytes: Uint8Array): Slice {
    return new Slice(new MemorySource(bytes), 0, bytes.byteLength);
  }

  /** In bytes. */
  get length(): number {
    return this.end - this.start;
  }

  /** All of it: a view where the source is memory, else read now. */
  bytes(): Uint8Array {
    return this.source.read(this.start, this.end);
  }

  /** A part of it, in bytes from this slice's start. */
  sub(start: number, end: number): Slice {
    return new Slice(this.source, this.start + start, this.start + end);
  }

  /** In pieces of at most `size` bytes, so that a copy needs a bounded buffer. */
  *chunks(size = 4 << 20): Generator<Uint8Array> {
    for (let at = this.start; at < this.end; at += size) {
      yield this.source.read(at, Math.min(at + size, this.end));
    }
  }
}

/** Copies a few bytes: a loop, as set() takes longer for the hundred of a name or a text. @returns where the copy ends */
export function copyFew(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  let own = at;
  for (let place = start; place < end; place++) to[own++] = from[place] as number;
  return own;
}
