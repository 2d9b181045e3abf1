/** A loss behind a model: the forward graphs of both as one. */
import { GnSwapError } from '../errors.ts';
import { DataType, isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { calledBy } from '../onnx/operands.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { inline } from '../onnx/tensor.ts';
import { beforeActivation, moved } from './before-activation.ts';
import { type FixedType, type Forward, fixedOf, storedType } from './forward.ts';
import { BEFORE, lossModel } from './loss.ts';
import type { LossName } from './losses.ts';
import { type PrepareOptions, prepare } from './prepare.ts';
import { type NameSpaces, Writer } from './writer.ts';

/** A term of a loss: a named loss of one output, with its weight in the sum. */
export interface LossTerm {
  readonly output: string;
  readonly loss: LossName;
  readonly weight: number;
  /** Of the classes, for losses over a softmax. That of the Softmax behind the value if there is one, else 1. */
  readonly axis?: number | undefined;
  /** What made the probabilities that the output holds, in case it can't be reached: they may be resized since. */
  readonly made?: 'sigmoid' | 'softmax' | undefined;
}

/** What makes probabilities, by its operator. */
const MADE: Readonly<Record<string, LossTerm['made']>> = { Sigmoid: 'sigmoid', Softmax: 'softmax' };

/** A model with its loss. */
export interface Joined {
  readonly forward: Forward;
  /** Name of the value of the loss. */
  readonly loss: string;
  /** Inputs that the loss has beside the outputs of the model; of a sum, one for each term. */
  readonly targets: readonly string[];
  /** What a reader must know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Puts a named loss behind one output, on the value before its Softmax or Sigmoid if it ends in one that the loss has in itself.
 *
 * @param output the output to put it on; the only float one if it is absent
 * @param at what is known of the output beside what the graph tells
 * @throws GnSwapError `invalid-arguments` if it has to be said which output is meant
 */
export async function joinLoss(
  forward: Forward,
  names: NameSpaces,
  name: LossName,
  output: string | undefined,
  at: Pick<LossTerm, 'axis' | 'made'> = {},
): Promise<Joined> {
  const on = output ?? onlyFloat(forward);
  if (!forward.outputs.includes(on) || !isFloat(forward.types.get(on)?.type)) {
    throw new GnSwapError('invalid-arguments', `${JSON.stringify(on)} is not a float output of the model`, {
      node: '--loss-of',
      remedy: floatOutputs(forward).length === 0 ? EXPORT : `Use one of ${floatOutputs(forward).join(', ')}`,
    });
  }
  const ending = beforeActivation(forward, on);
  const before = BEFORE[name].includes(ending?.activation.opType ?? '') ? ending : undefined;
  const { forward: turned, value } = before === undefined ? { forward, value: on } : moved(forward, names, before);
  const known = fixedOf(turned.types, value);
  const made = MADE[ending?.activation.opType ?? ''] ?? at.made;
  // Chances of classes that exclude each other are something else than those of a Sigmoid each.
  const isProbability =
    before === undefined && (BEFORE[name].includes('Softmax') ? made === 'softmax' : made !== undefined);
  const axis = before?.axis ?? at.axis ?? Math.min(1, known.dims.length - 1);
  const model = lossModel(name, { ...known, axis, isProbability });
  const joined = await join(turned, names, model, new Map([['prediction', value]]));
  const [usualBefore] = BEFORE[name];
  const counted = isProbability ? 'are probabilities' : `count as those before a ${usualBefore}`;
  const read = usualBefore === undefined ? '' : `, whose values ${counted}`;
  const notes = [
    before === undefined
      ? `loss ${name} on output ${on}${read}`
      : `loss ${name} on ${before.value}, the value before the ${before.activation.opType} that makes output ${on}`,
  ];
  return { ...joined, notes };
}

/**
 * Puts a weighted sum of named losses behind a model. Each term has its target as an input.
 *
 * @throws GnSwapError `invalid-arguments` if a term names something that is not a float output
 */
export async function joinTerms(forward: Forward, names: NameSpaces, terms: readonly LossTerm[]): Promise<Joined> {
  const added = new Map<string, TensorProto>();
  const writer = new Writer('loss', names, added);
  const parts: string[] = [];
  const targets: string[] = [];
  const notes: string[] = [];
  let joined = forward;
  let scalar: FixedType = { type: DataType.FLOAT, dims: [] };
  for (const { output, loss, weight, ...at } of terms) {
    const term = await joinLoss(joined, names, loss, output, at);
    // Only the sum is an output.
    joined = { ...term.forward, outputs: forward.outputs };
    scalar = { ...fixedOf(joined.types, term.loss), dims: [] };
    parts.push(weight === 1 ? term.loss : writer.op('Mul', [term.loss, writer.scalar(scalar.type, weight)]));
    targets.push(...term.targets);
    notes.push(...term.notes);
  }
  const sum = parts.length === 1 ? (parts[0] as string) : writer.op('Sum', parts);
  const types = new Map(joined.types);
  for (const name of [...parts, sum]) if (!types.has(name)) types.set(name, scalar);
  const constants = new Map(joined.constants);
  for (const tensor of added.values()) {
    constants.set(tensor.name, tensor);
    types.set(tensor.name, storedType(tensor));
  }
  const nodes = [...joined.nodes, ...writer.nodes];
  return {
    loss: sum,
    targets,
    notes,
    forward: { ...joined, nodes, constants, types, outputs: [...forward.outputs, sum] },
  };
}

/**
 * Puts a loss that is a model of its own behind a model: its inputs that are named like outputs are these outputs.
 *
 * @param at sizes of its further inputs
 */
export async function joinModel(
  forward: Forward,
  names: NameSpaces,
  model: Model,
  at: PrepareOptions,
): Promise<Joined> {
  const own = model.proto.graph.input.map(({ name }) => name);
  const shared = new Map(forward.outputs.filter((name) => own.includes(name)).map((name) => [name, name]));
  if (shared.size === 0) {
    throw new GnSwapError('invalid-arguments', 'no input of the loss has the name of an output of the model', {
      node: '--loss',
      remedy: `Name its inputs after ${forward.outputs.join(', ')}`,
    });
  }
  const joined = await join(forward, names, model, shared, at);
  return { ...joined, notes: [`loss of the given model on ${[...shared.keys()].join(', ')}`] };
}

/** @param shared values of the model by the names of the loss's inputs that they are */
async function join(
  forward: Forward,
  names: NameSpaces,
  model: Model,
  shared: ReadonlyMap<string, string>,
  { sizes: further, batch }: PrepareOptions = { sizes: {}, batch: 1 },
): Promise<Omit<Joined, 'notes'>> {
  const sizes = Object.fromEntries(
    [...shared].map(([input, value]) => [input, fixedOf(forward.types, value).dims] as const),
  );
  const { forward: own } = await prepare(model, { sizes: { ...further, ...sizes }, batch });
  const renamed = new Map(shared);
  const rename = (name: string): string => {
    if (name === '') return '';
    const known = renamed.get(name);
    if (known !== undefined) return known;
    const fresh = names.values.fresh(name);
    renamed.set(name, fresh);
    return fresh;
  };
  const inputs = own.inputs.filter(({ name }) => !shared.has(name)).map((it) => ({ ...it, name: rename(it.name) }));
  const [output = '', ...others] = own.outputs;
  const size = own.types.get(output)?.dims.reduce((product, dim) => product * dim, 1);
  if (others.length > 0 || size !== 1 || !isFloat(own.types.get(output)?.type)) {
    throw new GnSwapError('invalid-arguments', 'a loss must have one output, a single float number', {
      node: '--loss',
      remedy: 'Reduce it with ReduceMean or ReduceSum, keepdims=0',
    });
  }
  const loss = rename(output);
  const nodes = own.nodes.map((node) => ({
    ...node,
    name: names.nodes.fresh(calledBy(node)),
    input: node.input.map(rename),
    output: node.output.map(rename),
  }));
  const constants = new Map(forward.constants);
  // The loss has a home of its own: what it keeps in other files is not where the model's are.
  for (const [name, tensor] of own.constants) {
    constants.set(rename(name), { ...inline(tensor, model.home.open), name: rename(name) });
  }
  const types = new Map(forward.types);
  for (const [name, type] of own.types) types.set(rename(name), type);
  return {
    loss,
    targets: inputs.map(({ name }) => name),
    forward: {
      ...forward,
      opset: Math.max(forward.opset, own.opset),
      imports: [...(forward.imports ?? []), ...(own.imports ?? [])],
      nodes: [...forward.nodes, ...nodes],
      inputs: [...forward.inputs, ...inputs],
      outputs: [...forward.outputs, loss],
      constants,
      types,
    },
  };
}

const EXPORT = 'Export the model with an output of floats that a loss can be taken of';

function floatOutputs({ outputs, types }: Forward): string[] {
  return outputs.filter((name) => isFloat(types.get(name)?.type));
}

function onlyFloat(forward: Forward): string {
  const [only, ...others] = floatOutputs(forward);
  if (only !== undefined && others.length === 0) return only;
  const [problem, remedy] =
    only === undefined
      ? ['the model has no float output', EXPORT]
      : [
          `the model has ${others.length + 1} float outputs`,
          `Choose one with --loss-of: ${[only, ...others].join(', ')}`,
        ];
  throw new GnSwapError('invalid-arguments', problem, { node: '--loss', remedy });
}
