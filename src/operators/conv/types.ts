/** Convolutions. */

import { intAttribute, intsAttribute } from '../../onnx/attributes.ts';
import { slidingExtent } from '../sliding-extent.ts';
import type { TypeRule } from '../type-rule.ts';

const conv: TypeRule = (node, { type }) => {
  const [x, w] = [type(0), type(1)];
  const rank = x.shape?.length ?? w.shape?.length;
  if (rank === undefined) return [{ elemType: x.elemType ?? w.elemType }];
  const kernel = intsAttribute(node, 'kernel_shape') ?? w.shape?.slice(2);
  const shape = Array.from({ length: rank }, (_, axis) => {
    if (axis === 0) return x.shape?.[0];
    if (axis === 1) return w.shape?.[0];
    return slidingExtent(node, axis - 2, x.shape?.[axis], kernel?.[axis - 2]);
  });
  return [{ elemType: x.elemType ?? w.elemType, shape }];
};

const convTranspose: TypeRule = (node, { type }) => {
  const [x, w] = [type(0), type(1)];
  const rank = x.shape?.length ?? w.shape?.length;
  if (rank === undefined) return [{ elemType: x.elemType ?? w.elemType }];
  const perGroup = w.shape?.[1];
  const channels = perGroup === undefined ? undefined : perGroup * intAttribute(node, 'group', 1);
  const shape = Array.from({ length: rank }, (_, axis) => [x.shape?.[0], channels][axis]);
  return [{ elemType: x.elemType ?? w.elemType, shape }];
};

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = { Conv: conv, ConvTranspose: convTranspose };
