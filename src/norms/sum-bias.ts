/**
 * What a sum of many terms loses one way: its last digit grows with it, and a term that is small against that digit is rounded to
 * 0 or to the whole digit. Squares about a mean have many small terms and few large ones, so more are lost than are gained, and
 * what was thought of as noise of √n roundings grows faster than n.
 *
 * https://doi.org/10.1137/18M1226312: "roundings are of either sign" is an assumption (Higham & Mary 2019), and this is what it leaves out.
 */

/** What is summed, in float32. */
export interface SumOf {
  /** In how many chains, whose sums grow alike. */
  readonly chains: number;
  /** Of rows of so many terms, each a sum of its own. */
  readonly row: number;
  /** Squares of what is left of a number without this; the numbers themselves, if not given. */
  readonly about?: number | undefined;
}

/** A step that no number is rounded at. */
const NO_STEP = 2 ** -149;
/** Added to a number, and taken off again, it leaves whole numbers in float64, rounded to even. */
const WHOLE = 1.5 * 2 ** 52;

/**
 * By how much sums over a range come out too large, all in all, for where each term is rounded to the last digit of the sum so far. It foretells
 * ONNX Runtime's sums of squares of 3 million numbers to 1 in 1000 (docs/measurements/precision.md).
 *
 * @param x of numbers that float32 holds
 */
export function sumBias(x: ArrayLike<number>, start: number, count: number, { row, ...sum }: SumOf): number {
  let bias = 0;
  for (let first = start; first < start + count; first += row) {
    bias += biasOfRow(x, first, Math.min(row, start + count - first), sum);
  }
  return bias;
}

function biasOfRow(x: ArrayLike<number>, start: number, count: number, { chains, about }: Omit<SumOf, 'row'>): number {
  let [total, bias, whole, from, to] = [0, 0, WHOLE * NO_STEP, 0, 0];
  for (let i = start; i < start + count; i++) {
    const value = x[i] as number;
    const term = about === undefined ? value : (value - about) ** 2;
    bias += term + whole - whole - term;
    total += term;
    const size = Math.abs(total);
    if (size < from || size >= to) [whole, from, to] = lastDigit(size, chains);
  }
  return bias;
}

/** Of a sum in so many chains: {@link WHOLE} of the last digit of each, and the totals that it is the same for. */
function lastDigit(total: number, chains: number): [whole: number, from: number, to: number] {
  const each = Math.max(total / chains, NO_STEP);
  const power = 2 ** Math.floor(Math.log2(each));
  return [WHOLE * Math.max(power * 2 ** -23, NO_STEP), power * chains, 2 * power * chains];
}
