/** Pooling. */

import { intsAttribute } from '../../onnx/attributes.ts';
import { slidingExtents } from '../sliding-extent.ts';
import { forEach, type TypeRule } from '../type-rule.ts';

const pool: TypeRule = (node, { type }) => {
  const { elemType, shape } = type(0);
  const kernel = intsAttribute(node, 'kernel_shape');
  return [{ elemType, shape: shape && [...shape.slice(0, 2), ...slidingExtents(node, shape.slice(2), kernel)] }];
};

const globalPool: TypeRule = (_, { type }) => {
  const { elemType, shape } = type(0);
  return [{ elemType, shape: shape?.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = {
  ...forEach('AveragePool LpPool MaxPool', pool),
  ...forEach('GlobalAveragePool GlobalLpPool GlobalMaxPool', globalPool),
};
