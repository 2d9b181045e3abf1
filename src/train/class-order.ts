/** Whether a file's own answers fit the classes of the data better in another order: then its outputs mean them in that order. */
import { cheapestPairs } from './detect/hungarian.ts';
import type { Score } from './types.ts';

/** Beyond this the order is not looked for: its time grows with the cube. */
const MOST_CLASSES = 100;
/** How likely chance may make some order look as much better as is told. */
const CHANCE = 0.1;

/**
 * Looks for a better order of the classes.
 *
 * An order is told if it is right more often than the given one by more than chance explains, for answers that have nothing to do with the
 * classes: a sample moves the difference by −1, 0 or 1, so that Hoeffding's bound, over all orders, is √(2 n (ln K! − ln 0.1)). It must also be right
 * that much more often than one answer for all would be: an untrained file that answers one class to every pixel tells nothing.
 *
 * @param classes of the data, in the order of the file's outputs
 * @returns a sentence, or nothing
 */
export function betterOrder({ confusion }: Score, classes: readonly string[] | undefined): string[] {
  const count = classes?.length ?? 0;
  if (classes === undefined || confusion === undefined || count < 2 || count > MOST_CLASSES) return [];
  const at = (right: number, answered: number) => confusion[right]?.[answered] ?? 0;
  const meant = cheapestPairs(count, count, (output, label) => -at(label, output));
  let [all, own, best, orders, most] = [0, 0, 0, 0, 0];
  for (let output = 0; output < count; output++) {
    for (let label = 0; label < count; label++) all += at(label, output);
    own += at(output, output);
    best += at(meant[output] as number, output);
    orders += Math.log(output + 1);
    most = Math.max(most, confusion[output]?.reduce((sum, times) => sum + times, 0) ?? 0);
  }
  if (best - Math.max(own, most) <= Math.sqrt(2 * all * (orders - Math.log(CHANCE)))) return [];
  const order = meant.map((label) => classes[label]).join(',');
  const share = (right: number) => (right / all).toFixed(3);
  return [
    `the file as it was answers as if its classes were ${order}: accuracy ${share(best)}, and ${share(own)} in the order of the data; if that is what its outputs mean, use --classes ${order}`,
  ];
}
