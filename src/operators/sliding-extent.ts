/** What a window that slides over an axis leaves. */
import { intAttribute, intsAttribute, stringAttribute } from '../onnx/attributes.ts';
import type { NodeProto } from '../onnx/schema.ts';

/**
 * Tells how many positions a window takes along a spatial axis; undefined if that does not follow.
 *
 * @param axis spatial axis, from 0
 */
export function slidingExtent(node: NodeProto, axis: number, extent: number | undefined, kernel: number | undefined) {
  if (extent === undefined || kernel === undefined || intAttribute(node, 'ceil_mode', 0) !== 0) return undefined;
  const stride = intsAttribute(node, 'strides')?.[axis] ?? 1;
  const autoPad = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  if (autoPad.startsWith('SAME')) return Math.ceil(extent / stride);
  const pads = autoPad === 'NOTSET' ? (intsAttribute(node, 'pads') ?? []) : [];
  const rank = pads.length / 2;
  const reach = (kernel - 1) * (intsAttribute(node, 'dilations')?.[axis] ?? 1) + 1;
  return Math.floor((extent + (pads[axis] ?? 0) + (pads[axis + rank] ?? 0) - reach) / stride) + 1;
}
