/**
 * The gradient of Resize: along each axis it is a product with a matrix, and so is its gradient, with the transposed one.
 *
 * The operator itself gives the matrix, by resizing an identity matrix; the runtime does that once, when it loads the model. So
 * every mode of coordinates, interpolation and rounding is what the runtime makes of it.
 */
import { attributeOf, intAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { DataType } from '../../onnx/data-type.ts';
import { type GradientContext, type Gradients, linear, sizeOf } from '../gradient-rule.ts';
import { gridSample } from './grid-sample.ts';
import { roiAlign } from './roi-align.ts';

const resize = linear((g, dy) => {
  if ((stringAttribute(g.node, 'keep_aspect_ratio_policy') ?? 'stretch') !== 'stretch') {
    g.refuse('it keeps the aspect ratio (keep_aspect_ratio_policy)', 'Export it with fixed sizes');
  }
  const [xDims, yDims] = [g.dims(g.input(0)), g.dims(g.output(0))];
  const whole = wholeFactors(g, xDims, yDims);
  if (whole !== undefined) return [sumsOfBlocks(g, dy, xDims, whole)];
  let value = dy;
  const dims = [...yDims];
  for (let axis = xDims.length - 1; axis >= 0; axis--) {
    const [from, to] = [yDims[axis] as number, xDims[axis] as number];
    const scale = scaleOf(g, axis);
    if (from === to && (scale === undefined || scale === 1) && roiOf(g, axis) === undefined) continue;
    value = alongAxis(g, value, dims, axis, to, matrix(g, axis, to, from, scale));
    dims[axis] = to;
  }
  return [value];
});

/** The factor by which an axis is stretched where the node states it; its index among `axes` is that of `scales`. */
function scaleOf(g: GradientContext, axis: number): number | undefined {
  return ofAxis(g, axis, g.input(2) === '' ? undefined : g.constant(g.input(2))?.values);
}

function ofAxis(g: GradientContext, axis: number, values: Float64Array | undefined): number | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const axes = axesOf(g);
  const at = axes.indexOf(axis);
  return at < 0 ? 1 : values[at];
}

function axesOf(g: GradientContext): number[] {
  const rank = g.dims(g.input(0)).length;
  const axes = attributeOf(g.node, 'axes')?.ints.map(Number) ?? Array.from({ length: rank }, (_, axis) => axis);
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** Start and end of the region that is cropped, along an axis. */
function roiOf(g: GradientContext, axis: number): [number, number] | undefined {
  if (stringAttribute(g.node, 'coordinate_transformation_mode') !== 'tf_crop_and_resize') return undefined;
  const values = g.constant(g.input(1))?.values ?? g.refuse('its region of interest is not a constant');
  const axes = axesOf(g);
  const at = axes.indexOf(axis);
  return at < 0 ? undefined : [values[at] as number, values[at + axes.length] as number];
}

/** [to, from]: row i holds what input i gives to each output. */
function matrix(g: GradientContext, axis: number, to: number, from: number, scale: number | undefined): string {
  const eye = g.tensor(
    [1, 1, to, to],
    Float64Array.from({ length: to * to }, (_, at) => (at % (to + 1) === 0 ? 1 : 0)),
    DataType.FLOAT,
  );
  const roi = roiOf(g, axis);
  const region = roi === undefined ? '' : g.tensor([8], [0, 0, 0, roi[0], 1, 1, 1, roi[1]], DataType.FLOAT);
  const kept = ['mode', 'coordinate_transformation_mode', 'nearest_mode'];
  const attributes: Record<string, string | number | { float: number }> = {};
  for (const name of kept) {
    const value = stringAttribute(g.node, name);
    if (value !== undefined) attributes[name] = value;
  }
  for (const name of ['cubic_coeff_a', 'extrapolation_value']) {
    const value = attributeOf(g.node, name)?.f;
    // What lies outside of the region is a constant, and has no slope.
    if (value !== undefined) attributes[name] = { float: name === 'extrapolation_value' ? 0 : value };
  }
  for (const name of ['exclude_outside', 'antialias']) {
    const value = intAttribute(g.node, name, undefined);
    if (value !== undefined) attributes[name] = value;
  }
  const by =
    scale === undefined
      ? [eye, region, '', g.ints([1, 1, to, from])]
      : [eye, region, g.tensor([4], [1, 1, 1, scale], DataType.FLOAT)];
  const rows = g.op('Resize', by, attributes);
  return g.op('Reshape', [rows, g.ints([to, from])]);
}

/** Multiplies along one axis, whose length changes from that in `dims` to `to`. */
function alongAxis(
  g: GradientContext,
  value: string,
  dims: readonly number[],
  axis: number,
  to: number,
  rows: string,
): string {
  const before = sizeOf(dims.slice(0, axis));
  const after = sizeOf(dims.slice(axis + 1));
  const result = g.ints([...dims.slice(0, axis), to, ...dims.slice(axis + 1)]);
  if (after === 1) {
    const flat = g.op('Reshape', [value, g.ints([before, dims[axis] as number])]);
    return g.op('Reshape', [g.op('Gemm', [flat, rows], { transB: 1 }), result]);
  }
  const apart = g.op('Reshape', [value, g.ints([before, dims[axis] as number, after])]);
  return g.op('Reshape', [g.op('MatMul', [rows, apart]), result]);
}

/** The factors where each output just repeats input ⌊i / factor⌋, as upsampling by nearest neighbours does. */
function wholeFactors(g: GradientContext, xDims: readonly number[], yDims: readonly number[]): number[] | undefined {
  if ((stringAttribute(g.node, 'mode') ?? 'nearest') !== 'nearest') return undefined;
  const coordinates = stringAttribute(g.node, 'coordinate_transformation_mode') ?? 'half_pixel';
  const rounding = stringAttribute(g.node, 'nearest_mode') ?? 'round_prefer_floor';
  const repeats =
    (coordinates === 'asymmetric' && rounding === 'floor') ||
    (/^(half_pixel|half_pixel_symmetric|pytorch_half_pixel)$/.test(coordinates) && rounding === 'round_prefer_floor');
  const factors = xDims.map((dim, axis) => (yDims[axis] as number) / dim);
  const isStated = (factor: number, axis: number) => (scaleOf(g, axis) ?? factor) === factor;
  return repeats && factors.every((factor, axis) => Number.isInteger(factor) && isStated(factor, axis))
    ? factors
    : undefined;
}

/** The sum of each block of outputs. On [N, C, …] the mean of the block, as a pooling, times its size. */
function sumsOfBlocks(g: GradientContext, dy: string, xDims: readonly number[], factors: readonly number[]): string {
  if (xDims.length > 2 && xDims.length < 6 && factors[0] === 1 && factors[1] === 1) {
    const kernel = factors.slice(2);
    const means = g.op('AveragePool', [dy], { kernel_shape: kernel, strides: kernel });
    return g.op('Mul', [means, g.scalar(sizeOf(kernel))]);
  }
  const apart = g.op('Reshape', [dy, g.ints(xDims.flatMap((dim, axis) => [dim, factors[axis] as number]))]);
  return g.op('ReduceSum', [apart, g.ints(xDims.map((_, axis) => 2 * axis + 1))], { keepdims: 0 });
}

export const sampling: Gradients = { GridSample: gridSample, Resize: resize, RoiAlign: roiAlign };
