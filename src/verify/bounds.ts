/** How far a computed norm may be from its float64 reference, and how far it is. */

import { groupReference } from '../norms/reference.ts';
import type { GroupedNorm } from '../norms/types.ts';
import { DataType, isHalf, unitRoundoff } from '../onnx/data-type.ts';

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
 * 3. 16-bit types compute in float32, then round γ′ x̂, β′ and their sum to 16 bits: 4 of their own u.
 *
 * @param terms of the longest chain of sums
 */
export function tolerance(type: DataType, terms: number): number {
  const computed = unitRoundoff(isHalf(type) ? DataType.FLOAT : type);
  const stored = isHalf(type) ? 4 * unitRoundoff(type) : 0;
  return stored + (8 + Math.sqrt(terms)) * computed;
}

/** Terms of the sums behind one group's mean: all at once, or one axis after the other and then the group's channels. */
export function sumTerms(dims: readonly number[], { channels, groups }: GroupedNorm, oneStage: boolean): number {
  const spatial = dims.slice(2);
  const size = channels / groups;
  return oneStage
    ? spatial.reduce((product, dim) => product * dim, size)
    : spatial.reduce((sum, dim) => sum + dim, size);
}

/**
 * The deviation of y from the norm's float64 reference on x. Samples are taken one at a time, so that the reference needs
 * three float64 arrays of one sample and no more.
 *
 * @param x row-major, shape `dims` = [N, C, D₁, …]
 * @param y of the same shape
 */
export function deviation(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  dims: readonly number[],
  norm: GroupedNorm,
  type: DataType,
  oneStage: boolean,
): Deviation {
  const unit = tolerance(type, sumTerms(dims, norm, oneStage));
  const samples = dims[0] ?? 1;
  const size = x.length / samples;
  let worst = NO_DEVIATION;
  for (let sample = 0; sample < samples; sample++) {
    const start = sample * size;
    const { values, magnitude } = groupReference(part(x, start, start + size), [1, ...dims.slice(1)], norm);
    for (let i = 0; i < size; i++) {
      const error = Math.abs((y[start + i] as number) - (values[i] as number));
      worst = worse(worst, { error, bound: unit * (magnitude[i] as number) });
    }
  }
  return worst;
}

/** The one that is larger against its bound; NaN is larger than all. */
export function worse(a: Deviation, b: Deviation): Deviation {
  if (Number.isNaN(a.error)) return a;
  // Without divisions, which a bound of 0 would spoil.
  return !(b.error * a.bound <= a.error * b.bound) || (a.bound === 0 && a.error === 0) ? b : a;
}

/** Whether a deviation keeps to its bound; NaN does not. */
export function isWithin({ error, bound }: Deviation): boolean {
  return error <= bound;
}

/** A view of a range where the list is a typed array, as those of the runtime are. */
export function part(list: ArrayLike<number>, start: number, end: number): ArrayLike<number> {
  if (start === 0 && end === list.length) return list;
  return ArrayBuffer.isView(list) ? (list as Float32Array).subarray(start, end) : Array.from(list).slice(start, end);
}
