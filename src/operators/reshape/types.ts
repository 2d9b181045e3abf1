/** Operators that keep the elements and change the shape. */

import { intAttribute, intsAttribute } from '../../onnx/attributes.ts';
import { HIGHEST_RANK } from '../../onnx/tensor.ts';
import type { Shape } from '../../onnx/value-type.ts';
import { forEach, sameRank, type TypeRule, unknownDims, wrapAxis } from '../type-rule.ts';

const flatten: TypeRule = (node, { type }) => {
  const { elemType, shape } = type(0);
  const axis = intAttribute(node, 'axis', 1);
  const size = (dims: Shape | undefined) =>
    dims?.reduce<number | undefined>((all, dim) => (all === undefined || dim === undefined ? undefined : all * dim), 1);
  const at = shape === undefined ? axis : wrapAxis(axis, shape.length);
  return [{ elemType, shape: [size(shape?.slice(0, at)), size(shape?.slice(at))] }];
};

const reshape: TypeRule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const target = ints(1) ?? intsAttribute(node, 'shape');
  if (target === undefined) {
    const rank = type(1).shape?.[0];
    return [{ elemType, shape: unknownDims(rank) }];
  }
  const copiesZero = intAttribute(node, 'allowzero', 0) === 0;
  const dims = target.map((dim, axis) => (dim === 0 && copiesZero ? shape?.[axis] : dim < 0 ? undefined : dim));
  const open = target.findIndex((dim) => dim < 0);
  const whole = [...(shape ?? [undefined])];
  const rest = dims.filter((_, axis) => axis !== open);
  if (open >= 0 && [...whole, ...rest].every((dim) => dim !== undefined && dim > 0)) {
    const product = (list: Shape) => list.reduce<number>((all, dim) => all * (dim ?? 1), 1);
    dims[open] = product(whole) / product(rest);
  }
  return [{ elemType, shape: dims }];
};

const transpose: TypeRule = (node, { type }) => {
  const { elemType, shape } = type(0);
  const perm = intsAttribute(node, 'perm') ?? shape?.map((_, axis) => (shape.length - 1 - axis) as number);
  return [{ elemType, shape: perm?.map((axis) => shape?.[axis]) }];
};

const squeeze: TypeRule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  // Without axes all dimensions of 1 go, and which those are may only show in the run.
  if (shape === undefined || axes === undefined || axes.length === 0) return [{ elemType }];
  const gone = new Set(axes.map((axis) => wrapAxis(axis, shape.length)));
  return [{ elemType, shape: shape.filter((_, axis) => !gone.has(axis)) }];
};

const unsqueeze: TypeRule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  if (shape === undefined || axes === undefined) return [{ elemType }];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => wrapAxis(axis, rank)));
  if (rank > HIGHEST_RANK) return [{ elemType }];
  let next = 0;
  return [{ elemType, shape: Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : shape[next++])) }];
};

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = {
  ...forEach('DepthToSpace SpaceToDepth', sameRank),
  Flatten: flatten,
  Reshape: reshape,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
