/**
 * Element types and shapes of values, as far as they follow from the file.
 *
 * One forward pass over the nodes: linear in the model's size, and enough to know the rank of what feeds a
 * normalisation. What the file itself states (`value_info`) wins; what neither says stays unknown, never guessed.
 */
import { intAttribute, intsAttribute, stringAttribute } from './attributes.ts';
import { constantInts, constantNodeTensor } from './constants.ts';
import { DataType } from './data-type.ts';
import type { Model } from './model.ts';
import { normalDomain } from './model.ts';
import type { NodeProto, TensorProto, TypeProto, ValueInfoProto } from './schema.ts';
import { type Scope, scopesOf } from './scope.ts';
import { dimsOf } from './tensor.ts';

/** Dimensions; `undefined` is one that the file does not fix. */
export type Shape = readonly (number | undefined)[];

/** What is known of a value. No `shape` means that not even the rank is known. */
export interface ValueType {
  readonly elemType?: DataType | undefined;
  readonly shape?: Shape | undefined;
}

/** Answers what is known of a value that a scope can see. */
export type TypeLookup = (scope: Scope, name: string) => ValueType;

const UNKNOWN: ValueType = {};

/** The declared type of a graph input or output, or of a `value_info` entry. */
export function declaredType(type: TypeProto | undefined): ValueType {
  const tensor = type?.tensorType;
  if (tensor === undefined) return UNKNOWN;
  const shape = tensor.shape?.dim.map(({ dimValue }) =>
    dimValue === undefined || Number(dimValue) < 0 ? undefined : Number(dimValue),
  );
  return { elemType: tensor.elemType, shape };
}

/** Infers types for the main graph and all subgraphs. */
export function inferTypes(model: Model, scopes: readonly Scope[] = scopesOf(model)): TypeLookup {
  const types = new Map<Scope, Map<string, ValueType>>();
  const lookup: TypeLookup = (scope, name) => {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const known = types.get(at)?.get(name);
      if (known !== undefined) return known;
    }
    return UNKNOWN;
  };
  for (const scope of scopes) {
    const known = new Map<string, ValueType>();
    types.set(scope, known);
    const declare = ({ name, type }: ValueInfoProto) => known.set(name, merge(declaredType(type), known.get(name)));
    for (const list of [scope.graph.input, scope.graph.valueInfo, scope.graph.output]) list.forEach(declare);
    for (const tensor of scope.graph.initializer) known.set(tensor.name, tensorType(tensor));
    for (const node of scope.graph.node) {
      const inferred = inferNode(node, {
        type: (index) => lookup(scope, node.input[index] ?? ''),
        ints: (index) => constantInts(scope, node.input[index] ?? '', model.external),
      });
      for (const [index, name] of node.output.entries()) {
        if (name !== '') known.set(name, merge(known.get(name), inferred[index]));
      }
    }
  }
  return lookup;
}

function merge(stated: ValueType | undefined, inferred: ValueType | undefined): ValueType {
  const elemType = stated?.elemType || inferred?.elemType;
  const [a, b] = [stated?.shape, inferred?.shape];
  const shape = a === undefined ? b : a.length === b?.length ? a.map((dim, i) => dim ?? b[i]) : a;
  return { elemType, shape };
}

function tensorType(tensor: TensorProto | undefined): ValueType {
  return tensor === undefined ? UNKNOWN : { elemType: tensor.dataType, shape: dimsOf(tensor) };
}

interface Inputs {
  type(index: number): ValueType;
  /** Constant integers of an input, such as a shape. */
  ints(index: number): number[] | undefined;
}

type Rule = (node: NodeProto, inputs: Inputs) => ValueType[];

function inferNode(node: NodeProto, inputs: Inputs): ValueType[] {
  if (normalDomain(node.domain) !== '') return [];
  return RULES[node.opType]?.(node, inputs) ?? [];
}

const sameAsFirst: Rule = (_, { type }) => [type(0)];

/** Same rank and element type as the first input, dimensions unknown. */
const sameRank: Rule = (node, { type }) => {
  const { elemType, shape } = type(0);
  return node.output.map(() => ({ elemType, shape: shape?.map(() => undefined) }));
};

