/**
 * Gradient of Col2Im, which adds up what lies in windows: each entry gets what arrives at the place that it was added to, so dx is the
 * picture as each position of the window sees it.
 */
import { intsAttribute } from '../../onnx/attributes.ts';
import { type Gradient, linear } from '../gradient-rule.ts';
import { reshapeTo, statedInts } from '../shaping.ts';
import { slicesOf } from './windows.ts';

export const col2Im: Gradient = linear((g, dy) => {
  const kernel = statedInts(g, 2, 'window sizes');
  const largeDims = g.dims(g.output(0));
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(g.node, 'strides') ?? ones;
  const dilations = intsAttribute(g.node, 'dilations') ?? ones;
  const pads = intsAttribute(g.node, 'pads') ?? [...ones, ...ones].map(() => 0);
  const [padsBegin, padsEnd] = [pads.slice(0, kernel.length), pads.slice(kernel.length)];
  const windows = kernel.map((size, axis) => {
    const whole = (largeDims[axis + 2] as number) + (padsBegin[axis] as number) + (padsEnd[axis] as number);
    return Math.floor((whole - (dilations[axis] as number) * (size - 1) - 1) / (strides[axis] as number)) + 1;
  });
  const smallDims = [largeDims[0] as number, largeDims[1] as number, ...windows];
  const geometry = { kernel, strides, dilations, padsBegin, padsEnd };
  const pieces = slicesOf(g, { large: dy, largeDims, small: '', smallDims, geometry, group: 1 });
  // Along the first axis of the picture, the positions of a channel come to lie one behind the other.
  const joined = pieces.length === 1 ? (pieces[0] as string) : g.op('Concat', pieces, { axis: 2 });
  return [reshapeTo(g, joined, g.dims(g.input(0)))];
});
