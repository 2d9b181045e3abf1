/**
 * BatchNormalization as it is in training: over the statistics of the batch, with running statistics that move on.
 *
 * BatchNormalization(x, γ, β, μ, σ²) ⇒ y, next/μ, next/σ² of its training mode, where next/μ = m·μ + (1 − m)·mean of the batch and the same of
 * σ², m the node's momentum (0.9 if the file does not say). σ² is divided by n, as ONNX defines it; PyTorch divides it by n − 1.
 * μ and σ² are inputs from then on. Between steps such a model is judged in inference form over the same inputs: {@link givenStatistics}.
 */
import { GnSwapError } from '../errors.ts';
import { intAttribute, makeAttribute } from '../onnx/attributes.ts';
import { calledBy } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import { storedValue, type Values } from '../runtime/session.ts';
import { type Forward, fixedOf } from './forward.ts';
import type { Updated } from './optimizer.ts';
import type { NameSpaces } from './writer.ts';

/** A graph whose norms are in training, and their running statistics. */
export interface Running {
  readonly forward: Forward;
  /** Each with the output that is its next value. */
  readonly statistics: readonly Updated[];
  /** The nodes that are in training. */
  readonly norms: ReadonlySet<NodeProto>;
}

/**
 * Norms in inference form, whose running statistics are inputs: how a model answers that is trained with {@link runningNorms}.
 *
 * @throws GnSwapError as {@link runningNorms}
 */
export function givenStatistics(forward: Forward, names: NameSpaces): Running {
  const { statistics, forward: training } = runningNorms(forward, names);
  return {
    forward: { ...training, nodes: withoutMakers(forward, statistics), types: forward.types },
    statistics,
    norms: new Set(),
  };
}

/** @throws GnSwapError `unsupported-model` if no norm can be in training, or two share their statistics */
export function runningNorms(forward: Forward, { values }: NameSpaces): Running {
  const types = new Map(forward.types);
  const constants = new Map(forward.constants);
  const statistics: Updated[] = [];
  const taken = new Set<string>();
  const norms = new Set<NodeProto>();
  const training = (node: NodeProto): NodeProto => {
    const read = node.input.slice(3, 5);
    for (const name of read) {
      if (taken.has(name)) throw shared(node, name);
      taken.add(name);
    }
    const next = read.map((input) => {
      const type = fixedOf(types, input);
      const output = values.fresh(`next/${input}`);
      types.set(output, type);
      constants.delete(input);
      statistics.push({ input, output, type, isState: false });
      return output;
    });
    const attribute = node.attribute.filter(({ name }) => name !== 'training_mode');
    const output = [node.output[0] as string, ...next];
    const made = { ...node, output, attribute: [...attribute, makeAttribute('training_mode', 1)] };
    norms.add(made);
    return made;
  };
  const made = forward.nodes.map((node) => (isInference(node, forward) ? training(node) : node));
  if (statistics.length === 0) {
    throw new GnSwapError('unsupported-model', 'it has no BatchNormalization whose running statistics are stored', {
      node: '--batch-norm',
      remedy: 'Leave --batch-norm out; exporters keep BatchNormalization if the network is exported in training mode',
    });
  }
  const nodes = withoutMakers({ nodes: made }, statistics);
  const inputs = statistics.map(({ input, type }) => makeValueInfo(input, type.type, type.dims));
  return {
    forward: { ...forward, nodes, types, constants, inputs: [...forward.inputs, ...inputs] },
    statistics,
    norms,
  };
}

/** What the file holds of the statistics that are inputs. */
export function storedStatistics({ constants, external }: Forward, { statistics }: Running): Values {
  const stored = statistics.flatMap(({ input }) => {
    const tensor = constants.get(input);
    return tensor === undefined ? [] : [[input, storedValue(tensor, external)] as const];
  });
  return Object.fromEntries(stored);
}

/** Statistics that a Constant node held are inputs from here on; as both, the node's would count, and what is fed would not. */
function withoutMakers({ nodes }: Pick<Forward, 'nodes'>, statistics: readonly Updated[]): readonly NodeProto[] {
  const given = new Set(statistics.map(({ input }) => input));
  return nodes.filter(({ output }) => !output.some((name) => given.has(name)));
}

function isInference(node: NodeProto, { constants }: Forward): boolean {
  const isStored = node.input.slice(3, 5).every((name) => constants.has(name));
  return node.opType === 'BatchNormalization' && intAttribute(node, 'training_mode', 0) === 0 && isStored;
}

function shared(node: NodeProto, name: string): GnSwapError {
  return new GnSwapError(
    'unsupported-model',
    `its running statistic ${JSON.stringify(name)} is read by another norm, too`,
    {
      node: calledBy(node),
      remedy: 'Leave --batch-norm out: norms that share their statistics can only stay frozen',
    },
  );
}
