/** What a window that slides over axes leaves. */
import { intAttribute, intsAttribute, stringAttribute } from '../onnx/attributes.ts';
import type { NodeProto } from '../onnx/schema.ts';

/**
 * Tells how many positions a window takes along each spatial axis; undefined where that does not follow.
 *
 * @param extents of the spatial axes
 * @param kernel of the window, along each of them
 */
export function slidingExtents(
  node: NodeProto,
  extents: readonly (number | undefined)[],
  kernel: readonly (number | undefined)[] | undefined,
): (number | undefined)[] {
  const isRounded = intAttribute(node, 'ceil_mode', 0) !== 0;
  const strides = intsAttribute(node, 'strides');
  const dilations = intsAttribute(node, 'dilations');
  const autoPad = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  const pads = autoPad === 'NOTSET' ? (intsAttribute(node, 'pads') ?? []) : [];
  const rank = pads.length / 2;
  return extents.map((extent, axis) => {
    const width = kernel?.[axis];
    if (extent === undefined || width === undefined || isRounded) return undefined;
    const stride = strides?.[axis] ?? 1;
    if (autoPad.startsWith('SAME')) return Math.ceil(extent / stride);
    const reach = (width - 1) * (dilations?.[axis] ?? 1) + 1;
    return Math.floor((extent + (pads[axis] ?? 0) + (pads[axis + rank] ?? 0) - reach) / stride) + 1;
  });
}
