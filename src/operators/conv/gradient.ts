/** Gradients of convolutions: of the input by the transposed convolution, of the weight by sums over all windows. */
import { type GradientContext, type Gradients, linear } from '../gradient-rule.ts';
import { geometryOf, groupOf, transposedAttributes, transposedGeometry } from './geometry.ts';
import { weightGradient } from './weight.ts';

/** y = w ∗ x + b. */
const conv = linear((g) => {
  const dy = g.gradient(0);
  if (dy === undefined) return [];
  const [x, w] = [g.input(0), g.input(1)];
  const [xDims, wDims, yDims] = [g.dims(x), g.dims(w), g.dims(g.output(0))];
  const group = groupOf(g.node);
  const geometry = geometryOf(g.node, wDims.slice(2), xDims.slice(2), yDims.slice(2));
  const dx = () =>
    g.op('ConvTranspose', [dy, w], { ...transposedAttributes(geometry, xDims.slice(2), yDims.slice(2)), group });
  const dw = () => weightGradient(g, { large: x, largeDims: xDims, small: dy, smallDims: yDims, geometry, group });
  return [g.wants(0) ? dx() : undefined, g.wants(1) ? dw() : undefined, g.wants(2) ? biasGradient(g, dy) : undefined];
});

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

export const convolution: Gradients = { Conv: conv, ConvTranspose: convTranspose };
