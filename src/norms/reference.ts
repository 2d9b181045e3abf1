/** Normalisation over groups of channels in float64, and how exact a lower precision can be: what verification trusts. */
import type { GroupedNorm } from './types.ts';

/** The exact result, and what bounds the error of a less exact one. */
export interface Reference {
  /** y, in the layout of x. */
  readonly values: Float64Array;
  /** For each element |γ′|·max|x|/√(v+ε) + |y|: the size that roundoff is relative to. */
  readonly magnitude: Float64Array;
  /** m of each group, [N, G]. */
  readonly mean: Float64Array;
  /** v of each group, [N, G]. */
  readonly variance: Float64Array;
}

/**
 * y = γ′ (x − m)/√(v + ε) + β′ with one mean m and one biased variance v per sample and group, in float64.
 *
 * Sums are Neumaier's (compensated), in two passes, so that the result is exact to float64's rounding at any length.
 *
 * @param x row-major, shape [N, C, D₁, …]
 * @param dims its shape
 */
export function groupReference(x: ArrayLike<number>, dims: readonly number[], norm: GroupedNorm): Reference {
  const { channels, groups, epsilon, scale, bias } = norm;
  const samples = dims[0] ?? 1;
  const area = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const perGroup = (channels / groups) * area;
  const values = new Float64Array(x.length);
  const magnitude = new Float64Array(x.length);
  const means = new Float64Array(samples * groups);
  const variances = new Float64Array(samples * groups);
  for (let block = 0; block < samples * groups; block++) {
    const start = block * perGroup;
    const mean = sum(x, start, perGroup, (value) => value) / perGroup;
    const variance = sum(x, start, perGroup, (value) => (value - mean) ** 2) / perGroup;
    means[block] = mean;
    variances[block] = variance;
    const deviation = Math.sqrt(variance + epsilon);
    let largest = 0;
    for (let i = start; i < start + perGroup; i++) largest = Math.max(largest, Math.abs(x[i] as number));
    const firstChannel = (block % groups) * (channels / groups);
    for (let member = 0; member < channels / groups; member++) {
      const [gain, beta] = [scale[firstChannel + member] as number, bias[firstChannel + member] as number];
      const ofLargest = (Math.abs(gain) * largest) / deviation;
      for (let i = start + member * area; i < start + (member + 1) * area; i++) {
        const y = (gain * ((x[i] as number) - mean)) / deviation + beta;
        values[i] = y;
        magnitude[i] = ofLargest + Math.abs(y);
      }
    }
  }
  return { values, magnitude, mean: means, variance: variances };
}

/** Neumaier's compensated sum of `of(x)` over a range. */
function sum(x: ArrayLike<number>, start: number, count: number, of: (value: number) => number): number {
  let total = 0;
  let compensation = 0;
  for (let i = start; i < start + count; i++) {
    const term = of(x[i] as number);
    const next = total + term;
    compensation += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    total = next;
  }
  return total + compensation;
}
