/**
 * BatchNormalization(x, γ, β, μ, σ²) → site
 *
 * x: [N, C, D₁, …]; γ, β, μ, σ²: [C]; opset 7 and later.
 *
 * 1. The opset is 7 or later: ONNX Runtime runs no older BatchNormalization.
 * 2. `spatial` is 1: with 0 every position has its own γ. Without positions, at rank 2, both mean the same.
 * 3. Only the first output is used: the others are statistics of the batch. Up to opset 13, to have them is what sets
 *    training mode; from 14 on it is an attribute.
 * 4. γ, β, μ and σ² are there, constant, and of length C each.
 * 5. Running variances are no NaN and not negative.
 * 6. What it normalises comes from a sample, and is not the weights of a layer.
 *
 * https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
 */

import { constantOf } from '../graph/constants.ts';
import type { TypeLookup } from '../graph/infer.ts';
import { definingScope, type Scope } from '../graph/scope.ts';
import { attributeOf, floatAttribute, intAttribute } from '../onnx/attributes.ts';
import { dataTypeName, isFloat } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { dimsOf, elementCount, valuesOf } from '../onnx/tensor.ts';
import type { Shape } from '../onnx/value-type.ts';
import { settled } from '../operators/settled.ts';
import { convertCommand } from '../words.ts';
import { badStatistics } from './bad-statistics.ts';
import { linearBefore } from './linear.ts';
import { isOfWeights } from './of-weights.ts';
import type { Pattern, Reason, SearchContext } from './pattern.ts';
import type { Site, Statistics } from './types.ts';

const PARAMETERS = ['scale', 'bias', 'mean', 'variance'] as const;
/** What ONNX assumes where the attribute is absent. */
const DEFAULT_EPSILON = Math.fround(1e-5);

export const batchNormalization: Pattern = {
  name: 'batch-normalization',
  kind: ['batchnorm'],
  summary: 'BatchNormalization nodes, in inference or in training mode',
  matches: (node) => node.opType === 'BatchNormalization' && normalDomain(node.domain) === '',
  check,
};

/** The first operator set that has an attribute for training mode. */
const FIRST_WITH_TRAINING_MODE = 14;

function check(node: NodeProto, scope: Scope, name: string, context: SearchContext): Site | Reason | 'unevaluated' {
  const structural = checkStructure(node, context) ?? ofWeights(node, scope, context);
  if (structural !== undefined) return structural;

  const tensors = storedParameters(node, scope, context);
  if (!Array.isArray(tensors)) return tensors;
  const positional = positionalParameters(node, tensors, scope, context);
  if (positional !== undefined) return positional;

  const channels = elementCount(tensors[0] as TensorProto);
  const fitting = tensors.every((tensor) => elementCount(tensor) === channels && isVector(tensor));
  const declared = context.typeOf(scope, nameAt(node.input, 0));
  const known = declared.shape?.[1];
  if (!fitting || channels < 1 || (known !== undefined && known !== channels)) {
    const lengths = tensors.map((tensor) => `[${tensor.dims}]`).join(', ');
    return {
      code: 'parameters-do-not-fit',
      reason: `its parameters have the shapes ${lengths}${known === undefined ? '' : `, but its input has ${known} channels`}`,
      remedy: 'Check the model with onnx.checker, and export it again',
    };
  }
  const shape = declared.shape ?? shapeFromConsumers(node, context);
  if (shape !== undefined && (shape.length < 2 || shape.length > 5)) {
    return {
      code: 'rank',
      reason: `its input has rank ${shape.length}; supported are N×C and up to three spatial axes`,
      remedy: 'It stays as it is',
    };
  }
  const elementType = declared.elemType ?? tensors[0]?.dataType;
  if (elementType === undefined || !isFloat(elementType)) {
    return {
      code: 'element-type',
      reason: `its input has the type ${dataTypeName(elementType)}`,
      remedy: 'Convert the model to float32, float64, float16 or bfloat16',
    };
  }
  const values = tensors.map((tensor) => valuesOf(tensor, context.model.home.open));
  const [scale, bias, mean, variance] = values as [Float64Array, Float64Array, Float64Array, Float64Array];
  const statistics: Statistics = { scale, bias, mean, variance };
  const bad = badStatistics(statistics);
  if (bad !== undefined) return bad;
  const training =
    context.opset < FIRST_WITH_TRAINING_MODE ? hasStatistics(node) : intAttribute(node, 'training_mode', 0) !== 0;
  const input = nameAt(node.input, 0);
  // Without copies of parts: there may be 50,000.
  const site: { -readonly [Name in keyof Site]: Site[Name] } = {
    name,
    pattern: batchNormalization.name,
    path: scope.path,
    graph: scope.graph,
    node,
    input,
    output: nameAt(node.output, 0),
    elementType,
    shape: shape?.map((dim, axis) => (axis === 1 ? channels : dim)),
    channels,
    epsilon: floatAttribute(node, 'epsilon', DEFAULT_EPSILON),
    statistics,
    // What is read once can't be shared, and a text for each of maybe 100,000 norms takes time.
    tied: (context.uses.get(nameAt(node.input, 1)) ?? 0) > 1 ? node.input.slice(1, 5).join('\n') : undefined,
    parameterTypes: { affine: tensors[0]?.dataType ?? elementType, statistics: tensors[2]?.dataType ?? elementType },
    training,
    before: linearBefore({ input, elementType, channels, shape }, scope, context),
  };
  if (attributeOf(node, 'momentum') !== undefined) site.momentum = floatAttribute(node, 'momentum', 0);
  if (training && arePlaceholders(statistics)) site.placeholders = true;
  return site;
}

