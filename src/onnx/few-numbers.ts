/** Short lists of numbers: a large model has a million, and memory of its own for each takes longer than what is done with it. */

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
