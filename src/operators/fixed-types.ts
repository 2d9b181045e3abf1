/**
 * Result types of operators where all sizes are known, as in a gradient model.
 *
 * The table of `types.ts` tells what a file promises at any size; this one goes on where that leaves a size open.
 */
import { intAttribute, intsAttribute, stringAttribute } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { ValueType } from '../onnx/value-type.ts';
import { forEach, type Inputs, sameAsFirst, type TypeRule } from './type-rule.ts';
import { inferNode } from './types.ts';

/** What a rule may ask where all sizes are known. */
export interface FixedInputs extends Inputs {
  /** Constant numbers of an input, such as scales. */
  floats(index: number): number[] | undefined;
}

const padded: TypeRule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const pads = intsAttribute(node, 'pads') ?? ints(1);
  const axes = node.input[3] ? ints(3) : shape?.map((_, axis) => axis);
  if (shape === undefined || pads === undefined || axes === undefined) return [{ elemType }];
  const dims = [...shape];
  for (const [index, axis] of axes.entries()) {
    const at = axis < 0 ? axis + shape.length : axis;
    const [dim, before = 0, after = 0] = [shape[at], pads[index], pads[index + axes.length]];
    dims[at] = dim === undefined ? undefined : dim + before + after;
  }
  return [{ elemType, shape: dims }];
};

/** A size that is stretched, rounded down; open if either is. */
function times(dim: number | undefined, factor: number | undefined): number | undefined {
  return dim === undefined || factor === undefined ? undefined : Math.floor(dim * factor);
}

const tiled: TypeRule = (_, { type, ints }) => {
  const { elemType, shape } = type(0);
  const repeats = ints(1);
  return [{ elemType, shape: shape?.map((dim, axis) => times(dim, repeats?.[axis])) }];
};

const gathered: TypeRule = (node, { type }) => {
  const [{ elemType, shape }, { shape: indices }] = [type(0), type(1)];
  if (shape === undefined || indices === undefined) return [{ elemType }];
  const axis = intAttribute(node, 'axis', 0);
  const at = axis < 0 ? axis + shape.length : axis;
  return [{ elemType, shape: [...shape.slice(0, at), ...indices, ...shape.slice(at + 1)] }];
};

/** https://onnx.ai/onnx/operators/onnx__ConvTranspose.html */
const transposedConv: TypeRule = (node, inputs) => {
  const [{ elemType, shape }] = inferNode(node, inputs) as [ValueType];
  const [x, w] = [inputs.type(0).shape, inputs.type(1).shape];
  const given = intsAttribute(node, 'output_shape');
  const spatial = (x?.length ?? 2) - 2;
  const isSame = (stringAttribute(node, 'auto_pad') ?? 'NOTSET').startsWith('SAME');
  const dims = Array.from({ length: spatial }, (_, axis) => {
    if (given !== undefined) return given[given.length - spatial + axis];
    const [extent = 0, kernel = 1] = [x?.[axis + 2], w?.[axis + 2]];
    const stride = intsAttribute(node, 'strides')?.[axis] ?? 1;
    if (isSame) return extent * stride;
    const pads = intsAttribute(node, 'pads') ?? [];
    const reach = (kernel - 1) * (intsAttribute(node, 'dilations')?.[axis] ?? 1) + 1;
    const more = intsAttribute(node, 'output_padding')?.[axis] ?? 0;
    return stride * (extent - 1) + more + reach - (pads[axis] ?? 0) - (pads[axis + spatial] ?? 0);
  });
  return [{ elemType, shape: shape && [...shape.slice(0, 2), ...dims] }];
};

/** The second output of MaxPool are positions. */
const pooled: TypeRule = (node, inputs) => {
  const [first] = inferNode(node, inputs) as [ValueType];
  return [first, { elemType: DataType.INT64, shape: first.shape }];
};

/** By sizes if there are any; scales are rounded down (https://onnx.ai/onnx/operators/onnx__Resize.html). */
const resized = (_: NodeProto, { type, ints, floats }: FixedInputs): ValueType[] => {
  const { elemType, shape } = type(0);
  const scales = floats(2);
  return [{ elemType, shape: ints(3) ?? (scales && shape?.map((dim, axis) => times(dim, scales[axis]))) }];
};

const RULES: ReadonlyMap<string, (node: NodeProto, inputs: FixedInputs) => ValueType[]> = new Map(
  Object.entries({
    ...forEach('CumSum ScatterElements ScatterND Trilu', sameAsFirst),
    Pad: padded,
    Tile: tiled,
    Gather: gathered,
    ConvTranspose: transposedConv,
    MaxPool: pooled,
    Resize: resized,
  }),
);

/** Types of a node's outputs, where all sizes and shapes are constants; those that still do not follow are left open. */
export function inferFixed(node: NodeProto, inputs: FixedInputs): ValueType[] {
  const rule = RULES.get(node.opType);
  return rule === undefined ? inferNode(node, inputs) : rule(node, inputs);
}
