/** Gradients of convolutions: of the input by the transposed convolution, of the weight by sums over all windows. */
import { type GradientContext, type Gradients, linear, sizeOf } from '../gradient-rule.ts';
import { col2Im } from './col2im.ts';
import { type Geometry, geometryOf, groupOf, transposedAttributes, transposedGeometry } from './geometry.ts';
import { weightGradient } from './weight.ts';

/** y = w ∗ x + b. */
const conv = linear((g) => {
  const dy = g.gradient(0);
  if (dy === undefined) return [];
  const [x, w] = [g.input(0), g.input(1)];
  const [xDims, wDims, yDims] = [g.dims(x), g.dims(w), g.dims(g.output(0))];
  const group = groupOf(g.node);
  const geometry = geometryOf(g.node, wDims.slice(2), xDims.slice(2), yDims.slice(2));
  const dx = () => {
    const attributes = transposedAttributes(geometry, xDims.slice(2), yDims.slice(2));
    if (isPointwise(wDims, yDims, group, geometry)) {
      return g.op('Conv', [dy, exchanged(g, w, wDims.length)], { kernel_shape: geometry.kernel });
    }
    if (isNarrow(wDims, group, geometry)) return flippedConv(g, dy, w, geometry, attributes.pads);
    return g.op('ConvTranspose', [dy, w], { ...attributes, group });
  };
  const dw = () => weightGradient(g, { large: x, largeDims: xDims, small: dy, smallDims: yDims, geometry, group });
  return [g.wants(0) ? dx() : undefined, g.wants(1) ? dw() : undefined, g.wants(2) ? biasGradient(g, dy) : undefined];
});

/**
 * Whether one matrix takes each position to the same position, and turning it around is little work beside the map. Then a Conv takes 0.6 to 0.9 of the
 * time of ConvTranspose, which copies what it has computed (96 and 24 channels of 80×80: 0.30 ms for 0.40, batch 4: 1.5 for 2.5).
 */
function isPointwise(wDims: readonly number[], yDims: readonly number[], group: number, geometry: Geometry): boolean {
  const { kernel, strides, padsBegin, padsEnd } = geometry;
  const isPlain =
    kernel.every((size, axis) => size === 1 && strides[axis] === 1) &&
    [...padsBegin, ...padsEnd].every((pad) => pad === 0);
  const positions = (yDims[0] as number) * sizeOf(yDims.slice(2));
  return isPlain && group === 1 && positions >= 4 * (wDims[0] as number);
}

/** The weight with its first two axes exchanged. */
function exchanged(g: GradientContext, w: string, rank: number): string {
  return g.op('Transpose', [w], { perm: [1, 0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2)] });
}

/**
 * Whether few channels arrive at many: then the windows of dy are less to copy than those of dx, and a Conv with the kernel turned
 * around takes 0.6 of the time of ConvTranspose (24 → 96 channels, 80×80). With as many on both sides it takes 1.0 to 2.5 of it.
 */
function isNarrow(
  wDims: readonly number[],
  group: number,
  { kernel, strides, dilations, padsBegin, padsEnd }: Geometry,
): boolean {
  const isPlain = kernel.every((size, axis) => {
    const reach = (dilations[axis] as number) * (size - 1);
    return strides[axis] === 1 && (padsBegin[axis] as number) <= reach && (padsEnd[axis] as number) <= reach;
  });
  const [outer, inner] = wDims as [number, number];
  return isPlain && group === 1 && sizeOf(kernel) > 1 && 2 * outer <= inner;
}

/** dx = dy ∗ (w with its channels exchanged and its kernel turned around), at stride 1. */
function flippedConv(g: GradientContext, dy: string, w: string, geometry: Geometry, pads: readonly number[]): string {
  const { kernel, dilations } = geometry;
  const axes = kernel.map((_, axis) => axis + 2);
  const turned = g.op('Slice', [
    exchanged(g, w, kernel.length + 2),
    g.ints(axes.map(() => -1)),
    g.ints(axes.map(() => -(2 ** 31))),
    g.ints(axes),
    g.ints(axes.map(() => -1)),
  ]);
  const own = pads.map((pad, at) => {
    const axis = at % kernel.length;
    return (dilations[axis] as number) * ((kernel[axis] as number) - 1) - pad;
  });
  return g.op('Conv', [dy, turned], { kernel_shape: kernel, dilations, pads: own });
}

/** y is x spread out by w: the convolution of dy gives dx. */
const convTranspose = linear((g) => {
  const dy = g.gradient(0);
  if (dy === undefined) return [];
  const [x, w] = [g.input(0), g.input(1)];
  const [xDims, wDims, yDims] = [g.dims(x), g.dims(w), g.dims(g.output(0))];
  const group = groupOf(g.node);
  const geometry = transposedGeometry(g.node, wDims.slice(2), yDims.slice(2), xDims.slice(2));
  const { kernel, strides, dilations, padsBegin } = geometry;
  const { pads, output_padding } = transposedAttributes(geometry, yDims.slice(2), xDims.slice(2));
  const end = pads.slice(kernel.length);
  const dx = () => {
    const over = output_padding.some((extra, axis) => extra >= (strides[axis] as number));
    const cut = over ? cutEnd(g, dy, yDims, output_padding) : dy;
    return g.op('Conv', [cut, w], { kernel_shape: kernel, strides, dilations, pads: [...padsBegin, ...end], group });
  };
  const dw = () => weightGradient(g, { large: dy, largeDims: yDims, small: x, smallDims: xDims, geometry, group });
  return [g.wants(0) ? dx() : undefined, g.wants(1) ? dw() : undefined, g.wants(2) ? biasGradient(g, dy) : undefined];
});

/** Without the positions at the end that no window reaches. */
function cutEnd(g: GradientContext, value: string, dims: readonly number[], extra: readonly number[]): string {
  const ends = extra.map((it, axis) => (dims[axis + 2] as number) - it);
  return g.op('Slice', [value, g.ints(extra.map(() => 0)), g.ints(ends), g.ints(extra.map((_, axis) => axis + 2))]);
}

/** The sum over everything but the channels. */
function biasGradient(g: GradientContext, dy: string): string {
  const rank = g.dims(g.output(0)).length;
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  return g.op('ReduceSum', [dy, g.ints(axes)], { keepdims: 0 });
}

export const convolution: Gradients = { Col2Im: col2Im, Conv: conv, ConvTranspose: convTranspose };