const broadcast: Rule = (node, { type }) => {
  const types = node.input.map((_, index) => type(index));
  const elemType = types.find((it) => it.elemType !== undefined)?.elemType;
  if (types.some((it) => it.shape === undefined)) return [{ elemType }];
  const rank = Math.max(...types.map((it) => it.shape?.length ?? 0));
  const shape = Array.from({ length: rank }, (_, axis) => {
    const dims = types.map(({ shape: own = [] }) => {
      const at = axis - (rank - own.length);
      return at < 0 ? 1 : own[at];
    });
    const large = dims.find((dim) => dim !== undefined && dim !== 1);
    return large ?? (dims.every((dim) => dim === 1) ? 1 : undefined);
  });
  return [{ elemType, shape }];
};

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
  const rank = Math.max(a.shape.length, b.shape.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    if (axis === rank - 1) return b.shape?.at(-1);
    if (axis === rank - 2) return a.shape?.at(-2);
    return a.shape?.length === rank ? a.shape[axis] : b.shape?.[axis];
  });
  return [{ elemType, shape }];
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

const transpose: Rule = (node, { type }) => {
  const { elemType, shape } = type(0);
  const perm = intsAttribute(node, 'perm') ?? shape?.map((_, axis) => (shape.length - 1 - axis) as number);
  return [{ elemType, shape: perm?.map((axis) => shape?.[axis]) }];
};

const squeeze: Rule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  if (shape === undefined || axes === undefined) return [{ elemType }];
  const gone = new Set(axes.map((axis) => wrap(axis, shape.length)));
  return [{ elemType, shape: shape.filter((_, axis) => !gone.has(axis)) }];
};

const unsqueeze: Rule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  if (shape === undefined || axes === undefined) return [{ elemType }];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => wrap(axis, rank)));
  const rest = [...shape];
  return [{ elemType, shape: Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift())) }];
};

const reduce: Rule = (node, { type, ints }) => {
  const { elemType, shape } = type(0);
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  if (shape === undefined || axes === undefined) return [{ elemType }];
  const reduced = new Set(axes.map((axis) => wrap(axis, shape.length)));
  const keep = intAttribute(node, 'keepdims', 1) !== 0;
  const kept = shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  return [{ elemType, shape: keep ? kept : kept.filter((_, axis) => !reduced.has(axis)) }];
};

const cast: Rule = (node, { type }) => [{ elemType: intAttribute(node, 'to', 0), shape: type(0).shape }];

const constant: Rule = (node) => [tensorType(constantNodeTensor(node))];

const shapeOf: Rule = (_, { type }) => [{ elemType: DataType.INT64, shape: [type(0).shape?.length] }];

const gather: Rule = (_, { type }) => {
  const [data, indices] = [type(0), type(1)];
  const rank = data.shape && indices.shape && data.shape.length + indices.shape.length - 1;
  return [{ elemType: data.elemType, shape: unknownDims(rank) }];
};

function rules(names: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(names.split(' ').map((name) => [name, rule]));
}

const RULES: Readonly<Record<string, Rule>> = {
  ...rules(
    'Abs BatchNormalization Ceil Celu Clip Cos Dropout Elu Erf Exp Floor Gelu GroupNormalization HardSigmoid HardSwish ' +
      'Identity InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization ' +
      'MeanVarianceNormalization Mish Neg Reciprocal Relu Round Selu Sigmoid Sign Sin Softmax Softplus Softsign Sqrt ' +
      'Swish Tanh ThresholdedRelu',
    sameAsFirst,
  ),
  ...rules('Add Div Max Mean Min Mul PRelu Pow Sub Sum', broadcast),
  ...rules('DepthToSpace GridSample Pad Resize Slice SpaceToDepth Split Tile Upsample', sameRank),
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
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};

/** No tensor that a runtime takes has more dimensions than this; a file may claim any number. */
const HIGHEST_RANK = 64;

function unknownDims(rank: number | undefined): Shape | undefined {
  return rank === undefined || rank > HIGHEST_RANK ? undefined : Array.from({ length: rank }, () => undefined);
}
