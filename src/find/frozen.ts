/**
 * x → Mul s → Add t → site: BatchNormalization with fixed statistics, as a scale and a shift per channel
 * x → Sub μ → Mul s → Add t → site: the same, by tools that fold γ/√(σ² + ε) alone
 *
 * x: [N, C, D₁, …]; s, t, μ: one number per channel. So FrozenBatchNorm2d is exported, Caffe's Scale, and what Keras, tf2onnx and
 * onnxsim leave of a norm that they do not multiply into the layer before it. Where the file still holds γ, β, μ and σ², and
 * computes s and t of them, they are read: see frozen-chain.ts.
 *
 * 1. s and t are constants with one number per channel, and not all alike, unless a Conv without a bias makes x.
 * 2. Nothing else reads what lies between.
 * 3. x is made by a layer, with its bias if that is added behind it, a nonlinearity, a sum of two branches, a Concat or a pooling, also behind the Squeeze of an axis
 *    after the channels: what follows another norm, or the input of the model, is a scale of its own.
 * 4. What is made is read in the model, by something else than a norm, and is not an output of it.
 *
 * Of (1) to (4) a norm whose vectors are stored needs only (2). If they are not, only data can tell γ′ and β′.
 */

import { constantInts, constantOf } from '../graph/constants.ts';
import type { Scope } from '../graph/scope.ts';
import { intsAttribute } from '../onnx/attributes.ts';
import { dataTypeName, isFloat } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { dimsOf, elementCount, valuesOf } from '../onnx/tensor.ts';
import type { Shape } from '../onnx/value-type.ts';
import { wrapAxis } from '../operators/type-rule.ts';
import { badStatistics } from './bad-statistics.ts';
import { type FrozenChain, frozenChain } from './frozen-chain.ts';
import { whyLastAxis } from './last-axis.ts';
import { linearBefore } from './linear.ts';
import { NORMS } from './norm-behind.ts';
import type { Pattern, Reason, SearchContext } from './pattern.ts';
import type { Site, Statistics } from './types.ts';

export const frozenNorm: Pattern = {
  name: 'frozen',
  kind: ['batchnorm', 'folded'],
  summary: 'BatchNormalization with fixed statistics, written as Mul and Add, or with its four vectors',
  matches: (node) => node.opType === 'Add' && normalDomain(node.domain) === '',
  looks: (node, scope, context) =>
    frozenAt(node, scope, context) !== undefined || whyLastAxis(node, scope, context, MAKERS) !== undefined,
  check,
};

/** What may make the x of a norm. (3) */
const MAKERS = new Set(
  (
    'AveragePool Clip Concat Conv ConvTranspose DepthToSpace Elu Gelu Gemm GlobalAveragePool HardSwish LeakyRelu MatMul ' +
    'MaxPool Mish PRelu Pad Relu Resize Selu Sigmoid Softplus SpaceToDepth Sum Swish Tanh Upsample'
  ).split(' '),
);
const MOST_CASTS = 8;
/** What has a bias. */
const LAYERS = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
/** ε where the file does not tell it. */
const DEFAULT_EPSILON = Math.fround(1e-5);

/** Where a frozen norm stands: the value that it reads, and its vectors if the file has them. */
export interface FrozenPlace {
  readonly input: string;
  /** All that spells the norm but its last node. */
  readonly nodes: readonly NodeProto[];
  readonly chain?: FrozenChain;
  /** s and t, if there is no chain. */
  readonly line?: Line;
}

/** s (x − μ) + t; without μ if nothing is subtracted. */
interface Line {
  readonly factor: TensorProto;
  readonly shift: TensorProto;
  readonly mean?: TensorProto | undefined;
}

/** What was found at nodes of a graph before anything of it was run: several questions of one search are about the same nodes. */
const known = new WeakMap<Scope, Map<NodeProto, FrozenPlace | undefined>>();

/** The frozen norm whose last node this is; `undefined` if there is none. */
export function frozenAt(node: NodeProto, scope: Scope, context: SearchContext): FrozenPlace | undefined {
  if (!frozenNorm.matches(node)) return undefined;
  if (context.evaluated.size > 0) return findFrozen(node, scope, context);
  const places = known.get(scope) ?? new Map<NodeProto, FrozenPlace | undefined>();
  if (places.size === 0) known.set(scope, places);
  if (!places.has(node)) places.set(node, findFrozen(node, scope, context));
  return places.get(node);
}

function findFrozen(node: NodeProto, scope: Scope, context: SearchContext): FrozenPlace | undefined {
  const chain = frozenChain(node, scope, context);
  if (chain !== undefined) return { input: chain.input, nodes: chain.nodes, chain };
  const [first = '', second = ''] = node.input;
  for (const [product, summand] of [
    [first, second],
    [second, first],
  ] as const) {
    const times = scope.producers.get(product);
    // (2)
    if (times?.opType !== 'Mul' || normalDomain(times.domain) !== '' || context.uses.get(product) !== 1) continue;
    for (const [index, factorName] of times.input.entries()) {
      const { input, mean, nodes } = centredAt(nameAt(times.input, 1 - index), scope, context);
      const factor = vectorOf(factorName, input, scope, context);
      const shift = factor && vectorOf(summand, input, scope, context);
      if (
        factor === undefined ||
        shift === undefined ||
        (!isBare(input, scope) && isAlike(factor, context) && isAlike(shift, context))
      )
        continue;
      const line = { factor, shift, mean };
      if (isMade(input, scope, context) && isRead(node, context)) return { input, nodes: [...nodes, times], line };
    }
  }
  return undefined;
}

