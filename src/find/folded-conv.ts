/**
 * Conv(x, W, b) → v → nonlinearity ⇒ a norm between v and what reads it
 *
 * v: [N, C, D₁, …]. Exporters multiply a BatchNormalization into the Conv (or ConvTranspose) before it; these are the Conv
 * where one was, or where one does as well.
 *
 * 1. It has a bias, as an input or as a constant that is added right after it, one number a channel: a Conv before a norm has
 *    none of its own, so that is what the norm left behind.
 * 2. Its exporter renamed it when it multiplied a norm in; or it feeds a nonlinearity, also one that is spelled out (x · Clip(x + 3, 0, 6)/6, x · Sigmoid(x) …), a residual sum, or an
 *    affine layer of its own (Mul and Add of constants), which are put after norms.
 * 3. Its map is larger than 1×1: squeeze-and-excite, where a group is a few numbers, had no norm.
 * 4. It is no prediction head: a further Conv, Gemm or MatMul stands between it and every output of the model.
 * 5. It is in the main graph: there is no running statistic of a folded norm, so γ and β must be solved from data.
 * 6. Nothing speaks against a norm: see folded-signals.ts. What does is doubtful, and left out unless it is named.
 * 7. Its weights are stored, not computed in the run.
 * 8. No norm stands at it: it feeds none, no BatchNormalization follows its nonlinearity or its residual sum, and it is not
 *    the affine layer of a norm that was put in before (1×1 and depthwise).
 *
 * Identity changes nothing and is passed over: PaddlePaddle's newer exporter writes one behind every operator.
 */

import type { Scope } from '../graph/scope.ts';
import type { View } from '../graph/view.ts';
import { dataTypeName, isFloat } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { Shape } from '../onnx/value-type.ts';
import { signalsAt } from './folded-signals.ts';
import { frozenAt } from './frozen.ts';
import { NORMS } from './norm-behind.ts';
import { areComputed } from './of-weights.ts';
import { readersPast } from './past-identity.ts';
import type { Pattern, Reason, SearchContext } from './pattern.ts';
import type { Site, Statistics } from './types.ts';

export const foldedConv: Pattern = {
  name: 'folded-conv',
  kind: ['folded'],
  summary: 'Conv that absorbed a BatchNormalization at export',
  matches: (node) => (node.opType === 'Conv' || node.opType === 'ConvTranspose') && normalDomain(node.domain) === '',
  check,
};

/** What usually follows a norm, by its first input. */
const NONLINEARITIES = new Set(
  'Celu Clip Elu Gelu HardSigmoid HardSwish LeakyRelu Mish PRelu Relu Selu Sigmoid Softplus Swish Tanh'.split(' '),
);
/** Arithmetic with constants that may come before it, how much of it, and what then is a nonlinearity too. */
const ARITHMETIC = new Set(['Add', 'Sub', 'Mul', 'Div']);
const MOST_CONSTANTS = 4;
const LIMITS = new Set(['Min', 'Max', 'Erf']);
const SUMS = new Set(['Add', 'Sum']);
/** What a feature goes through on its way to a prediction. */
const LAYERS = new Set('Conv ConvTranspose Einsum Gemm GRU LSTM MatMul RNN'.split(' '));
/** What only tells how large a value is. */
const SIZES = new Set(['Shape', 'Size']);
/** How exporters name what they folded. */
const HINT = /(^|[^a-z])bn|batch_?norm/i;
const DEFAULT_EPSILON = Math.fround(1e-5);
/** More than any layer has; a damaged file may claim any number. */
const MOST_CHANNELS = 1e6;

