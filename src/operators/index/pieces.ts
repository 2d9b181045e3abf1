/** Gradients of operators that join and cut along an axis. */
import { intAttribute } from '../../onnx/attributes.ts';
import { type Gradient, type GradientContext, linear, wrapAxis } from '../gradient-rule.ts';
import { fixedInts, padAll, padAxis, reshapeTo, reversed, sliceAxis, statedInts, zerosLike } from '../shaping.ts';

/** Each input gets its part of the gradient. */
export const concat = linear((g, dy) => {
  const inputs = g.node.input;
  const axis = wrapAxis(intAttribute(g.node, 'axis', 0), g.dims(g.output(0)).length);
  const sizes = inputs.map((input) => g.dims(input)[axis] as number);
  const wanted = inputs.flatMap((_, index) => (g.wants(index) ? [index] : []));
  if (wanted.length > 1) {
    const parts = g.ops('Split', [dy, g.ints(sizes)], { axis }, inputs.length);
    return inputs.map((_, index) => (g.wants(index) ? parts[index] : undefined));
  }
  const start = (index: number) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
  return inputs.map((_, index) =>
    g.wants(index) ? sliceAxis(g, dy, axis, start(index), start(index + 1)) : undefined,
  );
});

/** The gradients of the parts side by side; zeros for parts that the loss does not read. */
export const split: Gradient = {
  proof: 'linear',
  rule: (g) => {
    const outputs = g.node.output.flatMap((name, index) => (name === '' ? [] : [index]));
    const arrived = outputs.filter((index) => g.gradient(index) !== undefined);
    const [first] = arrived;
    const dims = g.dims(g.input(0));
    const axis = wrapAxis(intAttribute(g.node, 'axis', 0), dims.length);
    const size = (index: number) => g.dims(g.output(index))[axis] as number;
    if (first !== undefined && arrived.length === 1) {
      const before = outputs.filter((index) => index < first).reduce((sum, index) => sum + size(index), 0);
      const after = (dims[axis] as number) - before - size(first);
      return [padAxis(g, g.gradient(first) as string, g.dims(g.output(first)), axis, before, after)];
    }
    return [
      g.op(
        'Concat',
        outputs.map((index) => g.gradient(index) ?? zerosLike(g, g.output(index))),
        { axis },
      ),
    ];
  },
};

/** What a slice reads along one axis: `count` positions from `start` on, every `step`th. */
interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** The gradient goes back to the positions that were read, with zeros between and around. */
export const slice = linear((g, dy) => {
  const dims = g.dims(g.input(0));
  const shape = [...g.dims(g.output(0))];
  const cuts = cutsOf(g, dims);
  let dx = dy;
  for (const cut of cuts.filter(({ step }) => step !== 1)) {
    dx = uncut(g, dx, shape, cut, dims[cut.axis] as number);
    shape[cut.axis] = dims[cut.axis] as number;
  }
  // Those that leave nothing out between are one Pad.
  const pads = new Array<number>(2 * dims.length).fill(0);
  for (const { axis, start, count } of cuts.filter(({ step }) => step === 1)) {
    pads[axis] = start;
    pads[dims.length + axis] = (dims[axis] as number) - start - count;
  }
  return [padAll(g, dx, shape, pads)];
});

function cutsOf(g: GradientContext, dims: readonly number[]): Cut[] {
  const starts = statedInts(g, 1, 'starts');
  const axes = fixedInts(g, 3, 'axes') ?? starts.map((_, axis) => axis);
  const steps = fixedInts(g, 4, 'steps') ?? starts.map(() => 1);
  return starts.map((given, index) => {
    const axis = wrapAxis(axes[index] as number, dims.length);
    const [dim, step] = [dims[axis] as number, steps[index] as number];
    const from = given < 0 ? given + dim : given;
    const start = step > 0 ? Math.min(Math.max(from, 0), dim) : Math.min(Math.max(from, 0), dim - 1);
    return { axis, start, step, count: g.dims(g.output(0))[axis] as number };
  });
}

/** Undoes one cut: turned round if it ran backwards, spread by its step, and padded to `dim` positions. */
function uncut(g: GradientContext, value: string, shape: readonly number[], cut: Cut, dim: number): string {
  const { axis, count } = cut;
  const step = Math.abs(cut.step);
  if (count === 0) return padAxis(g, value, shape, axis, 0, dim);
  const start = cut.step > 0 ? cut.start : cut.start - (count - 1) * step;
  let spread = cut.step > 0 || count === 1 ? value : reversed(g, value, axis);
  let length = count;
  if (step > 1 && count > 1) {
    const apart = shape.toSpliced(axis, 1, count, 1);
    const padded = padAxis(g, reshapeTo(g, spread, apart), apart, axis + 1, 0, step - 1);
    spread = reshapeTo(g, padded, shape.toSpliced(axis, 1, count * step));
    length = count * step;
  }
  return padAxis(g, spread, shape.toSpliced(axis, 1, length), axis, start, dim - start - length);
}
