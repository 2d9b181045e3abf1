/** Gradients of poolings: each window's gradient goes back to where its value came from. */
import { intAttribute, intsAttribute } from '../../onnx/attributes.ts';
import { DataType } from '../../onnx/data-type.ts';
import { type Geometry, geometryOf, transposedAttributes } from '../conv/geometry.ts';
import { type GradientContext, type Gradients, linear, sizeOf, smooth } from '../gradient-rule.ts';

/** y is x at the indices that the operator gives beside it: dx is dy scattered there. */
const maxPool = smooth((g, dy) => {
  if (intAttribute(g.node, 'storage_order', 0) !== 0) g.refuse('its indices count columns first (storage_order)');
  const [xDims, yDims] = [g.dims(g.input(0)), g.dims(g.output(0))];
  const indices = g.op('Reshape', [g.output(1), g.ints([sizeOf(yDims)])]);
  const values = g.op('Reshape', [dy, g.ints([sizeOf(yDims)])]);
  const zeros = g.op('Expand', [g.scalar(0), g.ints([sizeOf(xDims)])]);
  const scattered = g.op('ScatterElements', [zeros, indices, values], { axis: 0, reduction: 'add' });
  return [g.op('Reshape', [scattered, g.ints(xDims)])];
});

/** y = Σ x / n over each window: dx is dy / n spread over the windows. */
const averagePool = linear((g, dy) => {
  const { geometry, large, small } = windowsOf(g);
  const counts = countsOf(geometry, large, small, intAttribute(g.node, 'count_include_pad', 0) !== 0);
  const isEven = counts.every((count) => count === counts[0]);
  const inverse = isEven
    ? g.scalar(1 / (counts[0] as number))
    : g.tensor(
        small,
        counts.map((count) => 1 / count),
      );
  return [spread(g, g.op('Mul', [dy, inverse]), geometry, large, small)];
});

/** y = (Σ |x|^p)^(1/p) over each window: dx = sign(x)·|x|^(p−1) · y^(1−p)·dy. */
const lpPool = smooth((g, dy) => {
  const { geometry, large, small } = windowsOf(g);
  return [lpGradient(g, spread(g, lpOuter(g, dy), geometry, large, small))];
});

function lpOuter(g: GradientContext, dy: string): string {
  const p = intAttribute(g.node, 'p', 2);
  return g.op('Mul', [dy, g.op('Pow', [g.output(0), g.scalar(1 - p)])]);
}

function lpGradient(g: GradientContext, outer: string): string {
  const p = intAttribute(g.node, 'p', 2);
  const x = g.input(0);
  const size = p === 2 ? g.op('Abs', [x]) : g.op('Pow', [g.op('Abs', [x]), g.scalar(p - 1)]);
  return g.op('Mul', [outer, g.op('Mul', [g.op('Sign', [x]), size])]);
}

const globalAveragePool = linear((g, dy) => {
  const dims = g.dims(g.input(0));
  const each = g.op('Mul', [dy, g.scalar(1 / sizeOf(dims.slice(2)))]);
  return [g.op('Expand', [each, g.ints(dims)])];
});

/** Equal maxima share the gradient. */
const globalMaxPool = smooth((g, dy) => {
  const x = g.input(0);
  const axes = g.ints(g.dims(x).flatMap((_, axis) => (axis < 2 ? [] : [axis])));
  const mask = g.op('Cast', [g.op('Equal', [x, g.output(0)])], { to: g.type(x) });
  const share = g.op('Div', [dy, g.op('ReduceSum', [mask, axes], { keepdims: 1 })]);
  return [g.op('Mul', [mask, share])];
});

const globalLpPool = smooth((g, dy) => [lpGradient(g, lpOuter(g, dy))]);

interface Pooled {
  readonly geometry: Geometry;
  readonly large: readonly number[];
  readonly small: readonly number[];
}

function windowsOf(g: GradientContext): Pooled {
  const [large, small] = [g.dims(g.input(0)).slice(2), g.dims(g.output(0)).slice(2)];
  const kernel = intsAttribute(g.node, 'kernel_shape') ?? [];
  return { geometry: geometryOf(g.node, kernel, large, small), large, small };
}

/** Adds each window's value to all positions under it: a ConvTranspose with ones, each channel as a sample. */
function spread(
  g: GradientContext,
  value: string,
  geometry: Geometry,
  large: readonly number[],
  small: readonly number[],
): string {
  const [batch, channels] = g.dims(g.input(0)) as [number, number];
  const apart = g.op('Reshape', [value, g.ints([batch * channels, 1, ...small])]);
  const ones = g.tensor([1, 1, ...geometry.kernel], new Array<number>(sizeOf(geometry.kernel)).fill(1), DataType.FLOAT);
  const wide = g.op('ConvTranspose', [apart, ones], { ...transposedAttributes(geometry, large, small), group: 1 });
  return g.op('Reshape', [wide, g.ints(g.dims(g.input(0)))]);
}

/** Over how many positions each window averages, in row-major order. Windows beyond the stated pads do not count those. */
function countsOf(
  { kernel, strides, dilations, padsBegin, padsEnd }: Geometry,
  large: readonly number[],
  small: readonly number[],
  includePads: boolean,
): number[] {
  const along = kernel.map((size, axis) => {
    const [pad, end] = [padsBegin[axis] as number, padsEnd[axis] as number];
    const length = large[axis] as number;
    const [from, to] = includePads ? [-pad, length + end] : [0, length];
    return Array.from({ length: small[axis] as number }, (_, at) => {
      const start = at * (strides[axis] as number) - pad;
      const positions = Array.from({ length: size }, (_, k) => start + k * (dilations[axis] as number));
      return positions.filter((position) => position >= from && position < to).length;
    });
  });
  return along.reduce<number[]>((all, list) => all.flatMap((count) => list.map((it) => count * it)), [1]);
}

export const pool: Gradients = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: globalMaxPool,
  LpPool: lpPool,
  MaxPool: maxPool,
};
