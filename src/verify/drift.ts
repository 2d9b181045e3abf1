/** How far the rewritten model's outputs are from the source's, on the same inputs. */
import { DataType } from '../onnx/data-type.ts';
import { numbersOf, type Value } from './runtime.ts';

/** Drift of one output. Figures are over all its elements, in float64. */
export interface Drift {
  readonly output: string;
  readonly dims: readonly number[];
  /** Largest |difference|. */
  readonly max: number;
  /** Mean |difference|. */
  readonly mean: number;
  /** ‖difference‖/‖source‖, 2-norms: 0 is equal, 1 as far as from nothing at all. */
  readonly relative: number;
  /** Of the angle between both, as vectors. */
  readonly cosine: number;
  /** Signal to quantisation noise ratio, dB: −20 log₁₀ of `relative`; `null` where nothing differs. */
  readonly sqnr: number | null;
  /** Share of rows of [N, K] scores, K > 1, with the same largest element; `null` for outputs of other shapes. */
  readonly argmax: number | null;
}

/**
 * Drift of one output; `undefined` for strings, and for shapes that differ, as those of detections do that depend on the
 * values.
 *
 * @param source what the source model answered
 * @param rewritten what the rewritten one answered
 */
export function driftOf(output: string, source: Value, rewritten: Value): Drift | undefined {
  const [a, b] = [numbersOf(source), numbersOf(rewritten)];
  const sameShape = source.dims.join() === rewritten.dims.join();
  if (a === undefined || b === undefined || !sameShape) return undefined;
  let [max, absolute, noise, dot, aa, bb] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    // Equal infinities, as of masked scores, differ by nothing.
    const difference = x === y ? 0 : Math.abs(x - y);
    // Keeps NaN.
    max = Math.max(max, difference);
    absolute += difference;
    noise += difference * difference;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  const relative = noise === 0 ? 0 : Math.sqrt(noise / aa);
  return {
    output,
    dims: source.dims,
    max,
    mean: a.length === 0 ? 0 : absolute / a.length,
    relative,
    cosine: noise === 0 ? 1 : dot / Math.sqrt(aa * bb),
    sqnr: noise === 0 ? null : -20 * Math.log10(relative),
    argmax: argmaxAgreement(a, b, source),
  };
}

function argmaxAgreement(a: ArrayLike<number>, b: ArrayLike<number>, { dims, type }: Value): number | null {
  const [rows = 0, classes = 0] = dims;
  const isFloat = type === DataType.FLOAT || type === DataType.DOUBLE || type === DataType.FLOAT16;
  if (dims.length !== 2 || classes < 2 || rows < 1 || !isFloat) return null;
  let same = 0;
  for (let row = 0; row < rows; row++) {
    if (argmax(a, row * classes, classes) === argmax(b, row * classes, classes)) same++;
  }
  return same / rows;
}

function argmax(scores: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if ((scores[start + i] as number) > (scores[start + best] as number)) best = i;
  return best;
}
