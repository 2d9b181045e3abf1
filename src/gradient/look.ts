/** What a model's values are in a run: their types, their sizes, and the numbers of those that hang on no input. */
import { GnSwapError, type NextStep } from '../errors.ts';
import { shapesOnly, withOutputs } from '../graph/extract.ts';
import { generateInputs, inputDims } from '../inputs/generated.ts';
import { subgraphsOf } from '../onnx/attributes.ts';
import { Slice } from '../onnx/bytes.ts';
import { constantNodeTensor } from '../onnx/constant-node.ts';
import type { DataType } from '../onnx/data-type.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import { create, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import { declaredType } from '../onnx/value-type.ts';
import { numbersOf, type Value, type Values, withSession } from '../runtime/session.ts';
import { type FixedType, SIZES_ONLY } from './forward.ts';

/** What {@link look} found. */
export interface Looked {
  readonly types: ReadonlyMap<string, FixedType>;
  /** Stored tensors, and values made of them and of sizes alone. */
  readonly constants: ReadonlyMap<string, TensorProto>;
  readonly feeds: Values;
  /** Every value of the run, by name; without `whole`, those that hang on no input. */
  readonly values: Values;
}

export interface LookOptions {
  /** Dimensions of inputs, by name; those that the file fixes need none. */
  readonly sizes: Readonly<Record<string, readonly number[]>>;
  readonly batch: number;
  /** Whether every value is wanted, which takes the memory of all of them at once. `false`. */
  readonly whole?: boolean | undefined;
  /**
   * Whether it is run with the sizes open that the file leaves open. At fixed ones the runtime refuses a branch that they never
   * take, such as a squeeze of what is not 1. `false`.
   */
  readonly isOpen?: boolean | undefined;
}

const SEED = 1;

/**
 * Runs a model once, and tells the type and the size of every value.
 *
 * @throws GnSwapError `invalid-arguments` if a size is missing, `runtime-failed` if ONNX Runtime can't run the model
 */
export async function look(model: Model, options: LookOptions): Promise<Looked> {
  const { sizes, batch, whole = false, isOpen = false } = options;
  const fixed = withSizes(model, sizes, batch);
  const { graph } = fixed.proto;
  const names = graph.node.flatMap(({ output }) => output.filter((name) => name !== ''));
  const feeds = generateInputs(fixed, SEED, batch, 1);
  const run = isOpen ? withGraph(fixed, { ...graph, input: model.proto.graph.input }) : fixed;
  const types = new Map<string, FixedType>();
  const constants = new Map<string, TensorProto>(graph.initializer.map((tensor) => [tensor.name, tensor]));
  for (const { name, dataType = 0, dims } of graph.initializer)
    types.set(name, { type: dataType, dims: dims.map(Number) });
  for (const [name, { type, dims }] of Object.entries(feeds)) types.set(name, { type, dims });
  if (names.length === 0) return { types, constants, feeds, values: {} };
  const fixedValues = constantValues(graph.node, new Set(constants.keys()));
  const { values, found } = await (whole ? allOf(run, names, feeds) : sizesOf(run, names, fixedValues, feeds));
  for (const node of graph.node) {
    const tensor = node.opType === 'Constant' ? constantNodeTensor(node) : undefined;
    if (tensor !== undefined) constants.set(nameAt(node.output, 0), { ...tensor, name: nameAt(node.output, 0) });
  }
  for (const [name, type] of found) types.set(name, type);
  for (const [name, value] of Object.entries(values)) {
    if (!fixedValues.has(name) || constants.has(name)) continue;
    const tensor = tensorOf(name, value);
    if (tensor !== undefined) constants.set(name, tensor);
  }
  return { types, constants, feeds, values };
}

/** What a run tells: some of its values, and the type of all that are tensors. */
interface Found {
  readonly values: Values;
  readonly found: ReadonlyMap<string, FixedType>;
}

const ONCE = { optimize: false, keepMemory: false } as const;

/** Runs a model with every value as an output. */
async function allOf(model: Model, names: readonly string[], feeds: Values): Promise<Found> {
  const values = await withSession(withOutputs(model, names), (session) => session.run(feeds), ONCE);
  return { values, found: new Map(Object.entries(values).map(([name, { type, dims }]) => [name, { type, dims }])) };
}

