/**
 * Tells a Conv that absorbed a norm from one that has a bias of its own.
 *
 * For a norm:
 * 1. Its weight was renamed by the exporter that multiplied the norm in: `onnx::Conv_123` (TorchScript), a bias called `W_bias`
 *    beside the weight `W` (torch.onnx with dynamo), names of a norm (TensorFlow).
 *
 * Against one, and doubtful if (1) does not hold:
 * 2. Others of the model were renamed so, and it was not.
 * 3. Its bias is the same in every channel, while others' is not: nobody trained it, and no norm shaped it.
 * 4. Norms stand behind others of the model, so they were not multiplied in, and it has the names that PyTorch gave it.
 * 5. Several nodes apply the same weight, as a head does to each level of a pyramid.
 * 6. It is a lateral of a feature pyramid: its output is added to an upsampled map, with no nonlinearity in between.
 * 7. Its weight and its bias bear the names that Keras gave them. Whoever multiplies a norm in there makes new ones (`…_fused_bn`).
 * 8. Others of the model have a bias though a norm stands behind them, as in a ConvNeXt, so a bias tells nothing; and it has the names
 *    that PyTorch gave it.
 */
import { constantOf } from '../graph/constants.ts';
import type { Scope } from '../graph/scope.ts';
import type { View } from '../graph/view.ts';
import type { Model } from '../onnx/model.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { valuesOf } from '../onnx/tensor.ts';
import { frozenAt } from './frozen.ts';
import { hasNormBehind } from './norm-behind.ts';
import { producerPast, readersPast } from './past-identity.ts';
import type { SearchContext } from './pattern.ts';

/** What speaks for a folded norm, and what against one, in words. */
export interface Signals {
  readonly for: readonly string[];
  readonly against: readonly string[];
}

/** How TorchScript's exporter calls what it computed; old ones by a bare number, as other tools call everything. */
const COMPUTED = /^onnx::\w+_\d+$/;
const NUMBER = /^\d+$/;
const NORM = /(^|[^a-z])bn|batch_?norm/i;
const LAYERS = new Set(['Conv', 'ConvTranspose']);
const UPSAMPLING = new Set(['Resize', 'Upsample']);
/** More channels than a layer has; a damaged file may claim any number. */
const MOST_CHANNELS = 1e6;
/** So many renamed Conv make a habit of the exporter. */
const HABIT = 2;

/** The signals at a Conv whose bias is an input of it, or added behind it. */
export function signalsAt(node: NodeProto, bias: string, value: string, scope: Scope, context: SearchContext): Signals {
  const { named, renamed, varied, standing, biased, places } = factsOf(context);
  const [, weight = ''] = node.input;
  const name = renamingOf(weight, bias, named);
  const against: string[] = [];
  if (name === undefined && renamed >= HABIT) {
    against.push(`${renamed} other Conv were renamed when they absorbed a norm; this one was not`);
  }
  if (name === undefined && standing >= HABIT && isOwn(weight, bias)) {
    against.push('other Conv have their own norm, so none was folded');
  } else if (name === undefined && biased >= HABIT && isOwn(weight, bias)) {
    against.push(
      `${biased} Conv of this file have a bias before a norm of their own, so a bias does not mean that one was folded`,
    );
  }
  if (name === undefined && varied && isAlike(bias, scope, context.model)) {
    against.push('its bias is the same in every channel');
  }
  const applied = places.get(weight) ?? 1;
  if (name === undefined && applied > 1)
    against.push(`${applied} nodes share its weight, as in a head for several levels`);
  if (name === undefined && isOwnOfKeras(weight, bias)) {
    against.push('its weight and bias bear the names of a Keras layer, which change if a norm is folded in');
  }
  if (name === undefined && isLateral(value, scope, context)) {
    against.push('it is a lateral: its output is added to an upsampled map');
  }
  return { for: name === undefined ? [] : [name], against };
}

