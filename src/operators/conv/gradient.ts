/** Gradients of convolutions: of the input by the transposed convolution, of the weight by sums over all windows. */
import { type GradientContext, type Gradients, linear, sizeOf, wanted } from '../gradient-rule.ts';
import { col2Im } from './col2im.ts';
import { type Geometry, geometryOf, groupOf, transposedAttributes, transposedGeometry } from './geometry.ts';
import { weightGradient } from './weight.ts';

/** y = w ∗ x + b. */
const conv = linear((g, dy) => {
  const [x, w] = [g.input(0), g.input(1)];
  const [xDims, wDims, yDims] = [g.dims(x), g.dims(w), g.dims(g.output(0))];
  const group = groupOf(g.node);
  const geometry = geometryOf(g.node, wDims.slice(2), xDims.slice(2), yDims.slice(2));
  const dx = () => {
    if (isPointwise(wDims, yDims, group, geometry)) {
      return g.op('Conv', [dy, exchanged(g, w, wDims.length)], { kernel_shape: geometry.kernel });
    }
    if (isNarrow(wDims, group, geometry)) {
      return flippedConv(g, dy, exchanged(g, w, wDims.length), geometry, xDims, yDims);
    }
    if (isWideDepthwise(wDims, xDims, group, geometry)) return flippedConv(g, dy, w, geometry, xDims, yDims);
    return g.op('ConvTranspose', [dy, w], { ...transposedAttributes(geometry, xDims.slice(2), yDims.slice(2)), group });
  };
  const dw = () => weightGradient(g, { large: x, largeDims: xDims, small: dy, smallDims: yDims, geometry, group });
  return wanted(g, dx, dw, () => biasGradient(g, dy));
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
function isNarrow(wDims: readonly number[], group: number, geometry: Geometry): boolean {
  const [outer, inner] = wDims as [number, number];
  return canTurn(geometry) && group === 1 && sizeOf(geometry.kernel) > 1 && 2 * outer <= inner;
}

/** Rows of fewer numbers than this are copied slowly into the windows of a Conv. */
const WIDE = 14;

/**
 * Whether each channel has its own kernel, over wide rows: then a Conv with the kernel turned around takes 0.4 to 0.6 of the time of ConvTranspose in
 * ONNX Runtime 1.30 (200 channels of 2×96, 5×5 kernel: 0.16 ms for 0.28; 576 of 28×28, 3×3: 1.3 for 2.8), and 0.7 to 1.3 in 1.32, whose ConvTranspose is
 * twice as fast. On 10×10 it is 0.8 and 1.5.
 */
function isWideDepthwise(
  wDims: readonly number[],
  xDims: readonly number[],
  group: number,
  geometry: Geometry,
): boolean {
  const [outer, inner] = wDims as [number, number];
  const isDepthwise = group > 1 && group === outer && inner === 1;
  return isDepthwise && canTurn(geometry) && sizeOf(geometry.kernel) > 1 && (xDims.at(-1) as number) >= WIDE;
}

/** Whether the gradient of the input is a Conv with the kernel turned around: at stride 1, and without zeros that no window needs. */
function canTurn({ kernel, strides, dilations, padsBegin, padsEnd }: Geometry): boolean {
  return kernel.every((size, axis) => {
    const reach = (dilations[axis] as number) * (size - 1);
    return strides[axis] === 1 && (padsBegin[axis] as number) <= reach && (padsEnd[axis] as number) <= reach;
  });
}

/** dx = dy ∗ (w with its kernel turned around), at stride 1. */
function flippedConv(
  g: GradientContext,
  dy: string,
  w: string,
  geometry: Geometry,
  xDims: readonly number[],
  yDims: readonly number[],
): string {
  const { kernel, dilations } = geometry;
  const axes = kernel.map((_, axis) => axis + 2);
  const parts = axes.map((at, axis) => usedPart(geometry, axis, xDims[at] as number, yDims[at] as number));
  const turned = g.op('Slice', [
    w,
    g.ints(parts.map(({ last }) => last)),
    g.ints(parts.map(({ first }) => (first === 0 ? -(2 ** 31) : first - 1))),
    g.ints(axes),
    g.ints(axes.map(() => -1)),
  ]);
  const group = groupOf(g.node);
  return g.op('Conv', [dy, turned], {
    kernel_shape: parts.map(({ first, last }) => last - first + 1),
    dilations,
    pads: [...parts.map(({ begin }) => begin), ...parts.map(({ end }) => end)],
    ...(group === 1 ? {} : { group }),
  });
}

/**
 * The positions of a kernel along an axis that ever lie on the map, and the zeros that dy needs for them: a 5×5 kernel on two rows has three
 * rows that do (200 channels of 2×96: 0.12 ms in place of 0.16).
 */
function usedPart({ kernel, dilations, padsBegin }: Geometry, axis: number, large: number, small: number) {
  const [size, dilation, before] = [kernel[axis] as number, dilations[axis] as number, padsBegin[axis] as number];
  const part = (first: number, last: number) => ({
    first,
    last,
    begin: dilation * last - before,
    end: large - small + before - dilation * first,
  });
  const used = Array.from({ length: size }, (_, at) => at).filter((at) => {
    const offset = at * dilation - before;
    return offset > -small && offset < large;
  });
  const own = part(used[0] ?? 0, used.at(-1) ?? size - 1);
  return own.begin >= 0 && own.end >= 0 ? own : part(0, size - 1);
}

/** y is x spread out by w: the convolution of dy gives dx. */
const convTranspose = linear((g, dy) => {
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
  return wanted(g, dx, dw, () => biasGradient(g, dy));
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
