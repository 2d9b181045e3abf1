/** Operators that take, join and repeat parts. */

import { intAttribute, intsAttribute } from '../../onnx/attributes.ts';
import { broadcastShape, forEach, sameRank, type TypeRule, unknownDims, wrapAxis } from '../type-rule.ts';

const concat: TypeRule = (node, { type }) => {
  const types = node.input.map((_, index) => type(index));
  const first = types.find(({ shape }) => shape !== undefined);
  const rank = first?.shape?.length;
  if (rank === undefined) return [{ elemType: types[0]?.elemType }];
  const at = wrapAxis(intAttribute(node, 'axis', 1), rank);
  const shape = first?.shape?.map((dim, axis) => {
    if (axis !== at) return dim ?? types.find((it) => it.shape?.[axis] !== undefined)?.shape?.[axis];
    const parts = types.map((it) => it.shape?.[axis]);
    return parts.reduce((sum, part) => (sum === undefined || part === undefined ? undefined : sum + part), 0);
  });
  return [{ elemType: types.find((it) => it.elemType !== undefined)?.elemType, shape }];
};

const slice: TypeRule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const optional = (index: number, otherwise: (axis: number) => number) =>
    ints(index) ?? (node.input[index] ? undefined : starts?.map((_, axis) => otherwise(axis)));
  const starts = intsAttribute(node, 'starts') ?? ints(1);
  const ends = intsAttribute(node, 'ends') ?? ints(2);
  const axes = intsAttribute(node, 'axes') ?? optional(3, (axis) => axis);
  const steps = optional(4, () => 1);
  if (shape === undefined) return [{ elemType }];
  const dims: (number | undefined)[] = [...shape];
  if (axes === undefined) return [{ elemType, shape: dims.fill(undefined) }];
  for (const [index, axis] of axes.entries()) {
    const at = wrapAxis(axis, shape.length);
    dims[at] = sliced(shape[at], starts?.[index], ends?.[index], steps?.[index]);
  }
  return [{ elemType, shape: dims.slice(0, shape.length) }];
};

/** How many of `dim` positions lie from `start` up to `end`; negative ones count from the end. */
function sliced(dim?: number, start?: number, end?: number, step?: number): number | undefined {
  if (dim === undefined || start === undefined || end === undefined || !step) return undefined;
  const [lowest, highest] = step > 0 ? [0, dim] : [-1, dim - 1];
  const place = (position: number) => Math.min(Math.max(position < 0 ? position + dim : position, lowest), highest);
  return Math.max(0, Math.ceil((place(end) - place(start)) / step));
}

const expand: TypeRule = (_, { type, ints }) => {
  const { elemType, shape } = type(0);
  return [{ elemType, shape: broadcastShape([shape, ints(1) ?? unknownDims(type(1).shape?.[0])]) }];
};

const gather: TypeRule = (_, { type }) => {
  const [data, indices] = [type(0), type(1)];
  const rank = data.shape && indices.shape && data.shape.length + indices.shape.length - 1;
  return [{ elemType: data.elemType, shape: unknownDims(rank) }];
};

/** Parts as they are given, else all alike but for a smaller last one (https://onnx.ai/onnx/operators/onnx__Split.html). */
const split: TypeRule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axis = wrapAxis(intAttribute(node, 'axis', 0), shape?.length ?? 0);
  const sizes = intsAttribute(node, 'split') ?? (node.input[1] ? ints(1) : undefined);
  const whole = shape?.[axis];
  const each = node.input[1] || whole === undefined ? undefined : Math.ceil(whole / node.output.length);
  return node.output.map((_, index) => {
    const equal =
      each === undefined || whole === undefined ? undefined : Math.min(each, Math.max(0, whole - index * each));
    return { elemType, shape: shape?.map((dim, at) => (at === axis ? (sizes?.[index] ?? equal) : dim)) };
  });
};

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = {
  ...forEach('Pad Tile', sameRank),
  Concat: concat,
  Expand: expand,
  Gather: gather,
  Slice: slice,
  Split: split,
};
