/** How much targets vary, which losses of outputs are weighed by. */
import { numbersIn, type Value } from '../../runtime/session.ts';

/** Computes the variance of all numbers of some values together; 0 if there are none. Missing values and strings are left out. */
export function varianceOf(values: readonly (Value | undefined)[]): number {
  let [count, mean, squares] = [0, 0, 0];
  for (const value of values) {
    const numbers = numbersIn(value);
    for (let i = 0; i < numbers.length; i++) {
      // Welford's update, which a large mean costs no digits.
      const gap = (numbers[i] as number) - mean;
      mean += gap / ++count;
      squares += gap * ((numbers[i] as number) - mean);
    }
  }
  return count === 0 ? 0 : squares / count;
}