/** (4) γ, β, μ and σ² as they are stored, or why one is not; `unevaluated` if one must be computed first, which the context notes. */
function storedParameters(
  node: NodeProto,
  scope: Scope,
  context: SearchContext,
): TensorProto[] | Reason | 'unevaluated' {
  const tensors: TensorProto[] = [];
  for (let index = 0; index < PARAMETERS.length; index++) {
    const role = PARAMETERS[index];
    const value = nameAt(node.input, index + 1);
    if (value === '') {
      return {
        code: 'parameters-do-not-fit',
        reason: `it has no ${role}`,
        remedy: 'Check the model with onnx.checker',
      };
    }
    const tensor = constantOf(scope, value, context.model.home.open, context.evaluated);
    if (tensor !== undefined) {
      tensors.push(tensor);
    } else if (context.mayBeConstant(scope, value)) {
      context.needsRunning.push(value);
    } else {
      const isInput = scope.graph.input.some(({ name }) => name === value);
      const how = isInput ? 'is an input of its graph' : 'is computed anew in each run';
      return {
        code: 'parameters-not-constant',
        reason: `its ${role} ${JSON.stringify(value)} ${how}${index < 2 ? '' : OF_BATCH}`,
        remedy: 'Export the model in inference mode, with its parameters and running statistics stored',
      };
    }
  }
  return tensors.length < PARAMETERS.length ? 'unevaluated' : tensors;
}

/** PyTorch's exporters spell a norm that keeps no statistics so. */
const OF_BATCH = ', as with track_running_stats=False';

function checkStructure(node: NodeProto, { opset, uses }: SearchContext): Reason | undefined {
  if (opset === 0) {
    return {
      code: 'opset-too-old',
      reason: 'the model does not import the standard operator set',
      remedy: 'Check the model with onnx.checker, and export it again',
    };
  }
  if (opset < 7) {
    return {
      code: 'opset-too-old',
      reason: `the model has opset ${opset}; ONNX Runtime does not run BatchNormalization older than opset 7`,
      remedy: `Convert the model to opset 13 or later: ${convertCommand(13)}`,
    };
  }
  const used = node.output.slice(1).filter((name) => (uses.get(name) ?? 0) > 0);
  if (used.length > 0) {
    return {
      code: 'outputs-used',
      reason: `its statistics ${used.map((name) => JSON.stringify(name)).join(', ')} are read by other nodes`,
      remedy: 'Export the model in inference mode (model.eval())',
    };
  }
  return undefined;
}

