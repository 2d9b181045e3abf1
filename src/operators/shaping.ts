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
  const name = g.input(index);
  if (name === '') return undefined;
  const numbers = g.constant(name);
  if (numbers === undefined) g.refuse(`its ${what} are computed in the run`, 'Export the model with fixed sizes');
  return [...numbers.values];
}
