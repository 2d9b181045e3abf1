/** Small steps that many gradient rules take. */
import type { DataType } from '../onnx/data-type.ts';
import { makeTensor } from '../onnx/tensor.ts';
import type { GradientContext } from './gradient-rule.ts';

/** The value in other dimensions of the same size. */
export function reshapeTo(g: GradientContext, value: string, dims: readonly number[]): string {
  // A 0 stands for the input's own dimension unless `allowzero` is set, which ONNX then wants without a −1.
  return g.op('Reshape', [value, g.ints(dims)], dims.includes(0) ? { allowzero: 1 } : {});
}

/** Zeros made in the run: a file does not have to hold them. */
export function zerosOf(g: GradientContext, dims: readonly number[], type: DataType): string {
  return g.op('ConstantOfShape', [g.ints(dims)], { value: makeTensor('', type, [1], [0]) });
}

/** Zeros of the type and dimensions of a value. */
export function zerosLike(g: GradientContext, value: string): string {
  return zerosOf(g, g.dims(value), g.type(value));
}

/** The order of axes that undoes another. */
export function inverse(perm: readonly number[]): number[] {
  const back = new Array<number>(perm.length).fill(0);
  for (const [to, from] of perm.entries()) back[from] = to;
  return back;
}

/**
 * Adds zeros before and after along one axis; negative counts cut. Nothing is written if there is nothing to add.
 *
 * Cuts are Slice: not every runtime takes a negative count in Pad.
 */
export function padAxis(
  g: GradientContext,
  value: string,
  dims: readonly number[],
  axis: number,
  before: number,
  after: number,
): string {
  return padAll(g, value, dims, onAxis(dims.length, axis, before, after));
}

/** As {@link padAxis}, along all axes: all counts before, then all counts after. */
export function padAll(g: GradientContext, value: string, dims: readonly number[], pads: readonly number[]): string {
  const rank = dims.length;
  const cut = dims.flatMap((_, axis) =>
    (pads[axis] as number) < 0 || (pads[rank + axis] as number) < 0 ? [axis] : [],
  );
  let inner = value;
  if (cut.length > 0) {
    const starts = cut.map((axis) => Math.max(0, -(pads[axis] as number)));
    const ends = cut.map((axis) => (dims[axis] as number) - Math.max(0, -(pads[rank + axis] as number)));
    inner = g.op('Slice', [value, g.ints(starts), g.ints(ends), g.ints(cut)]);
  }
  const added = pads.map((count) => Math.max(0, count));
  return added.every((count) => count === 0) ? inner : g.op('Pad', [inner, g.ints(added)]);
}

function onAxis(rank: number, axis: number, before: number, after: number): number[] {
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[rank + axis] = after;
  return pads;
}

/** Positions `start` up to `end` along one axis. */
export function sliceAxis(g: GradientContext, value: string, axis: number, start: number, end: number): string {
  return g.op('Slice', [value, g.ints([start]), g.ints([end]), g.ints([axis])]);
}

/** The same values in the opposite order along one axis. */
export function reversed(g: GradientContext, value: string, axis: number): string {
  // −2³¹ is before every position.
  return g.op('Slice', [value, g.ints([-1]), g.ints([-(2 ** 31)]), g.ints([axis]), g.ints([-1])]);
}

/** Constant integers of an input, `undefined` if it is left out; refuses what is computed in the run. */
export function fixedInts(g: GradientContext, index: number, what: string): number[] | undefined {
  return g.input(index) === '' ? undefined : statedInts(g, index, what);
}

/** As {@link fixedInts}, of an input that the operator demands. */
export function statedInts(g: GradientContext, index: number, what: string): number[] {
  const numbers = g.constant(g.input(index));
  if (numbers === undefined) g.refuse(`its ${what} are computed in the run`, 'Export the model with fixed sizes');
  return [...numbers.values];
}

/** Rows longer than this are added up in two stages. */
const LONG_ROW = 2048;

/** Sums of the rows of a value whose size is `count` rows of `length`: [1, count, 1]. */
export function rowSums(g: GradientContext, value: string, rows: readonly [count: number, length: number]): string {
  return reducedRows(g, 'ReduceSum', value, rows);
}

/** Means of the rows: [1, count, 1]. */
export function rowMeans(g: GradientContext, value: string, rows: readonly [count: number, length: number]): string {
  return reducedRows(g, 'ReduceMean', value, rows);
}

/**
 * In two stages if rows are long. One sum of n float32 numbers may be wrong by n roundings; ONNX Runtime's was, by 3e-5 for 100,000 numbers
 * (two stages: 5e-7). Parts of equal size keep a mean of means right.
 */
function reducedRows(
  g: GradientContext,
  op: 'ReduceSum' | 'ReduceMean',
  value: string,
  [count, length]: readonly [count: number, length: number],
): string {
  const fold = (it: string, dims: readonly number[]) =>
    dims[2] === 1 ? reshapeTo(g, it, dims) : g.op(op, [reshapeTo(g, it, dims), g.ints([2])], { keepdims: 1 });
  const part = length > LONG_ROW ? partOf(length) : length;
  if (part === length) return fold(value, [1, count, length]);
  return fold(fold(value, [1, (count * length) / part, part]), [1, count, length / part]);
}

/** The divisor of a length that is nearest above its root; the length itself if that is not much less. */
function partOf(length: number): number {
  for (let part = Math.ceil(Math.sqrt(length)); part <= length / 8; part++) if (length % part === 0) return part;
  return length;
}
