/** How far two runs of the same function are from each other. */

/** Saturated scores of 1e-8 are rounding of a runtime's Sigmoid: nothing is asked of their digits. */
const LEAST = 1e-3;

/**
 * The largest difference, relative to the largest finite number of what was wanted; infinite if only one of two numbers is finite, one of
 * them is NaN, or there are more of one than of the other.
 */
export function relativeGap(made: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (made.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let [largest, gap] = [LEAST, 0];
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [made[i] as number, wanted[i] as number];
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
    // What a mask made infinite is so in both, and random input may give NaN in both. Zeros of both signs are equal.
    if (Object.is(a, b) || a === b) continue;
    const difference = Math.abs(a - b);
    gap = Math.max(gap, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }
  return gap / largest;
}