function check(node: NodeProto, scope: Scope, name: string, context: SearchContext): Site | Reason {
  // What the user names is a site also where (1) to (4) speak against it.
  const named = context.isNamed(name);
  if (hasFrozen(node, scope, context)) return no('its norm follows as Mul and Add');
  const biased = biasOf(node, scope, context);
  if (biased === undefined && !named) return no('it has no bias, so it did not absorb a norm');
  if (!named && areComputed(nameAt(node.input, 1), scope))
    return no('its weights are computed, so nothing was multiplied into them');
  const { last, how } = biased ?? { last: node, how: 'has no bias' };
  const value = nameAt(last.output, 0);
  const norm = isAffineOfNorm(node, scope, context) ? 'it is the affine layer of a norm' : normAfter(value, context);
  if (norm !== undefined) return no(norm);
  const follows = nonlinearityAfter(value, scope, context);
  const signals = signalsAt(node, biased?.bias ?? '', value, scope, context);
  // Its exporter told, whatever follows: a pyramid has norms before no nonlinearity.
  const isTold = signals.for.length > 0 && signals.against.length === 0;
  if (follows === undefined && !named && !isTold) return no('no activation or residual sum follows');
  if (scope.parent !== undefined) return no('it is in a subgraph, where norms cannot be solved from data');
  const { shape, elemType } = context.typeOf(scope, value);
  if (isPoint(shape) && !named) return no('its map is 1×1, as in squeeze-and-excite');
  if (!named && !reachesLayer(value, context)) return no('it is a prediction head: no further layer follows');
  const weight = context.typeOf(scope, nameAt(node.input, 1));
  const channels = shape?.[1] ?? weight.shape?.[node.opType === 'Conv' ? 0 : 1];
  const elementType = elemType ?? weight.elemType;
  if (channels === undefined || channels < 1 || channels > MOST_CHANNELS)
    return no('its number of channels is unknown');
  if (!isFloat(elementType)) return no(`its type is ${dataTypeName(elementType)}`);
  if (shape !== undefined && (shape.length < 3 || shape.length > 5)) return no(`its rank is ${shape.length}`);
  if (!named && signals.against.length > 0) return doubtful(signals.against.join('; '));
  const hints = signals.for.length === 0 && HINT.test(node.name) ? ['named after a norm'] : signals.for;
  const doubts = signals.against.map((it) => `though ${it}`);
  const input = context.freshValue(`${value}/raw`);
  return {
    name,
    pattern: foldedConv.name,
    path: scope.path,
    graph: scope.graph,
    node: last,
    kept: { ...last, output: [input, ...last.output.slice(1)] },
    evidence: `${named ? 'named by --include, ' : ''}${how}, feeds ${[follows ?? 'no nonlinearity', ...hints, ...doubts].join(', ')}`,
    input,
    output: value,
    elementType: elementType as number,
    shape: shape?.map((dim, axis) => (axis === 1 ? channels : dim)),
    channels,
    epsilon: DEFAULT_EPSILON,
    statistics: unknownStatistics(channels),
    tied: `${nameAt(node.input, 1)}\n${biased?.bias ?? ''}`,
    needsData: true,
    training: false,
  };
}

function no(reason: string): Reason {
  return { code: 'not-folded', reason, remedy: 'It stays as it is' };
}

function doubtful(why: string): Reason {
  const remedy = 'It stays as it is; to add a norm there, select it with --include';
  return { code: 'doubtful', reason: `it probably never had a norm: ${why}`, remedy };
}

/** γ of 0: nothing is known of what the norm was. Solving from data is the only way. */
function unknownStatistics(channels: number): Statistics {
  const zeros = new Float64Array(channels);
  return { scale: zeros, bias: zeros, mean: zeros, variance: new Float64Array(channels).fill(1) };
}

/** (8) Whether a norm is spelled out right behind a Conv, or behind the bias that is added to it. */
function hasFrozen({ output }: NodeProto, scope: Scope, context: SearchContext): boolean {
  const pending = [nameAt(output, 0)];
  for (let step = 0; step < MOST_CONSTANTS; step++) {
    const value = pending.pop();
    const [first] = value === undefined || context.uses.get(value) !== 1 ? [] : readersPast(value, context);
    if (first === undefined || !ARITHMETIC.has(first.reader.opType)) return false;
    if (frozenAt(first.reader, scope, context) !== undefined) return true;
    pending.push(nameAt(first.reader.output, 0));
  }
  return false;
}

/** (1) The node whose output holds the bias, and in words how. */
function biasOf(node: NodeProto, scope: Scope, context: SearchContext): Biased | undefined {
  if (node.input[2]) return { last: node, bias: node.input[2], how: 'has a bias' };
  const bias = constantAfter(node, 'Add', scope, context);
  return bias && { last: bias.node, bias: bias.constant, how: 'a bias is added' };
}

/** Whether a Conv has a bias, or something is added to it: what (1) finds, and more. */
export function mayHaveBias({ input, output }: NodeProto, view: Pick<View, 'readersOf'>): boolean {
  if (nameAt(input, 2) !== '') return true;
  return view.readersOf(nameAt(output, 0)).some(({ opType }) => opType === 'Add' || opType === 'Identity');
}

/** Where the bias of a Conv is. */
interface Biased {
  /** The node whose output holds it. */
  readonly last: NodeProto;
  /** Its name. */
  readonly bias: string;
  readonly how: string;
}

