/** Values of runs, compared. */
import { numbersOf, type Value } from '../../src/runtime/session.ts';

/** The largest difference of two values; infinity if their shapes differ. */
export function largestDifference(a: Value, b: Value): number {
  if (a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  const [x, y] = [numbersOf(a) ?? [], numbersOf(b) ?? []];
  return Array.from(x).reduce((most, value, i) => Math.max(most, Math.abs(value - (y[i] as number))), 0);
}
