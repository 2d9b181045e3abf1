/** Model + loss → an ordinary model that also computes the gradient, and one that gives the first values of what is trained. */
import { GnSwapError } from '../errors.ts';
import { quantizedOf } from '../find/quantized.ts';
import { quantizedWords } from '../find/quantized-words.ts';
import { float32Twin, twinnedTypes } from '../graph/float32.ts';
import { DataType, isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { makeTensor, valuesOf } from '../onnx/tensor.ts';
import { assemble, named, type Port } from './assemble.ts';
import { type BatchNormOptions, batchNormNotes, withBatchNorm } from './batch-norm.ts';
import { type Choice, choose, type TypedOptions } from './choose.ts';
import { type Flat, layOut, pack, unpack } from './flat.ts';
import { fold } from './fold.ts';
import { type FixedType, type Forward, fixedOf } from './forward.ts';
import { foldFrozen } from './frozen.ts';
import { fuseActivations, fuseNorms } from './fuse.ts';
import { initModel } from './init.ts';
import { type Joined, joinLoss, joinModel, joinTerms, type LossTerm } from './join.ts';
import type { LossName, OptimizerName } from './losses.ts';
import { withoutNormConstants } from './norm-constants.ts';
import { type OptimizerOptions, type Updated, writeOptimizer } from './optimizer.ts';
import { type Candidate, candidatesOf } from './parameters.ts';
import { prepare } from './prepare.ts';
import { type GradientProof, proveRules } from './proof.ts';
import { unrollRecurrent } from './recurrent/index.ts';
import { passing, refuseNothing, refuseObstacles } from './refuse.ts';
import { runOnce } from './run-once.ts';
import { storedStatistics } from './running.ts';
import { refuseUnknownSizes } from './sizes.ts';
import { walk } from './walk.ts';
import { type NameSpaces, Writer } from './writer.ts';

/** How {@link gradientOf} goes about it; each with its default. */
export interface GradientOptions extends BatchNormOptions, TypedOptions {
  /** What to differentiate by: `all`, `norms`, `head`, `inputs`, or regular expressions over names; behind `!`, what to leave out. `all`. */
  readonly wrt?: readonly string[] | undefined;
  /** A loss to append: by name, as a weighted sum of named ones, or as a model; `none` takes the gradients of the outputs as inputs. `none`. */
  readonly loss?: 'none' | LossName | readonly LossTerm[] | Model | undefined;
  /** The output that the loss is of; needed if the model has several float outputs. */
  readonly lossOf?: string | undefined;
  /** Appends the step of an optimizer. `none`. */
  readonly optimizer?: 'none' | OptimizerName | undefined;
  readonly optimizerOptions?: OptimizerOptions | undefined;
  /** Takes all parameters as one vector `theta`, which is faster to feed and to update. `false`: each under its own name. */
  readonly flat?: boolean | undefined;
  /** Tries each rule on the file's own nodes, and runs what was made once. `false`. */
  readonly verify?: boolean | undefined;
  /** For a first dimension that the file leaves open. 1. */
  readonly batch?: number | undefined;
  /** Dimensions of inputs, by name; needed for those that the file leaves open. */
  readonly sizes?: Readonly<Record<string, readonly number[]>> | undefined;
  /** The same for a loss that is a model, before `sizes`: of the inputs that it has beside the outputs of the model. */
  readonly lossSizes?: Readonly<Record<string, readonly number[]>> | undefined;
}

/** A gradient model, and how to feed it. */
export interface GradientModel {
  /** The model's own inputs and one for each parameter; then the loss's, the optimizer's, or the outputs' gradients. */
  readonly model: Model;
  /** Gives the first values of parameters and optimizer state, by the names of the inputs that they are for. */
  readonly init: Model;
  /** Every stored float tensor, whether it is trained, and why. */
  readonly parameters: readonly Choice[];
  /** Name of the gradient of each parameter and input that was asked for. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Input that takes the gradient of each float output; empty with a loss. */
  readonly seeds: ReadonlyMap<string, string>;
  /** Name of the output that is the loss. */
  readonly loss: string | undefined;
  /** Inputs that the loss takes beside the model's outputs; of a sum, the target of each term. */
  readonly targets: readonly string[];
  /** Parameters, state and running statistics, each with the output that is its next value. Without an optimizer, running statistics alone. */
  readonly updates: readonly Updated[];
  /** Where each parameter lies in `theta`; absent if parameters are inputs of their own. */
  readonly layout: Flat | undefined;
  /** What was tried, with `verify`. */
  readonly proof: (GradientProof & { readonly outputs: number }) | undefined;
  /** What a reader must know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Writes the gradient of a model as a model: standard operators only, at opset 18 or later, at fixed sizes.
 *
 * @throws GnSwapError `unsupported-model` naming each node without a gradient between a parameter and the loss,
 *   `invalid-arguments` if a size, an output or a parameter has to be named
 */
export async function gradientOf(given: Model, options: GradientOptions = {}): Promise<GradientModel> {
  const { source, notes: half } = inFloat32(given);
  const { wrt = ['all'], chosenBy, sizes = {}, batch = 1, verify = false } = options;
  refuseUnknownSizes(sizes, [source, ...(isModel(options.loss) ? [options.loss] : [])]);
  const { forward: prepared, names, stored, feeds, values } = await prepare(source, { sizes, batch, whole: verify });
  const plain = fuseNorms(source, prepared);
  const candidates = withoutNormConstants(candidatesOf(plain, stored), source);
  refuseQuantized(source, candidates);
  const chosen = choose(wrt, candidates, plain, chosenBy);
  const running = withBatchNorm(plain, names, options);
  const trained = chosen.parameters.filter(({ taken }) => taken).map(({ name }) => name);
  const wanted = new Set([...trained, ...chosen.inputs]);
  const unrolled = unrollRecurrent(running.forward, wanted, names);
  const fused = fuseActivations(foldFrozen(unrolled, names), wanted);
  const { forward: whole, loss, targets, notes } = await withLoss(fused, names, options);
  const forward = fold(whole, wanted);
  const added = new Map<string, TensorProto>();
  const writer = new Writer('gradient', names, added);
  const seeds = seedsOf(forward, loss, names, writer);
  const walked = walk(forward, seeds, wanted, names, added);
  refuseObstacles(walked.obstacles, chosenBy);
  refuseNothing(walked.gradients.size, loss, chosenBy);
  const typeOf = (name: string): FixedType => fixedOf(forward.types, name);

  const gradients = new Map([...walked.gradients.keys()].map((name) => [name, names.values.fresh(`d/${name}`)]));
  const byName = new Map([...gradients].map(([name, to]) => [to, walked.gradients.get(name) as string]));
  const backward = named([...walked.forward, ...walked.backward], byName, names);
  const ownParameters = trained.filter((name) => gradients.has(name));
  const layout = options.flat === true && ownParameters.length > 0 ? layOut(ownParameters, typeOf, names) : undefined;
  const packed = layout === undefined ? undefined : packing(layout, names, added, gradients);
  const derived = packed?.gradients ?? gradients;
  const trainedType = (name: string) => (name === layout?.name ? layout.type : typeOf(name));
  const steered = layout === undefined ? ownParameters : [layout.name];
  const step = optimizerOf(options, names, added, steered, derived, trainedType, layout?.decayed);

  const isTraining = running.norms.size > 0;
  const updates = [...step.updates, ...(isTraining ? running.statistics : [])];
  const taken = loss === undefined ? [...seeds].map(([value, name]) => ({ name, type: typeOf(value) })) : [];
  const inputs: Port[] = [...steered.map((name) => ({ name, type: trainedType(name) })), ...taken, ...step.inputs];
  const outputs: Port[] = [
    ...forward.outputs.map((name) => ({ name, type: typeOf(name) })),
    ...[...derived].map(([name, to]) => ({ name: to, type: trainedType(name) })),
    ...updates.map(({ output, type }) => ({ name: output, type })),
  ];
  const model = assemble(source, {
    forward: { ...forward, constants: withUnused(forward, whole, trained, gradients) },
    nodes: [...(packed?.before ?? []), ...backward, ...(packed?.behind ?? []), ...step.nodes],
    added: added.values(),
    inputs,
    outputs,
  });
  const firsts = [
    ...(layout === undefined
      ? ownParameters.map((name) => ({ name, type: typeOf(name), tensor: whole.constants.get(name) }))
      : [{ name: layout.name, type: layout.type, tensor: joined(layout, whole) }]),
    ...step.updates.flatMap(({ input, type, isState }) => (isState ? [{ name: input, type, tensor: undefined }] : [])),
    ...running.statistics.map(({ input, type }) => ({ name: input, type, tensor: plain.constants.get(input) })),
  ];
  const init = initModel(source, forward.opset, firsts);
  const known = () => new Map(Object.entries({ ...storedStatistics(plain, running), ...values, ...feeds }));
  const prove = async () => ({
    ...(await proveRules(source, forward, walked.differentiated, known())),
    outputs: await runOnce(model, init, feeds, values, isTraining ? [] : plain.outputs),
  });
  return {
    model,
    init,
    proof: verify ? await prove() : undefined,
    parameters: chosen.parameters.map((it) => withUse(it, gradients)),
    gradients: derived,
    layout,
    seeds: loss === undefined ? seeds : new Map(),
    loss,
    targets,
    updates,
    notes: [...half, ...notes, ...batchNormNotes(running, options), ...passing(forward, wanted, seeds, walked)],
  };
}

/** A parameter that was asked for and that the loss does not depend on is not trained. */
function withUse(choice: Choice, gradients: ReadonlyMap<string, string>): Choice {
  if (!choice.taken || gradients.has(choice.name)) return choice;
  return { ...choice, taken: false, why: `${choice.why}; the loss does not depend on it` };
}

/** A model of 16-bit floats in float32: their gradients would lose too many digits to train with. */
function inFloat32(model: Model): { source: Model; notes: readonly string[] } {
  const names = new Map<DataType, string>([
    [DataType.FLOAT16, 'float16'],
    [DataType.BFLOAT16, 'bfloat16'],
  ]);
  const found = twinnedTypes(model).flatMap((type) => names.get(type) ?? []);
  if (found.length === 0) return { source: model, notes: [] };
  const note = `${found.join(' and ')} of the file is float32 in the gradient model: inputs, outputs and parameters, too`;
  return { source: float32Twin(model), notes: [note] };
}

/** Nodes that take the parameters out of the vector, and put their gradients into one. */
function packing(
  layout: Flat,
  names: NameSpaces,
  added: Map<string, TensorProto>,
  gradients: ReadonlyMap<string, string>,
) {
  const [before, behind] = [new Writer('theta', names, added), new Writer('theta', names, added)];
  const to = names.values.fresh(`d/${layout.name}`);
  unpack(before, layout);
  pack(behind, layout, gradients, to);
  const own = new Set(layout.parts.map(({ name }) => name));
  const others = [...gradients].filter(([name]) => !own.has(name));
  return { before: before.nodes, behind: behind.nodes, gradients: new Map([[layout.name, to], ...others]) };
}

/** The first values of all parameters, as the vector. */
function joined({ name, type, parts }: Flat, { constants, external }: Forward): TensorProto {
  const values = new Float32Array(type.dims[0] as number);
  for (const part of parts) {
    const tensor = constants.get(part.name);
    if (tensor !== undefined) values.set(valuesOf(tensor, external), part.offset);
  }
  return makeTensor(name, type.type, type.dims, values);
}

async function withLoss(
  forward: Forward,
  names: NameSpaces,
  { loss = 'none', lossOf, sizes = {}, lossSizes = {}, batch = 1 }: GradientOptions,
): Promise<Pick<Joined, 'forward' | 'targets' | 'notes'> & { readonly loss: string | undefined }> {
  if (loss === 'none') return { forward, loss: undefined, targets: [], notes: [] };
  if (typeof loss === 'string') return joinLoss(forward, names, loss, lossOf);
  return isModel(loss)
    ? joinModel(forward, names, loss, { sizes: { ...sizes, ...lossSizes }, batch })
    : joinTerms(forward, names, loss);
}

function isModel(loss: GradientOptions['loss']): loss is Model {
  return typeof loss === 'object' && 'proto' in loss;
}

/** What the walk begins with: 1 for a loss, an input for each float output without one. */
function seedsOf(forward: Forward, loss: string | undefined, names: NameSpaces, writer: Writer): Map<string, string> {
  if (loss !== undefined) {
    const { type, dims } = fixedOf(forward.types, loss);
    return new Map([[loss, writer.tensor(type, dims, [1])]]);
  }
  const floats = forward.outputs.filter((name) => isFloat(forward.types.get(name)?.type));
  return new Map(floats.map((name) => [name, names.values.fresh(`d/${name}`)]));
}

/** Parameters that were asked for and that the loss does not hang on stay constants of the model. */
function withUnused(
  forward: Forward,
  whole: Forward,
  trained: readonly string[],
  gradients: ReadonlyMap<string, string>,
): Forward['constants'] {
  const constants = new Map(forward.constants);
  for (const name of trained) {
    const tensor = whole.constants.get(name);
    if (!gradients.has(name) && tensor !== undefined) constants.set(name, tensor);
  }
  return constants;
}

function optimizerOf(
  { optimizer = 'none', optimizerOptions = {} }: GradientOptions,
  names: NameSpaces,
  added: Map<string, TensorProto>,
  parameters: readonly string[],
  gradients: ReadonlyMap<string, string>,
  typeOf: (name: string) => FixedType,
  decayed: number | undefined,
) {
  const inputs: Port[] = [];
  if (optimizer === 'none') return { nodes: [], inputs, updates: [] };
  const writer = new Writer('optimizer', names, added);
  const trained = new Map(
    parameters.map((name) => [name, { gradient: gradients.get(name) as string, type: typeOf(name), decayed }] as const),
  );
  const { updated, lr, step } = writeOptimizer(writer, names, optimizer, trained, optimizerOptions);
  inputs.push({ name: lr, type: { type: 1, dims: [] } });
  if (step !== undefined) inputs.push({ name: step, type: { type: 7, dims: [] } });
  for (const { input, type, isState } of updated) if (isState) inputs.push({ name: input, type });
  return { nodes: writer.nodes, inputs, updates: updated };
}

/** Integers do not train: a file that has no others was quantized. */
function refuseQuantized(model: Model, candidates: readonly Candidate[]): void {
  const quantized = candidates.some(({ role }) => role !== undefined) ? undefined : quantizedOf(model);
  if (quantized === undefined) return;
  throw new GnSwapError('unsupported-model', quantizedWords(quantized), {
    remedy: 'Train the float model that it was made from, then quantize the result',
  });
}
