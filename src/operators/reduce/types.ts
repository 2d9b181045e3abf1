/** Reductions over axes. */

import { intAttribute, intsAttribute } from '../../onnx/attributes.ts';
import { forEach, type TypeRule, wrapAxis } from '../type-rule.ts';

const reduce: TypeRule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1) ?? (node.input[1] ? undefined : []);
  if (shape === undefined || axes === undefined) return [{ elemType }];
  const isAll = axes.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) === 0;
  const reduced = new Set(isAll ? shape.keys() : axes.map((axis) => wrapAxis(axis, shape.length)));
  const keep = intAttribute(node, 'keepdims', 1) !== 0;
  const kept = shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  return [{ elemType, shape: keep ? kept : kept.filter((_, axis) => !reduced.has(axis)) }];
};

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = forEach(
  'ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
  reduce,
);
