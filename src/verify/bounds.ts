/** How far a computed norm may be from its float64 reference, and how far it is. */

import { groupReference } from '../norms/reference.ts';
import type { GroupedNorm } from '../norms/types.ts';
import { DataType, isHalf, smallestStep, unitRoundoff } from '../onnx/data-type.ts';

/** A deviation and what it may be, both in the unit of y, at the element where the one is largest against the other. */
export interface Deviation {
  readonly error: number;
  readonly bound: number;
}

/** Nothing deviates yet. */
export const NO_DEVIATION: Deviation = { error: 0, bound: 0 };

/**
 * The part of the bound that is a multiple of {@link Reference.magnitude}.
 *
 * 1. Rounding x − m, the square, v + ε, the root, the quotient, γ′ and β′ costs at most 8 u: the constant of the first
 *    order analysis, each operation once.
 * 2. A sum of n terms costs √n u with high probability, as roundings are of either sign (Higham & Mary 2019, SIAM J. Sci.
 *    Comput. 41(5)). ONNX Runtime's kernels were measured within 0.2 √n u (docs/decisions.md).
 * 3. 16-bit types compute in float32, then round x̂ (at most 2 magnitudes), γ′ x̂ and the sum to 16 bits: 5 of their own u.
 *
 * @param terms of the longest chain of sums
 */
export function tolerance(type: DataType, terms: number): number {
  const stored = isHalf(type) ? 5 * unitRoundoff(type) : 0;
  return stored + (8 + Math.sqrt(terms)) * computedRoundoff(type);
}

function computedRoundoff(type: DataType): number {
  return unitRoundoff(isHalf(type) ? DataType.FLOAT : type);
}

/** What those three roundings may cost where a number is so small that it has no full precision: half a step each. */
export function floorOf(type: DataType): number {
  return 1.5 * smallestStep(type);
}

/** Terms of the sums behind one group's mean: all at once, or one axis after the other and then the group's channels. */
export function sumTerms(dims: readonly number[], { channels, groups }: GroupedNorm, oneStage: boolean): number {
  const spatial = dims.slice(2);
  const size = channels / groups;
  return oneStage
    ? spatial.reduce((product, dim) => product * dim, size)
    : spatial.reduce((sum, dim) => sum + dim, size);
}

/** What was computed at a site: by which norm, of what, in which type and form. */
export interface Computed {
  readonly norm: GroupedNorm;
  /** Row-major, shape `dims` = [N, C, D₁, …]. */
  readonly x: ArrayLike<number>;
  readonly dims: readonly number[];
  readonly type: DataType;
  /** As {@link sumTerms} has it. */
  readonly oneStage: boolean;
  /** Whether the variance is computed as E[x²] − m², which loses the digits that both have in common. */
  readonly bySquares: boolean;
}

/**
 * The deviation of y from the norm's float64 reference on x. Samples are taken one at a time, so that the reference needs
 * three float64 arrays of one sample and no more.
 *
 * @param y of x's shape
 */
export function deviation(computed: Computed, y: ArrayLike<number>): Deviation {
  return worstOf(computed, (index, reference, bound) => ({
    error: Math.abs((y[index] as number) - reference),
    bound,
  }));
}

/** The deviation of two answers to one x from each other: as far as both may be from the reference, on either side of it. */
export function disagreement(computed: Computed, a: ArrayLike<number>, b: ArrayLike<number>): Deviation {
  return worstOf(computed, (index, _, bound) => ({
    error: Math.abs((a[index] as number) - (b[index] as number)),
    bound: 2 * bound,
  }));
}

