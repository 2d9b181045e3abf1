/** Short lists of numbers: a large model has a million, and memory of its own for each takes longer than what is done with it. */
import { MemorySource, Slice } from './bytes.ts';

/** So many numbers are few. */
const FEW_NUMBERS = 64;

/** Numbers of one block. */
const BLOCK = 4096;

let block = new Float64Array(BLOCK);
let used = 0;

/** A list of so many zeros; if they are few, a part of a block, which nothing else has. */
export function numbers(count: number): Float64Array {
  if (count > FEW_NUMBERS) return new Float64Array(count);
  if (used + count > BLOCK) {
    block = new Float64Array(BLOCK);
    used = 0;
  }
  used += count;
  return block.subarray(used - count, used);
}

/** Bytes of one block of data. */
const BYTES = 1 << 16;
/** Where data begins, so that it can be looked at as numbers of any type. */
const ALIGNMENT = 8;

let data = new MemorySource(new Uint8Array(BYTES));
let taken = 0;

/** So many bytes of zeros to be filled in, by {@link MemorySource.view}; if they are few, a part of a block, which nothing else has. */
export function dataOf(length: number): { readonly slice: Slice; readonly view: DataView } {
  if (length > FEW_NUMBERS * Float64Array.BYTES_PER_ELEMENT) {
    const own = new MemorySource(new Uint8Array(length));
    return { slice: new Slice(own, 0, length), view: own.view };
  }
  if (taken + length > BYTES) {
    data = new MemorySource(new Uint8Array(BYTES));
    taken = 0;
  }
  const start = taken;
  taken += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  return { slice: new Slice(data, start, start + length), view: data.view };
}