/** (6) */
function ofWeights(node: NodeProto, scope: Scope, context: SearchContext): Reason | undefined {
  if (!isOfWeights(nameAt(node.input, 0), nameAt(node.output, 0), scope, context)) return undefined;
  return {
    code: 'of-weights',
    reason: 'it normalises weights of the file (weight standardization), and no sample',
    remedy: 'It stays as it is; it works at any batch',
  };
}

/** From opset 9 on the operator has no such attribute. */
const FIRST_WITHOUT_SPATIAL = 9;

/** (2) Why `spatial=0` is in the way; `undefined` if it is not there, or changes nothing. */
function positionalParameters(
  node: NodeProto,
  tensors: readonly TensorProto[],
  scope: Scope,
  { opset, typeOf }: SearchContext,
): Reason | undefined {
  if (opset >= FIRST_WITHOUT_SPATIAL || intAttribute(node, 'spatial', 1) !== 0) return undefined;
  const dims = dimsOf(tensors[0] as TensorProto);
  const rank = typeOf(scope, nameAt(node.input, 0)).shape?.length;
  if (rank === 2) return undefined;
  if (dims.length > 1) {
    return {
      code: 'spatial',
      reason: `spatial=0, and its parameters have the shape [${dims}]: one per position`,
      remedy: 'It stays as it is; gn-swap has no norm with parameters per position',
    };
  }
  return {
    code: 'spatial-by-mistake',
    reason: `it has spatial=0, but one γ, β, μ and σ² per channel, a known mistake of an old MXNet exporter; ONNX Runtime does not run it`,
    remedy: 'Use --assume-spatial to read it as spatial=1',
  };
}

/**
 * Whether running statistics are what a layer has before its first step of training: μ = 0 with σ² = 1, or all 0. A node in
 * training mode does not use them, so nobody notices.
 */
function arePlaceholders({ mean, variance }: Statistics): boolean {
  return mean.every((value) => value === 0) && [0, 1].some((it) => variance.every((value) => value === it));
}

function hasStatistics(node: NodeProto): boolean {
  return node.output.slice(1).some((name) => name !== '');
}

/** Whether no more than one dimension is not 1. */
function isVector({ dims }: TensorProto): boolean {
  let long = 0;
  for (let axis = 0; axis < dims.length; axis++) if (Number(dims[axis]) !== 1) long++;
  return long <= 1;
}

/** A Conv that reads the output tells the rank by its weight. */
function shapeFromConsumers(node: NodeProto, { consumerRank }: SearchContext): Shape | undefined {
  const rank = consumerRank(nameAt(node.output, 0));
  return rank === undefined ? undefined : Array.from({ length: rank }, () => undefined);
}

/**
 * Whether a value hangs on nothing but constants, and on types and sizes that the file tells, so that running its part of the
 * graph tells it.
 */
export function hangsOnConstants(
  scope: Scope,
  name: string,
  isInput: (scope: Scope, name: string) => boolean,
  typeOf: TypeLookup,
): boolean {
  const seen = new Set<string>();
  const pending = [name];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at === '' || seen.has(at)) continue;
    seen.add(at);
    const owner = definingScope(scope, at);
    if (owner === undefined || owner.parent !== undefined || isInput(owner, at) || seen.size > 10_000) return false;
    const producer = owner.producers.get(at);
    if (producer === undefined) continue;
    if (producer.opType.startsWith('Random') || producer.attribute.some(({ g, graphs }) => g ?? graphs[0]))
      return false;
    for (const input of settled(producer, (value) => typeOf(owner, value)).input) pending.push(input);
  }
  return true;
}
