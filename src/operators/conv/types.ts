/** Convolutions. */

import { intAttribute, intsAttribute } from '../../onnx/attributes.ts';
import type { Shape } from '../../onnx/value-type.ts';
import { slidingExtents } from '../sliding-extent.ts';
import type { TypeRule } from '../type-rule.ts';

const conv: TypeRule = (node, { type }) => {
  const [x, w] = [type(0), type(1)];
  const rank = x.shape?.length ?? w.shape?.length;
  if (rank === undefined) return [{ elemType: x.elemType ?? w.elemType }];
  const kernel = intsAttribute(node, 'kernel_shape') ?? w.shape?.slice(2);
  const extents: Shape = x.shape?.slice(2) ?? Array.from({ length: Math.max(0, rank - 2) }, () => undefined);
  const shape = [x.shape?.[0], w.shape?.[0], ...slidingExtents(node, extents, kernel)].slice(0, rank);
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
