/** What each operator makes of the types of its inputs. */

import { constantNodeTensor } from '../graph/constants.ts';
import type { Shape, ValueType } from '../graph/infer.ts';
import { attributeOf, intAttribute, intsAttribute, stringAttribute } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { dimsOf, HIGHEST_RANK } from '../onnx/tensor.ts';

/** What a rule may ask about a node's inputs. */
export interface Inputs {
  type(index: number): ValueType;
  /** Constant integers of an input, such as a shape. */
  ints(index: number): number[] | undefined;
}

type Rule = (node: NodeProto, inputs: Inputs) => ValueType[];

/** Types of a node's outputs, as far as they follow from its inputs. May say what no tensor can be, if the file does. */
export function inferNode(node: NodeProto, inputs: Inputs): ValueType[] {
  if (normalDomain(node.domain) !== '') return [];
  return RULES.get(node.opType)?.(node, inputs) ?? [];
}

const sameAsFirst: Rule = (_, { type }) => [type(0)];

/** Same rank and element type as the first input, dimensions unknown. */
const sameRank: Rule = (node, { type }) => {
  const { elemType, shape } = type(0);
  return node.output.map(() => ({ elemType, shape: shape?.map(() => undefined) }));
};

const broadcast: Rule = (node, { type }) => {
  // Before opset 7, `broadcast` fits the second input to the first, at an axis that it names.
  if (attributeOf(node, 'broadcast') !== undefined) return [type(0)];
  const types = node.input.map((_, index) => type(index));
  const elemType = types.find((it) => it.elemType !== undefined)?.elemType;
  return [{ elemType, shape: broadcastShape(types.map(({ shape }) => shape)) }];
};

function broadcastShape(shapes: readonly (Shape | undefined)[]): Shape | undefined {
  if (shapes.includes(undefined)) return undefined;
  const rank = shapes.reduce((highest, shape) => Math.max(highest, shape?.length ?? 0), 0);
  return Array.from({ length: rank }, (_, axis) => {
    const dims = shapes.map((own = []) => {
      const at = axis - (rank - own.length);
      return at < 0 ? 1 : own[at];
    });
    const large = dims.find((dim) => dim !== undefined && dim !== 1);
    return large ?? (dims.every((dim) => dim === 1) ? 1 : undefined);
  });
}

function slidingExtent(node: NodeProto, axis: number, extent: number | undefined, kernel: number | undefined) {
  if (extent === undefined || kernel === undefined || intAttribute(node, 'ceil_mode', 0) !== 0) return undefined;
  const stride = intsAttribute(node, 'strides')?.[axis] ?? 1;
  const autoPad = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  if (autoPad.startsWith('SAME')) return Math.ceil(extent / stride);
  const pads = autoPad === 'NOTSET' ? (intsAttribute(node, 'pads') ?? []) : [];
  const rank = pads.length / 2;
  const reach = (kernel - 1) * (intsAttribute(node, 'dilations')?.[axis] ?? 1) + 1;
  return Math.floor((extent + (pads[axis] ?? 0) + (pads[axis + rank] ?? 0) - reach) / stride) + 1;
}

