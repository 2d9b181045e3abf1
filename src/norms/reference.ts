/** Normalisation over groups of channels in float64, and how exact a lower precision can be: what verification trusts. */
import type { GroupedNorm, Reference } from './types.ts';

/**
 * y = γ′ (x − m)/√(v + ε) + β′ with one mean m and one biased variance v per sample and group, in float64.
 *
 * Sums are Neumaier's (compensated), in two passes, so that the result is exact to float64's rounding at any length.
 *
 * @param x row-major, shape [N, C, D₁, …]
 * @param dims its shape
 * @param into where values and magnitudes are put, as many as there are in x; new arrays if not given
 */
export function groupReference(
  x: ArrayLike<number>,
  dims: readonly number[],
  norm: GroupedNorm,
  into: Pick<Reference, 'values' | 'magnitude'> = roomFor(x.length),
): Reference {
  const { channels, groups, epsilon, scale, bias } = norm;
  const samples = dims[0] ?? 1;
  const area = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const perGroup = (channels / groups) * area;
  const means = new Float64Array(samples * groups);
  const variances = new Float64Array(samples * groups);
  for (let block = 0; block < samples * groups; block++) {
    const start = block * perGroup;
    const mean = sum(x, start, perGroup) / perGroup;
    const variance = sumOfSquares(x, start, perGroup, mean) / perGroup;
    means[block] = mean;
    variances[block] = variance;
    const deviation = Math.sqrt(variance + epsilon);
    const largest = largestIn(x, start, perGroup);
    const firstChannel = (block % groups) * (channels / groups);
    for (let member = 0; member < channels / groups; member++) {
      const [gain, beta] = [scale[firstChannel + member] as number, bias[firstChannel + member] as number];
      fillChannel(x, start + member * area, area, { gain, beta, mean, deviation, largest }, into);
    }
  }
  return { ...into, mean: means, variance: variances };
}

/** Arrays for values and magnitudes of so many numbers. */
export function roomFor(count: number): Pick<Reference, 'values' | 'magnitude'> {
  return { values: new Float64Array(count), magnitude: new Float64Array(count) };
}

/** What all numbers of a channel have in common. */
interface Channel {
  readonly gain: number;
  readonly beta: number;
  readonly mean: number;
  readonly deviation: number;
  readonly largest: number;
}

// What follows are loops over many numbers, each a function of its own: V8 compiles a function that is called often as a whole, and of one
// that is called once a sample only the loop that it is in, again and again.

function fillChannel(
  x: ArrayLike<number>,
  start: number,
  count: number,
  { gain, beta, mean, deviation, largest }: Channel,
  { values, magnitude }: Pick<Reference, 'values' | 'magnitude'>,
): void {
  const ofLargest = (Math.abs(gain) * largest) / deviation;
  for (let i = start; i < start + count; i++) {
    const y = (gain * ((x[i] as number) - mean)) / deviation + beta;
    values[i] = y;
    magnitude[i] = ofLargest + Math.abs(y);
  }
}

/** The largest |x| of a range. */
function largestIn(x: ArrayLike<number>, start: number, count: number): number {
  let largest = 0;
  for (let i = start; i < start + count; i++) largest = Math.max(largest, Math.abs(x[i] as number));
  return largest;
}

/** Neumaier's compensated sum of x over a range. */
function sum(x: ArrayLike<number>, start: number, count: number): number {
  let total = 0;
  let compensation = 0;
  for (let i = start; i < start + count; i++) {
    const term = x[i] as number;
    const next = total + term;
    compensation += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    total = next;
  }
  return total + compensation;
}

/** The same of (x − mean)². */
function sumOfSquares(x: ArrayLike<number>, start: number, count: number, mean: number): number {
  let total = 0;
  let compensation = 0;
  for (let i = start; i < start + count; i++) {
    const difference = (x[i] as number) - mean;
    const term = difference * difference;
    const next = total + term;
    compensation += total >= term ? total - next + term : term - next + total;
    total = next;
  }
  return total + compensation;
}
