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
 * The bound, as a multiple of {@link Reference.magnitude}.
 *
 * 1. Rounding x − m, the square, v + ε, the root, the quotient, γ′ and β′ costs at most 8 u: the constant of the first
 *    order analysis, each operation once.
 * 2. A sum of n terms costs up to n u, and √n u with high probability, as roundings are of either sign (Higham & Mary 2019,
 *    SIAM J. Sci. Comput. 41(5)). ONNX Runtime's kernels were measured within 0.2 √n u (docs/decisions.md).
 * 3. 16-bit types compute in float32, then round x̂ (at most 2 magnitudes), γ′ x̂ and the sum to 16 bits: 5 of their own u.
 *
 * @param terms of the longest chain of sums
 */
export function tolerance(type: DataType, terms: number): number {
  const computed = unitRoundoff(isHalf(type) ? DataType.FLOAT : type);
  const stored = isHalf(type) ? 5 * unitRoundoff(type) : 0;
  return stored + (8 + Math.sqrt(terms)) * computed;
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
  { norm, x, dims, type, oneStage }: Computed,
  at: (index: number, reference: number, bound: number) => Deviation,
): Deviation {
  const unit = tolerance(type, sumTerms(dims, norm, oneStage));
  const floor = floorOf(type);
  const samples = dims[0] ?? 1;
  const size = x.length / samples;
  let worst = NO_DEVIATION;
  for (let sample = 0; sample < samples; sample++) {
    const start = sample * size;
    const { values, magnitude } = groupReference(part(x, start, start + size), [1, ...dims.slice(1)], norm);
    for (let i = 0; i < size; i++) {
      worst = worse(worst, at(start + i, values[i] as number, unit * (magnitude[i] as number) + floor));
    }
  }
  return worst;
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
