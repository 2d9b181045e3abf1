/**
 * Ridge regression, W = argmin Σ|y − xW|² + λ|W|², in float64 and by the samples: of n rows with k numbers W = Xᵀ(XXᵀ + λ)⁻¹Y, so the matrix that is
 * factored has n columns however long the rows are.
 */

/** Numbers in rows. */
export interface Rows {
  readonly count: number;
  readonly width: number;
  readonly data: Float64Array;
}

/** λ, in units of the mean square length of a row. */
const STRENGTHS = [10, 1, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6] as const;

/** Rows whose centre was taken from them, and the products of each two. */
interface Prepared {
  readonly rows: Rows;
  readonly products: Float64Array;
  /** λ of a strength of 1. */
  readonly unit: number;
}

/** The mean of each column. */
export function meansOf({ count, width, data }: Rows): Float64Array {
  const means = new Float64Array(width);
  for (let at = 0, row = 0; row < count; row++) {
    for (let column = 0; column < width; column++, at++)
      means[column] = (means[column] as number) + (data[at] as number);
  }
  for (let column = 0; column < width; column++) means[column] = (means[column] as number) / count;
  return means;
}

/** The rows without these numbers. */
export function less({ count, width, data }: Rows, means: Float64Array): Rows {
  const centred = new Float64Array(data.length);
  for (let at = 0, row = 0; row < count; row++) {
    for (let column = 0; column < width; column++, at++) centred[at] = (data[at] as number) - (means[column] as number);
  }
  return { count, width, data: centred };
}

/** The first rows, or those behind them. */
export function cut({ width, data }: Rows, from: number, to: number): Rows {
  return { count: to - from, width, data: data.subarray(from * width, to * width) };
}

/**
 * W of the strength that predicts other rows best.
 *
 * @param x what is known, without its means
 * @param y what is wanted, without its means
 * @param judge how far the answers of a W are from other rows
 * @returns undefined if none is better than `none`, the distance of a W of zeros
 */
export function bestStrength(
  x: Rows,
  y: Rows,
  none: number,
  judge: (weight: Float64Array) => number,
): number | undefined {
  const prepared = prepare(x);
  if (prepared.unit === 0) return undefined;
  let best: { readonly strength: number; readonly distance: number } | undefined;
  for (const strength of STRENGTHS) {
    const distance = judge(solve(prepared, y, strength));
    if (distance < (best?.distance ?? none)) best = { strength, distance };
    // Once too weak, weaker ones follow the noise of these rows all the more.
    else if (best !== undefined) break;
  }
  return best?.strength;
}

/** W of one strength, with a row for each column of `x`. */
export function ridge(x: Rows, y: Rows, strength: number): Float64Array {
  return solve(prepare(x), y, strength);
}

function prepare(rows: Rows): Prepared {
  const { count, width, data } = rows;
  const products = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) products[i * count + j] = dot(data, i * width, data, j * width, width);
  }
  let unit = 0;
  for (let i = 0; i < count; i++) unit += (products[i * count + i] as number) / count;
  return { rows, products, unit };
}

function solve({ rows, products, unit }: Prepared, y: Rows, strength: number): Float64Array {
  const { count, width, data } = rows;
  const factor = cholesky(products, count, strength * unit);
  const weight = new Float64Array(width * y.width);
  const share = new Float64Array(count);
  for (let output = 0; output < y.width; output++) {
    for (let i = 0; i < count; i++) share[i] = y.data[i * y.width + output] as number;
    substitute(factor, share);
    for (let i = 0; i < count; i++) {
      const own = share[i] as number;
      for (let k = 0, at = i * width, to = output; k < width; k++, at++, to += y.width) {
        weight[to] = (weight[to] as number) + own * (data[at] as number);
      }
    }
  }
  return weight;
}

/** L of LLᵀ = A + λ, of which the lower half is read and made. */
function cholesky(products: Float64Array, count: number, lambda: number): Float64Array {
  const factor = new Float64Array(products.length);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const rest = (products[i * count + j] as number) - dot(factor, i * count, factor, j * count, j);
      factor[i * count + j] =
        i === j
          ? Math.sqrt(Math.max(rest + lambda, Number.EPSILON * lambda))
          : rest / (factor[j * count + j] as number);
    }
  }
  return factor;
}

/** Solves LLᵀ a = b, in place. */
function substitute(factor: Float64Array, b: Float64Array): void {
  const count = b.length;
  for (let i = 0; i < count; i++) {
    b[i] = ((b[i] as number) - dot(factor, i * count, b, 0, i)) / (factor[i * count + i] as number);
  }
  for (let i = count - 1; i >= 0; i--) {
    const own = (b[i] as number) / (factor[i * count + i] as number);
    b[i] = own;
    for (let j = 0; j < i; j++) b[j] = (b[j] as number) - own * (factor[i * count + j] as number);
  }
}

/** In four sums, as one waits for itself. */
function dot(a: Float64Array, from: number, b: Float64Array, at: number, length: number): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    p += (a[from + i] as number) * (b[at + i] as number);
    q += (a[from + i + 1] as number) * (b[at + i + 1] as number);
    r += (a[from + i + 2] as number) * (b[at + i + 2] as number);
    s += (a[from + i + 3] as number) * (b[at + i + 3] as number);
  }
  for (; i < length; i++) p += (a[from + i] as number) * (b[at + i] as number);
  return p + q + r + s;
}
