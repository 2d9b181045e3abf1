/** How exact arithmetic in an element type can be: what the error bounds of all norms are made of. */
import { DataType, isHalf, smallestStep, unitRoundoff } from '../onnx/data-type.ts';

/**
 * The part of the bound that is a multiple of {@link Reference.magnitude}.
 *
 * 1. Rounding x − m, the square, v + ε, the root, the quotient, γ′ and β′ costs at most 8 u: the constant of the first
 *    order analysis, each operation once.
 * 2. A sum of n terms costs √n u with high probability, as roundings are of either sign (Higham & Mary 2019, SIAM J. Sci.
 *    Comput. 41(5)). ONNX Runtime's kernels were measured within 0.2 √n u (docs/measurements/precision.md).
 * 3. 16-bit types compute in float32, then round x̂ (at most 2 magnitudes), γ′ x̂ and the sum to 16 bits: 5 of their own u.
 *
 * @param terms of the longest chain of sums
 */
export function tolerance(type: DataType, terms: number): number {
  return storedRoundoff(type) + (8 + Math.sqrt(terms)) * computedRoundoff(type);
}

/** The part of it that (3) is about; 0 where numbers are stored as they are computed. */
export function storedRoundoff(type: DataType): number {
  return isHalf(type) ? 5 * unitRoundoff(type) : 0;
}

/** u of the type that a norm computes in. */
export function computedRoundoff(type: DataType): number {
  return unitRoundoff(isHalf(type) ? DataType.FLOAT : type);
}

/** What those three roundings may cost where a number is so small that it has no full precision: half a step each. */
export function floorOf(type: DataType): number {
  return 1.5 * smallestStep(type);
}

/** A view of a range where the list is a typed array, as those of the runtime are. */
export function part(list: ArrayLike<number>, start: number, end: number): ArrayLike<number> {
  if (start === 0 && end === list.length) return list;
  return ArrayBuffer.isView(list) ? (list as Float32Array).subarray(start, end) : Array.from(list).slice(start, end);
}
