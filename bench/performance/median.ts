/**
 * The middle value; of an even number, the mean of the two in the middle.
 *
 * @throws RangeError where there is none
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median: there are no values');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[Math.floor(index)] as number;
  return (at((sorted.length - 1) / 2) + at(sorted.length / 2)) / 2;
}