/** What a value was before a vector was subtracted from it; the value itself if none was. */
function centredAt(name: string, scope: Scope, context: SearchContext) {
  const minus = scope.producers.get(name);
  const [input = '', vector = ''] = minus?.input ?? [];
  const isOwn = minus?.opType === 'Sub' && normalDomain(minus.domain) === '' && context.uses.get(name) === 1;
  const mean = isOwn ? vectorOf(vector, input, scope, context) : undefined;
  return mean === undefined || minus === undefined ? { input: name, nodes: [] } : { input, mean, nodes: [minus] };
}

/** (1) A constant with one number for each channel of x. */
function vectorOf(name: string, x: string, scope: Scope, context: SearchContext): TensorProto | undefined {
  const { open } = context.model.home;
  const shape = context.typeOf(scope, x).shape;
  const tensor = constantOf(scope, name, open, context.evaluated, shape?.[1] ?? MOST_CHANNELS);
  if (tensor === undefined || !isFloat(tensor.dataType) || elementCount(tensor) < 2) return undefined;
  const dims = context.typeOf(scope, name).shape ?? dimsOf(tensor);
  const rank = shape?.length ?? (dims[0] === 1 ? dims.length : undefined);
  // Counted from the right, as broadcasting does, the channels' axis is the second from the left.
  const axis = dims.length - ((rank ?? 0) - 1);
  const count = elementCount(tensor);
  const fits = rank !== undefined && rank >= 2 && dims.every((dim, at) => dim === (at === axis ? count : 1));
  return fits ? tensor : undefined;
}

/** More than any layer has; a damaged file may claim any number. */
const MOST_CHANNELS = 1e6;

function isAlike(tensor: TensorProto, { model }: SearchContext): boolean {
  const [first, ...others] = valuesOf(tensor, model.home.open);
  return others.every((value) => value === first);
}

/** Whether a Conv without a bias makes a value: only a norm puts a vector behind it, be it untrained and all alike. */
function isBare(x: string, scope: Scope): boolean {
  const maker = scope.producers.get(x);
  return maker?.opType.startsWith('Conv') === true && !maker.input[2];
}

/** (3) */
function isMade(x: string, scope: Scope, context: SearchContext): boolean {
  const maker = makerPastCasts(x, scope, context);
  if (maker === undefined || normalDomain(maker.domain) !== '') return false;
  if (dropsPositions(maker, scope, context)) return isMade(nameAt(maker.input, 0), scope, context);
  if (maker.opType !== 'Add') return MAKERS.has(maker.opType);
  const [layer = '', bias = ''] = scope.producers.has(nameAt(maker.input, 0)) ? maker.input : maker.input.toReversed();
  const isLayer = LAYERS.has(scope.producers.get(layer)?.opType ?? '');
  if (isLayer && vectorOf(bias, layer, scope, context) !== undefined) return true;
  return maker.input.every((name) => scope.producers.has(name) && scope.producers.get(name)?.opType !== 'Constant');
}

/** Whether a node is the Squeeze of an axis behind the channels: TensorFlow computes a Conv1D with a Conv of two, and drops one. */
function dropsPositions(node: NodeProto, scope: Scope, { typeOf, model }: SearchContext): boolean {
  if (node.opType !== 'Squeeze') return false;
  const rank = typeOf(scope, nameAt(node.input, 0)).shape?.length;
  const axes = intsAttribute(node, 'axes') ?? constantInts(scope, nameAt(node.input, 1), model.home.open) ?? [];
  return rank !== undefined && axes.length > 0 && axes.every((axis) => wrapAxis(axis, rank) > 1);
}

/** The node that makes a value, or makes it before Casts to the type that it has, as Keras on PyTorch puts around a norm. */
function makerPastCasts(value: string, scope: Scope, { typeOf }: SearchContext): NodeProto | undefined {
  let [maker, at] = [scope.producers.get(value), value];
  for (let step = 0; step < MOST_CASTS && maker?.opType === 'Cast'; step++) {
    const from = nameAt(maker.input, 0);
    if (typeOf(scope, from).elemType !== typeOf(scope, at).elemType) break;
    [maker, at] = [scope.producers.get(from), from];
  }
  return maker;
}

/** (4) */
function isRead({ output }: NodeProto, context: SearchContext): boolean {
  const readers = context.readersOf(nameAt(output, 0));
  return readers.length > 0 && !context.isOutput(nameAt(output, 0)) && !readers.some(({ opType }) => NORMS.has(opType));
}