/** How an exporter renamed a Conv that it multiplied a norm into; `undefined` if the names say nothing. (1) */
function renamingOf(weight: string, bias: string, named: boolean): string | undefined {
  const isComputed = (name: string) => COMPUTED.test(name) || (named && NUMBER.test(name));
  if (isComputed(weight) && isComputed(bias)) return 'its weight renamed by an exporter';
  if (bias === `${weight}_bias`) return 'its bias named after its weight by an exporter';
  return NORM.test(weight) || NORM.test(bias) ? 'named after a norm' : undefined;
}

/** What is asked of all Conv of a model together. */
interface Facts {
  /** Whether a weight has a name of PyTorch's, so that a number in its place says something. */
  readonly named: boolean;
  /** How many were renamed. (2) */
  readonly renamed: number;
  /** Whether some bias is not the same in every channel. (3) */
  readonly varied: boolean;
  /** Behind how many a norm stands. (4) */
  readonly standing: number;
  /** How many have a bias and a norm behind. (8) */
  readonly biased: number;
  /** How many nodes apply a weight, by its name. (5) */
  readonly places: ReadonlyMap<string, number>;
}

const known = new WeakMap<Model, Facts>();

function factsOf(context: SearchContext): Facts {
  const { model, scopes } = context;
  const before = known.get(model);
  if (before !== undefined) return before;
  const places = new Map<string, number>();
  const named = model.proto.graph.initializer.some(({ name }) => name.endsWith('.weight'));
  let renamed = 0;
  let varied = false;
  let standing = 0;
  let biased = 0;
  for (const scope of scopes) {
    for (const node of scope.graph.node) {
      const { opType, domain, input } = node;
      const normalized = opType === 'BatchNormalization' ? input[0] : frozenAt(node, scope, context)?.input;
      if (normalized !== undefined && LAYERS.has(scope.producers.get(normalized)?.opType ?? '')) standing++;
      if ((opType !== 'Conv' && opType !== 'ConvTranspose') || normalDomain(domain) !== '') continue;
      const [, weight = '', bias = ''] = input;
      places.set(weight, (places.get(weight) ?? 0) + 1);
      if (bias === '') continue;
      if (renamingOf(weight, bias, named) !== undefined) renamed++;
      if (hasNormBehind(nameAt(node.output, 0), context)) biased++;
      varied ||= !isAlike(bias, scope, model);
    }
  }
  const facts = { named, renamed, varied, standing, biased, places };
  known.set(model, facts);
  return facts;
}

/** Whether weight and bias are the parameters of one module of PyTorch. */
function isOwn(weight: string, bias: string): boolean {
  return weight.endsWith('.weight') && bias === `${weight.slice(0, -'weight'.length)}bias`;
}

/**
 * (7) Whether weight and bias are the parameters of one layer of Keras: `conv/kernel:0` and `conv/bias:0`, or, read by TensorFlow,
 * `conv/Conv2D/ReadVariableOp:0` and `conv/BiasAdd/ReadVariableOp:0`.
 */
function isOwnOfKeras(weight: string, bias: string): boolean {
  const [, layer] = KERAS_WEIGHT.exec(weight) ?? [];
  return layer !== undefined && KERAS_BIAS.exec(bias)?.[1] === layer;
}

const KERAS_WEIGHT = /^(.+)\/(?:\w*kernel|\w*Conv\w*\/ReadVariableOp|depthwise\w*\/ReadVariableOp)(?::\d+)?$/;
const KERAS_BIAS = /^(.+)\/(?:bias|BiasAdd\w*\/ReadVariableOp)(?::\d+)?$/;

/** Whether a constant is the same number throughout; not one of a single number, or that is not known. */
function isAlike(name: string, scope: Scope, { home }: Model): boolean {
  const tensor = constantOf(scope, name, home.open, new Map(), MOST_CHANNELS);
  if (tensor === undefined) return false;
  const values = valuesOf(tensor, home.open);
  return values.length > 1 && values.every((value) => value === values[0]);
}

/** (6) */
function isLateral(value: string, scope: Scope, view: View): boolean {
  return readersPast(value, view).some(({ reader: { opType, input }, at }) => {
    if (opType !== 'Add' && opType !== 'Sum') return false;
    return input.some((other) => other !== at && UPSAMPLING.has(producerPast(other, scope)?.opType ?? ''));
  });
}