const conv: Rule = (node, { type }) => {
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

const convTranspose: Rule = (node, { type }) => {
  const [x, w] = [type(0), type(1)];
  const rank = x.shape?.length ?? w.shape?.length;
  if (rank === undefined) return [{ elemType: x.elemType ?? w.elemType }];
  const perGroup = w.shape?.[1];
  const channels = perGroup === undefined ? undefined : perGroup * intAttribute(node, 'group', 1);
  const shape = Array.from({ length: rank }, (_, axis) => [x.shape?.[0], channels][axis]);
  return [{ elemType: x.elemType ?? w.elemType, shape }];
};

const pool: Rule = (node, { type }) => {
  const { elemType, shape } = type(0);
  const kernel = intsAttribute(node, 'kernel_shape');
  return [
    {
      elemType,
      shape: shape?.map((dim, axis) => (axis < 2 ? dim : slidingExtent(node, axis - 2, dim, kernel?.[axis - 2]))),
    },
  ];
};

const globalPool: Rule = (_, { type }) => {
  const { elemType, shape } = type(0);
  return [{ elemType, shape: shape?.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

const concat: Rule = (node, { type }) => {
  const types = node.input.map((_, index) => type(index));
  const first = types.find(({ shape }) => shape !== undefined);
  const rank = first?.shape?.length;
  if (rank === undefined) return [{ elemType: types[0]?.elemType }];
  const at = wrap(intAttribute(node, 'axis', 1), rank);
  const shape = first?.shape?.map((dim, axis) => {
    if (axis !== at) return dim ?? types.find((it) => it.shape?.[axis] !== undefined)?.shape?.[axis];
    const parts = types.map((it) => it.shape?.[axis]);
    return parts.reduce((sum, part) => (sum === undefined || part === undefined ? undefined : sum + part), 0);
  });
  return [{ elemType: types.find((it) => it.elemType !== undefined)?.elemType, shape }];
};

function wrap(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

const gemm: Rule = (node, { type }) => {
  const [a, b] = [type(0), type(1)];
  const rows = a.shape?.[intAttribute(node, 'transA', 0) ? 1 : 0];
  const columns = b.shape?.[intAttribute(node, 'transB', 0) ? 0 : 1];
  return [{ elemType: a.elemType ?? b.elemType, shape: [rows, columns] }];
};

const matMul: Rule = (_, { type }) => {
  const [a, b] = [type(0), type(1)];
  const elemType = a.elemType ?? b.elemType;
  if (a.shape === undefined || b.shape === undefined || a.shape.length < 2 || b.shape.length < 2) return [{ elemType }];
  const batch = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]) ?? [];
  return [{ elemType, shape: [...batch, a.shape.at(-2), b.shape.at(-1)] }];
};

const flatten: Rule = (node, { type }) => {
  const { elemType, shape } = type(0);
  const axis = intAttribute(node, 'axis', 1);
  const size = (dims: Shape | undefined) =>
    dims?.reduce<number | undefined>((all, dim) => (all === undefined || dim === undefined ? undefined : all * dim), 1);
  const at = shape === undefined ? axis : wrap(axis, shape.length);
  return [{ elemType, shape: [size(shape?.slice(0, at)), size(shape?.slice(at))] }];
};

const reshape: Rule = (node, { type, ints }) => {
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

const slice: Rule = (node, { type, ints }) => {
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
    const at = wrap(axis, shape.length);
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

const transpose: Rule = (node, { type }) => {
  const { elemType, shape } = type(0);
  const perm = intsAttribute(node, 'perm') ?? shape?.map((_, axis) => (shape.length - 1 - axis) as number);
  return [{ elemType, shape: perm?.map((axis) => shape?.[axis]) }];
};

const squeeze: Rule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  // Without axes all dimensions of 1 go, and which those are may only show in the run.
  if (shape === undefined || axes === undefined || axes.length === 0) return [{ elemType }];
  const gone = new Set(axes.map((axis) => wrap(axis, shape.length)));
  return [{ elemType, shape: shape.filter((_, axis) => !gone.has(axis)) }];
};

const unsqueeze: Rule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  if (shape === undefined || axes === undefined) return [{ elemType }];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => wrap(axis, rank)));
  if (rank > HIGHEST_RANK) return [{ elemType }];
  let next = 0;
  return [{ elemType, shape: Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : shape[next++])) }];
};

const reduce: Rule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1) ?? (node.input[1] ? undefined : []);
  if (shape === undefined || axes === undefined) return [{ elemType }];
  const isAll = axes.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) === 0;
  const reduced = new Set(isAll ? shape.keys() : axes.map((axis) => wrap(axis, shape.length)));
  const keep = intAttribute(node, 'keepdims', 1) !== 0;
  const kept = shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  return [{ elemType, shape: keep ? kept : kept.filter((_, axis) => !reduced.has(axis)) }];
};

const cast: Rule = (node, { type }) => [{ elemType: intAttribute(node, 'to', 0), shape: type(0).shape }];

const constant: Rule = (node) => {
  const tensor = constantNodeTensor(node);
  return tensor === undefined ? [] : [{ elemType: tensor.dataType, shape: dimsOf(tensor) }];
};

const shapeOf: Rule = (node, { type }) => {
  const shape = type(0).shape;
  const part = shape?.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', undefined));
  return [{ elemType: DataType.INT64, shape: [part?.length] }];
};

const gather: Rule = (_, { type }) => {
  const [data, indices] = [type(0), type(1)];
  const rank = data.shape && indices.shape && data.shape.length + indices.shape.length - 1;
  return [{ elemType: data.elemType, shape: unknownDims(rank) }];
};

function rules(names: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(names.split(' ').map((name) => [name, rule]));
}

const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ...rules(
      'Abs BatchNormalization Ceil Celu Clip Cos Dropout Elu Erf Exp Floor Gelu GroupNormalization HardSigmoid HardSwish ' +
        'Identity InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization ' +
        'MeanVarianceNormalization Mish Neg Reciprocal Relu Round Selu Sigmoid Sign Sin Softmax Softplus Softsign Sqrt ' +
        'Swish Tanh ThresholdedRelu',
      sameAsFirst,
    ),
    ...rules('Add Div Max Mean Min Mul PRelu Pow Sub Sum', broadcast),
    ...rules('DepthToSpace GridSample Pad Resize SpaceToDepth Split Tile Upsample', sameRank),
    ...rules('AveragePool LpPool MaxPool', pool),
    ...rules('GlobalAveragePool GlobalLpPool GlobalMaxPool', globalPool),
    ...rules('ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare', reduce),
    Cast: cast,
    Concat: concat,
    Constant: constant,
    Conv: conv,
    ConvTranspose: convTranspose,
    Flatten: flatten,
    Gather: gather,
    Gemm: gemm,
    MatMul: matMul,
    Reshape: reshape,
    Shape: shapeOf,
    Slice: slice,
    Squeeze: squeeze,
    Transpose: transpose,
    Unsqueeze: unsqueeze,
  }),
);

function unknownDims(rank: number | undefined): Shape | undefined {
  return rank === undefined || rank > HIGHEST_RANK ? undefined : Array.from({ length: rank }, () => undefined);
}