function check(node: NodeProto, scope: Scope, name: string, context: SearchContext): Site | Reason | 'unevaluated' {
  const place = frozenAt(node, scope, context);
  if (place === undefined) {
    const another = { code: 'not-folded', reason: 'it is not part of a norm', remedy: 'It stays as it is' } as const;
    return whyLastAxis(node, scope, context, MAKERS) ?? another;
  }
  const { input, chain, line } = place;
  const tensor = chain?.variance.tensor ?? (line?.factor as TensorProto);
  const channels = elementCount(tensor);
  const declared = context.typeOf(scope, input);
  const shape = declared.shape ?? shapeFrom(node, scope, context);
  const elementType = declared.elemType ?? tensor.dataType;
  const vectors = chain === undefined ? [] : [chain.scale, chain.bias, chain.mean, chain.variance];
  const lengths = vectors.map((it) => (it === undefined ? channels : elementCount(it.tensor)));
  const known = shape?.[1];
  if (lengths.some((it) => it !== channels) || (known !== undefined && known !== channels)) {
    return {
      code: 'parameters-do-not-fit',
      reason: `its vectors have the lengths ${lengths.join(', ')}${known === undefined ? '' : `, but its input has ${known} channels`}`,
      remedy: 'Check the model with onnx.checker, and export it again',
    };
  }
  if (elementType === undefined || !isFloat(elementType)) {
    const reason = `its input has the type ${dataTypeName(elementType)}`;
    return { code: 'element-type', reason, remedy: 'Convert the model to a float type' };
  }
  if (shape !== undefined && (shape.length < 2 || shape.length > 5)) {
    return { code: 'rank', reason: `its input has rank ${shape.length}`, remedy: 'It stays as it is' };
  }
  const statistics =
    chain === undefined
      ? asLine(line ?? { factor: tensor, shift: tensor }, context)
      : statisticsOf(chain, channels, context);
  const bad = badStatistics(statistics);
  if (bad !== undefined) return bad;
  const type = chain?.bias.tensor.dataType ?? elementType;
  const site: Site = {
    name,
    pattern: frozenNorm.name,
    path: scope.path,
    graph: scope.graph,
    node,
    nodes: place.nodes,
    parameters: chain === undefined ? {} : namesOf(chain),
    evidence: chain === undefined ? EVIDENCE.affine : EVIDENCE.chain,
    input,
    output: nameAt(node.output, 0),
    elementType,
    shape: shape?.map((dim, axis) => (axis === 1 ? channels : dim)),
    channels,
    epsilon: chain?.epsilon ?? DEFAULT_EPSILON,
    statistics,
    parameterTypes: { affine: type, statistics: type },
    tied: chain === undefined ? constantsOf([...place.nodes, node], input) : Object.values(namesOf(chain)).join('\n'),
    ...(chain === undefined ? { needsData: true } : {}),
    training: false,
  };
  return { ...site, before: linearBefore(site, scope, context) };
}

const EVIDENCE = {
  chain: 'frozen; γ, β, μ and σ² are stored',
  affine: 'frozen as Mul and Add per channel; statistics are lost, so it needs --calibrate',
} as const;

/** Names of what a norm reads beside x. */
function constantsOf(nodes: readonly NodeProto[], x: string): string {
  const made = new Set(nodes.flatMap(({ output }) => output));
  const read = new Set(nodes.flatMap(({ input }) => input));
  return [...read]
    .filter((name) => name !== x && !made.has(name))
    .sort()
    .join('\n');
}

/** The rank that s tells: [1, C, 1, 1] is broadcast to an x of rank 4. */
function shapeFrom(node: NodeProto, scope: Scope, context: SearchContext): Shape | undefined {
  const stored = node.input.map((name) => context.typeOf(scope, name).shape).find((dims) => dims?.[0] === 1);
  const rank = context.consumerRank(nameAt(node.output, 0)) ?? stored?.length;
  return rank === undefined || rank < 2 ? undefined : Array.from({ length: rank }, () => undefined);
}

/** Numbers with which a norm computes s (x − μ) + t. What its σ² was, they do not tell. */
function asLine({ factor, shift, mean }: Line, { model }: SearchContext): Statistics {
  const scale = valuesOf(factor, model.home.open).map((value) => value * Math.sqrt(1 + DEFAULT_EPSILON));
  const bias = valuesOf(shift, model.home.open);
  const centre = mean === undefined ? new Float64Array(scale.length) : valuesOf(mean, model.home.open);
  return { scale, bias, mean: centre, variance: new Float64Array(scale.length).fill(1) };
}

function statisticsOf({ scale, bias, mean, variance }: FrozenChain, channels: number, context: SearchContext) {
  const values = (tensor: TensorProto) => valuesOf(tensor, context.model.home.open);
  const statistics: Statistics = {
    scale: scale === undefined ? new Float64Array(channels).fill(1) : values(scale.tensor),
    bias: values(bias.tensor),
    mean: values(mean.tensor),
    variance: values(variance.tensor),
  };
  return statistics;
}

function namesOf({ scale, bias, mean, variance }: FrozenChain): NonNullable<Site['parameters']> {
  return { scale: scale?.name ?? '', bias: bias.name, mean: mean.name, variance: variance.name };
}