function worstOf(
  { norm, x, dims, type, oneStage, bySquares }: Computed,
  at: (index: number, reference: number, bound: number) => Deviation,
): Deviation {
  const { channels, groups, epsilon, scale, bias } = norm;
  const terms = sumTerms(dims, norm, oneStage);
  const unit = tolerance(type, terms);
  const floor = floorOf(type);
  const samples = dims[0] ?? 1;
  const size = x.length / samples;
  const [perGroup, perChannel] = [size / groups, size / channels];
  let worst = NO_DEVIATION;
  for (let sample = 0; sample < samples; sample++) {
    const values = part(x, sample * size, (sample + 1) * size);
    const reference = groupReference(values, [1, ...dims.slice(1)], norm);
    for (let group = 0; group < groups; group++) {
      const [mean, variance] = [reference.mean[group] as number, reference.variance[group] as number];
      const start = group * perGroup;
      const lost = correlated(values, start, perGroup, mean, variance, terms * computedRoundoff(type));
      const shift = lost.mean / Math.sqrt(variance + epsilon);
      const squares = bySquares ? ((unit + lost.share) * (mean * mean + variance)) / (variance + epsilon) : 0;
      // A shifted mean also adds to the variance, by its square: by less than itself, where it is not all there is anyway.
      const stretch = shift + lost.variance / 2 + squares;
      for (let i = start; i < start + perGroup; i++) {
        const channel = Math.floor(i / perChannel);
        const [y, gain] = [reference.values[i] as number, Math.abs(scale[channel] as number)];
        const extra = gain * shift + Math.abs(y - (bias[channel] as number)) * stretch;
        const bound = unit * (reference.magnitude[i] as number) + extra + floor;
        worst = worse(worst, at(sample * size + i, y, bound));
      }
    }
  }
  return worst;
}

/** Of fewer equal terms in a row the roundings add up to no more than √n u allows for: √8 times as much. */
const SHORTEST_RUN = 8;

/**
 * What sums lose beyond √n u: terms in a row that differ by less than the last digit of the sum are all rounded the same way,
 * and their roundings add up to n u. A channel that is constant has such terms, and numbers far from 0 in a group of millions.
 *
 * @param unit n u
 * @returns the error of the mean, the relative error of the variance, and the share of such terms, times `unit`
 */
function correlated(
  x: ArrayLike<number>,
  start: number,
  count: number,
  mean: number,
  variance: number,
  unit: number,
): { mean: number; variance: number; share: number } {
  const values = new Runs(2 * unit * Math.abs(mean));
  const squares = new Runs(2 * unit * variance);
  for (let i = start; i < start + count; i++) {
    const value = x[i] as number;
    values.add(value);
    squares.add((value - mean) ** 2);
  }
  const share = (unit * values.count()) / count;
  return { mean: share * Math.abs(mean), variance: (unit * squares.count()) / count, share };
}

/** Counts terms in runs of neighbours that differ by at most a step. */
class Runs {
  readonly #step: number;
  #last = Number.NaN;
  #run = 0;
  #count = 0;

  constructor(step: number) {
    this.#step = step;
  }

  add(term: number): void {
    if (Math.abs(term - this.#last) <= this.#step) this.#run++;
    else this.#finish();
    this.#last = term;
  }

  count(): number {
    this.#finish();
    return this.#count;
  }

  #finish(): void {
    if (this.#run >= SHORTEST_RUN) this.#count += this.#run;
    this.#run = 1;
  }
}

/** The one that is larger against its bound; NaN is larger than all. */
export function worse(a: Deviation, b: Deviation): Deviation {
  const [x, y] = [share(a), share(b)];
  if (Number.isNaN(x)) return a;
  // Of two that are exact, the larger bound says more.
  return y > x || Number.isNaN(y) || (y === x && b.bound > a.bound) ? b : a;
}

/** The error as a share of its bound; NaN where either is NaN. */
function share({ error, bound }: Deviation): number {
  return error === 0 && bound === 0 ? 0 : error / bound;
}

/** Whether a deviation keeps to its bound; what is not finite does not. */
export function isWithin({ error, bound }: Deviation): boolean {
  return error <= bound && error < Number.POSITIVE_INFINITY;
}

/** A view of a range where the list is a typed array, as those of the runtime are. */
export function part(list: ArrayLike<number>, start: number, end: number): ArrayLike<number> {
  if (start === 0 && end === list.length) return list;
  return ArrayBuffer.isView(list) ? (list as Float32Array).subarray(start, end) : Array.from(list).slice(start, end);
}
