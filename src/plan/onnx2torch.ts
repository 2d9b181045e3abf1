/**
 * What onnx2torch 1.5.15 reads, and what it makes of it: the row `pytorch` of {@link CONSUMERS} needs more than a form.
 *
 * The table is its converter registry against the operator sets of onnx 1.23, printed by test/interop/onnx2torch_reads.py, which fails if it
 * says something else.
 */
import type { Scope } from '../graph/scope.ts';
import { viewOf } from '../graph/view.ts';
import { constantNodeTensor } from '../onnx/constant-node.ts';
import { isFloat } from '../onnx/data-type.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { elementCount } from '../onnx/tensor.ts';
import { convertCommand } from '../words.ts';

/** First and last opset at which operators are read. Before opset 7 nothing is swapped. */
const READ: readonly (readonly [first: number, last: number, operators: string])[] = [
  [
    1,
    17,
    'Pad ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare Split',
  ],
  [
    1,
    18,
    'Abs Acos Add And Asin Atan AveragePool Ceil Clip Concat Conv ConvTranspose Cos Div Elu Equal Exp Floor Gather GlobalAveragePool Greater HardSigmoid Identity InstanceNormalization LRN LeakyRelu Less Log LogSoftmax MatMul Mul Neg Not Or PRelu Pow Reciprocal ReduceSum Relu Reshape Selu Shape Sigmoid Sin Softmax Softplus Softsign Sqrt Squeeze Sub Tan Tanh Tile TopK Transpose Unsqueeze Xor',
  ],
  [8, 18, 'Expand Max MaxPool Mean Min Sum'],
  [9, 18, 'BatchNormalization Cast Constant ConstantOfShape Erf EyeLike Flatten Gemm Sign Where'],
  [10, 17, 'Resize'],
  [10, 18, 'Dropout IsInf Mod NonMaxSuppression RoiAlign Slice'],
  [11, 17, 'ScatterND'],
  [11, 18, 'ArgMax ArgMin CumSum DepthToSpace GatherElements GatherND Range Round'],
  [12, 15, 'GreaterOrEqual LessOrEqual'],
  [12, 18, 'Celu Einsum'],
  [13, 18, 'IsNaN NonZero'],
  [14, 18, 'HardSwish'],
  [17, 18, 'LayerNormalization'],
];

const OPSETS: ReadonlyMap<string, readonly [number, number]> = new Map(
  READ.flatMap(([first, last, operators]) => operators.split(' ').map((it) => [it, [first, last]] as const)),
);

/** A node that is not read, and why. */
export interface Unread {
  readonly node: NodeProto;
  readonly reason: string;
  readonly remedy: string;
}

/**
 * Finds the first node of a model that onnx2torch does not import; undefined if it imports all of them.
 *
 * @param replaced nodes that are gone after the swap
 */
export function unreadByOnnx2torch(model: Model, replaced: ReadonlySet<NodeProto>): Unread | undefined {
  const { opset, scopes } = viewOf(model);
  const [main] = scopes as [Scope, ...Scope[]];
  for (const node of main.graph.node) {
    if (replaced.has(node)) continue;
    const why = whyUnread(node, opset, main);
    if (why !== undefined) return { node, ...why };
  }
  return undefined;
}

function whyUnread(node: NodeProto, opset: number, main: Scope): Omit<Unread, 'node'> | undefined {
  const { opType, domain, input } = node;
  const without = 'Export the model without it, or leave --for out';
  if (normalDomain(domain) !== '') return { reason: `it is an operator of the domain ${domain}`, remedy: without };
  const [first, last] = OPSETS.get(opType) ?? [];
  if (first === undefined || last === undefined)
    return { reason: `${opType} is not read at any opset`, remedy: without };
  if (opset < first || opset > last) {
    const until = last === LAST ? 'on' : `to ${last}`;
    const to = opset < first ? Math.max(first, USUAL) : last;
    return {
      reason: `${opType} is read from opset ${first} ${until}, and the model is of opset ${opset}`,
      remedy: `Convert the model first: ${convertCommand(to)}`,
    };
  }
  if (!LAYERS.has(opType) || isStored(nameAt(input, 1), main)) return undefined;
  return { reason: `its weight is computed by a node, and must be stored in the file`, remedy: without };
}

/** The last opset of the table, and one that nearly everything is read at. */
const LAST = 18;
const USUAL = 13;
const LAYERS = new Set(['Conv', 'ConvTranspose']);
/** Operators whose stored inputs become parameters of a module, where all of them are stored as initializers. */
const MODULES = new Set([
  'BatchNormalization',
  'Conv',
  'ConvTranspose',
  'Gemm',
  'InstanceNormalization',
  'LayerNormalization',
]);
/** Operators whose stored floats a trainer would want to train. */
const WEIGHTED = new Set(['Add', 'Gemm', 'MatMul', 'Mul', 'PRelu']);

function isStored(name: string, { initializers, producers }: Scope): boolean {
  return initializers.has(name) || producers.get(name)?.opType === 'Constant';
}

/** Tensors of a model that become parameters there, and those that become buffers, which nothing trains. */
export interface Trains {
  readonly parameters: readonly string[];
  readonly buffers: readonly string[];
}

/** Tells what trains of a model's nodes, but for those that a swap replaces. */
export function trainsInOnnx2torch(model: Model, replaced: ReadonlySet<NodeProto>): Trains {
  const [main] = viewOf(model).scopes as [Scope, ...Scope[]];
  const [parameters, buffers] = [new Set<string>(), new Set<string>()];
  for (const node of main.graph.node) {
    if (replaced.has(node)) continue;
    const own = node.input.filter((name) => tensorOf(name, main) !== undefined && isStored(name, main));
    const isModule = MODULES.has(node.opType) && isWhole(node, main);
    for (const name of own) {
      if (isModule) parameters.add(name);
      else if (WEIGHTED.has(node.opType)) buffers.add(name);
    }
  }
  return { parameters: [...parameters], buffers: [...buffers].filter((name) => !parameters.has(name)) };
}

/** A float tensor of more than one number that the file stores. */
function tensorOf(name: string, { initializers, producers }: Scope): TensorProto | undefined {
  const producer = producers.get(name);
  const tensor = initializers.get(name) ?? (producer?.opType === 'Constant' ? constantNodeTensor(producer) : undefined);
  return tensor !== undefined && isFloat(tensor.dataType) && elementCount(tensor) > 1 ? tensor : undefined;
}

/** Weights of Conv are lifted out of Constant nodes; all others have to be initializers. */
function isWhole({ opType, input }: NodeProto, main: Scope): boolean {
  const stored = input.slice(1).filter((name) => name !== '');
  if (LAYERS.has(opType)) return stored.every((name) => isStored(name, main));
  return stored.length > 0 && stored.every((name) => main.initializers.has(name));
}
