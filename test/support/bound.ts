/** How far a norm in ONNX Runtime may be from float64, as a multiple of the magnitude of its oracle. */
import { DataType, isHalf, unitRoundoff } from '../../src/onnx/data-type.ts';

/**
 * First-order analysis of y = γ′ d/√(v + ε) + β′ with d = x − m, in units of u M, M = |γ′| max|x|/√(v + ε) + |y|. Roundings
 * are of either sign, so k of them amount to √k (Higham & Mary 2019, "A new approach to probabilistic rounding error
 * analysis"):
 *
 * 1. n of the sum behind m, at max|x| each.
 * 2. n of the sum behind v, relative to v; the root halves them, and γ′ d/√(v + ε) is at most 2 M.
 * 3. 15 of single operations, at 2 M each: d (twice, through v), its square, v + ε, the root, the quotient, γ′, the product,
 *    β′, the last sum, and those of Reshape's or Expand's neighbours that only some forms have.
 *
 * √(n + n + 15·4) is at most √(2 n) + 8. Over all fixtures and forms, ONNX Runtime was within a fifth of that.
 *
 * 4. 16-bit types compute in float32 and then round x̂ or γ′ x̂ (2 M), their product (2 M) and the sum (M) to 16 bits: 5.
 * 5. A float64 oracle is as exact as the runtime in float64, and errs as much: twice the bound.
 *
 * @param terms in the longest sum
 */
export function boundFactor(type: DataType, terms: number): number {
  const factor = Math.sqrt(2 * terms) + 8;
  if (isHalf(type)) return 5 * unitRoundoff(type) + factor * unitRoundoff(DataType.FLOAT);
  return factor * unitRoundoff(type) * (type === DataType.DOUBLE ? 2 : 1);
}

/** Below this a float16 has no full precision: half the distance between its smallest numbers, once per rounding of (4). */
export function absoluteFloor(type: DataType): number {
  return type === DataType.FLOAT16 ? 3 * 2 ** -25 : 0;
}

/** Terms in the longest chain of sums: a whole group at once, or one axis after the other and then a group's channels. */
export function termsOf(dims: readonly number[], groups: number, oneStage: boolean): number {
  const [, channels = 1, ...spatial] = dims;
  const size = channels / groups;
  return oneStage ? spatial.reduce((n, dim) => n * dim, size) : spatial.reduce((n, dim) => n + dim, size);
}
