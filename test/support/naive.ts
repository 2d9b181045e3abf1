/** The second oracle: normalisation over groups as one would write it from the formula, without a look at src/norms. */

export interface Naive {
  readonly values: Float64Array;
  /** |γ′|·max|x|/√(v + ε) + |y|, what a rounding error is a multiple of. */
  readonly magnitude: Float64Array;
}

/**
 * y[n, c, s] = γ′[c] (x[n, c, s] − m[n, g]) / √(v[n, g] + ε) + β′[c] in float64, with g = ⌊c / (C/G)⌋ and s over all
 * spatial positions.
 */
export function naiveGroupNorm(
  x: ArrayLike<number>,
  dims: readonly number[],
  groups: number,
  epsilon: number,
  scale: ArrayLike<number>,
  bias: ArrayLike<number>,
): Naive {
  const [samples = 0, channels = 0, ...spatial] = dims;
  let area = 1;
  for (const dim of spatial) area *= dim;
  const values = new Float64Array(x.length);
  const magnitude = new Float64Array(x.length);
  const at = (n: number, c: number, s: number) => (n * channels + c) * area + s;
  const size = channels / groups;
  for (let n = 0; n < samples; n++) {
    for (let g = 0; g < groups; g++) {
      const members: number[] = [];
      for (let c = g * size; c < (g + 1) * size; c++) for (let s = 0; s < area; s++) members.push(at(n, c, s));
      let [m, v, largest] = [0, 0, 0];
      for (const i of members) m += (x[i] as number) / members.length;
      for (const i of members) v += ((x[i] as number) - m) ** 2 / members.length;
      for (const i of members) largest = Math.max(largest, Math.abs(x[i] as number));
      for (const i of members) {
        const c = Math.floor(i / area) % channels;
        const gain = (scale[c] as number) / Math.sqrt(v + epsilon);
        const y = gain * ((x[i] as number) - m) + (bias[c] as number);
        values[i] = y;
        magnitude[i] = Math.abs(gain) * largest + Math.abs(y);
      }
    }
  }
  return { values, magnitude };
}
