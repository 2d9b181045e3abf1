/** How two lists of numbers are spread, over the same bins. */

/** Counts of both over equal bins between `from` and `to`; what lies outside is counted in the outermost bin. */
export interface HistogramPair {
  readonly from: number;
  readonly to: number;
  readonly source: readonly number[];
  readonly rewritten: readonly number[];
}

/** So many bins show the shape, and no more. */
const BINS = 48;
/** Standard deviations of the source on either side of its mean: a single number far off must not make one bin of all others. */
const REACH = 4;

/** @returns `undefined` where a number is not finite, or there is none */
export function histogramsOf(source: ArrayLike<number>, rewritten: ArrayLike<number>): HistogramPair | undefined {
  const [a, b] = [summaryOf(source), summaryOf(rewritten)];
  if (![a.least, a.most, b.least, b.most].every(Number.isFinite)) return undefined;
  const reach = REACH * a.deviation;
  // A source that answers one number has no reach of its own.
  const [least, most] =
    reach > 0 ? [a.mean - reach, a.mean + reach] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const from = Math.max(least, Math.min(a.least, b.least));
  const to = Math.min(most, Math.max(a.most, b.most));
  // All are equal: one bin around them, as wide as a float32 can tell.
  const margin = to > from ? 0 : Math.max(Math.abs(from) * 2 ** -20, 2 ** -100);
  const [start, end] = [from - margin, to + margin];
  return { from: start, to: end, source: countsOf(source, start, end), rewritten: countsOf(rewritten, start, end) };
}

function summaryOf(values: ArrayLike<number>): { least: number; most: number; mean: number; deviation: number } {
  let [least, most, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    // Keeps NaN.
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] as number) - mean) ** 2;
  return { least, most, mean, deviation: Math.sqrt(squares / values.length) };
}

function countsOf(values: ArrayLike<number>, from: number, to: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  const scale = BINS / (to - from);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor(((values[i] as number) - from) * scale)));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}