/** The only reader of a node's output, where it is that operator with a constant, and that constant's shape. */
function constantAfter(
  { output }: NodeProto,
  operator: string,
  scope: Scope,
  context: SearchContext,
): { node: NodeProto; constant: string } | undefined {
  const [first, ...others] = readersPast(nameAt(output, 0), context);
  if (first === undefined || first.reader.opType !== operator || others.length > 0) return undefined;
  const { reader, at } = first;
  const other = reader.input.find((it) => it !== at) ?? '';
  // Where something else reads it, or it is an output, no norm was between them.
  if ([nameAt(output, 0), at].some((name) => (context.uses.get(name) ?? 0) > 1)) return undefined;
  const { shape } = context.typeOf(scope, other);
  return isConstant(other, scope) && isPerChannel(shape) ? { node: reader, constant: other } : undefined;
}

/** Whether no more than one dimension is not 1, as far as they are known; what is added to each position is no bias. */
function isPerChannel(shape: Shape | undefined): boolean {
  return shape === undefined || shape.filter((dim) => dim !== undefined && dim !== 1).length <= 1;
}

/** An initializer, a Constant, or either behind the Reshape that turns [C] into [1, C, 1, 1]. */
function isConstant(name: string, scope: Scope): boolean {
  const producer = scope.producers.get(name);
  if (producer === undefined) return scope.initializers.has(name);
  return producer.opType === 'Constant' || (TURNS.has(producer.opType) && isConstant(nameAt(producer.input, 0), scope));
}

const TURNS = new Set(['Identity', 'Reshape']);

/**
 * (2) What follows, in words. Constants may be added and multiplied on the way: an affine layer of its own, as PaddlePaddle's
 * networks have after every Conv, or the beginning of a nonlinearity that is spelled out.
 */
function nonlinearityAfter(value: string, scope: Scope, context: SearchContext): string | undefined {
  let ways = [{ at: value, passed: '' }];
  let affine = false;
  for (let step = 0; step <= MOST_CONSTANTS; step++) {
    const next: typeof ways = [];
    for (const { at, passed } of ways) {
      for (const { reader, at: read } of readersPast(at, context)) {
        const { opType, input, output } = reader;
        const other = input.find((it) => it !== read);
        if (NONLINEARITIES.has(opType) && input[0] === read) return opType;
        if (LIMITS.has(opType)) return opType;
        if (ARITHMETIC.has(opType) && other !== undefined && isConstant(other, scope)) {
          next.push({ at: nameAt(output, 0), passed: `${passed} ${opType}` });
        } else if (SUMS.has(opType)) {
          return 'a residual sum';
        } else {
          affine ||= passed === ' Mul Add';
        }
      }
    }
    ways = next;
  }
  return affine ? 'a learned affine' : undefined;
}

/** (3) */
function isPoint(shape: Shape | undefined): boolean {
  return shape !== undefined && shape.length > 2 && shape.slice(2).every((dim) => dim === 1);
}

/** (4) Whether every way from the value to an output of the model passes a layer, and one does. */
function reachesLayer(value: string, context: SearchContext): boolean {
  const seen = new Set<string>();
  const pending = [value];
  let found = false;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at === '' || seen.has(at)) continue;
    seen.add(at);
    if (context.isOutput(at)) return false;
    for (const reader of context.readersOf(at)) {
      if (SIZES.has(reader.opType)) continue;
      if (LAYERS.has(reader.opType)) found = true;
      else pending.push(...reader.output);
    }
  }
  return found;
}

/** (8) Where a norm follows, in words. */
function normAfter(value: string, context: SearchContext): string | undefined {
  for (const { reader } of readersPast(value, context)) {
    const [at] = reader.opType === 'Reshape' ? context.readersOf(nameAt(reader.output, 0)) : [reader];
    if (at !== undefined && NORMS.has(at.opType)) return `it feeds ${at.opType}`;
  }
  const seen = new Set<string>();
  const pending = [value];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    for (const { reader } of readersPast(at, context)) {
      const { opType, output } = reader;
      if (opType === 'BatchNormalization')
        return 'its BatchNormalization follows, after the activation or the residual sum';
      const isElementwise = [NONLINEARITIES, ARITHMETIC, LIMITS, SUMS].some((set) => set.has(opType));
      if (isElementwise && output[0]) pending.push(output[0]);
    }
  }
  return undefined;
}

/** (8) As the form `instance-conv` spells it. */
function isAffineOfNorm({ input }: NodeProto, scope: Scope, context: SearchContext): boolean {
  const weight = context.typeOf(scope, nameAt(input, 1)).shape;
  if (weight?.slice(1).every((dim) => dim === 1) !== true) return false;
  const producer = scope.producers.get(nameAt(input, 0));
  const before = producer?.opType === 'Reshape' ? scope.producers.get(nameAt(producer.input, 0)) : producer;
  return before !== undefined && NORMS.has(before.opType);
}