/** Runs a model for the sizes of its values, so that it takes no more memory than an answer does. */
async function sizesOf(
  model: Model,
  names: readonly string[],
  fixed: ReadonlySet<string>,
  feeds: Values,
): Promise<Found> {
  // The runtime knows every type before it runs.
  const types = await withSession(withOutputs(model, names), async ({ types }) => types, ONCE);
  const tensors = names.filter((name) => types.has(name));
  const kept = tensors.filter((name) => fixed.has(name));
  const measured = tensors.filter((name) => !fixed.has(name));
  const asked = shapesOnly(model, measured);
  const shapes = asked.proto.graph.output.map(({ name }) => name);
  const results = await withSession(withOutputs(asked, kept), (session) => session.run(feeds), ONCE);
  const found = new Map<string, FixedType>();
  for (const [index, name] of measured.entries()) {
    const dims = Array.from((results[shapes[index] as string] as Value).data, Number);
    found.set(name, { type: types.get(name) as DataType, dims });
  }
  const values: Record<string, Value> = {};
  for (const name of kept) {
    const value = results[name] as Value;
    values[name] = value;
    found.set(name, { type: value.type, dims: value.dims });
  }
  return { values, found };
}

function tensorOf(name: string, value: Value): TensorProto | undefined {
  const { type: dataType, dims, data } = value;
  if (typeof data[0] === 'bigint') {
    // 2⁶³ − 1, by which exporters say "to the end", is no float64.
    const bytes = new Uint8Array(BigInt64Array.from(data as ArrayLike<bigint>).buffer);
    return create('TensorProto', { name, dataType, dims, rawData: Slice.of(bytes) });
  }
  const numbers = numbersOf(value);
  return numbers && makeTensor(name, dataType, dims, numbers);
}

/** The model with its inputs at fixed sizes. */
function withSizes(model: Model, sizes: Readonly<Record<string, readonly number[]>>, batch: number): Model {
  const { graph } = model.proto;
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const input = graph.input
    .filter(({ name }) => !stored.has(name))
    .map((info) => {
      const tensor = info.type?.tensorType;
      // −1, as PaddlePaddle writes it, and 0 are open.
      const own = declaredType(info.type).shape?.map((dim) => dim || undefined);
      const given = sizes[info.name];
      const dims = given ?? own?.map((dim, axis) => dim ?? (axis === 0 ? batch : undefined));
      if (given !== undefined && own !== undefined)
        refuseMismatch(info.name, given, own, Object.keys(sizes).length - 1);
      if (dims === undefined || dims.some((dim) => dim === undefined)) {
        const shown = own === undefined ? 'of any rank' : `[${own.map((dim) => dim ?? '?').join(', ')}]`;
        // With as many channels as the first layer takes.
        const likely = inputDims(model, batch, 64)[info.name] ?? [];
        const usual = `${info.name}=${(own ?? likely).map((dim, axis) => dim ?? (likely[axis] || 64)).join('x')}`;
        throw new GnSwapError('invalid-arguments', `the size of input ${JSON.stringify(info.name)} is open: ${shown}`, {
          node: info.name,
          remedy: `Set it with --size ${usual}`,
          ...nextSize(usual, Object.keys(sizes).length),
        });
      }
      const dim = dims.map((dimValue) => create('Dimension', dimValue === undefined ? {} : { dimValue }));
      const tensorType = create('TensorType', {
        elemType: tensor?.elemType,
        shape: create('TensorShapeProto', { dim }),
      });
      return { ...info, type: create('TypeProto', { tensorType }) };
    });
  return withGraph(
    model,
    { ...graph, input, valueInfo: [] },
    { irVersion: Math.max(4, Number(model.proto.irVersion)) },
  );
}

/** The command to type. It would drop the sizes of other inputs that were typed, so with those there is none. */
function nextSize(size: string, others: number): { next?: NextStep } {
  return others === 0 ? { next: { set: { size } } } : {};
}

function refuseMismatch(
  name: string,
  given: readonly number[],
  own: readonly (number | undefined)[],
  others: number,
): void {
  if (given.length === own.length && own.every((dim, axis) => dim === undefined || dim === given[axis])) return;
  const usual = `${name}=${own.map((dim) => dim ?? 1).join('x')}`;
  const isFixed = own.every((dim) => dim !== undefined);
  throw new GnSwapError(
    'invalid-arguments',
    `input ${JSON.stringify(name)} is [${own.map((dim) => dim ?? '?').join(', ')}], not [${given.join(', ')}]`,
    isFixed
      ? {
          node: name,
          remedy: 'Leave its --size out: the file fixes all dimensions of this input',
          ...(others === 0 ? { next: { drop: ['size'] } } : {}),
        }
      : { node: name, remedy: `Use --size ${usual}; change only the open dimensions`, ...nextSize(usual, others) },
  );
}

const RANDOM = /^(Random|Bernoulli|Multinomial)/;

/** Values that hang on stored tensors and on sizes alone. */
function constantValues(nodes: readonly NodeProto[], stored: ReadonlySet<string>): ReadonlySet<string> {
  const fixed = new Set(stored);
  for (const node of nodes) {
    if (RANDOM.test(node.opType) || subgraphsOf(node).length > 0) continue;
    if (!SIZES_ONLY.has(node.opType) && !node.input.every((name) => name === '' || fixed.has(name))) continue;
    for (const name of node.output) fixed.add(name);
  }
  return fixed;
}
