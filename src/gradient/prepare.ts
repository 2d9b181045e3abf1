/** Model → the forward graph that a gradient is taken of. */
import { GnSwapError } from '../errors.ts';
import { inlineFunctions } from '../graph/inline.ts';
import { inOrder } from '../graph/order.ts';
import { attributeOf, makeAttribute } from '../onnx/attributes.ts';
import { type Model, opsetOf, withGraph } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { denseOf } from '../onnx/sparse-tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import type { Values } from '../runtime/session.ts';
import { convertCommand } from '../words.ts';
import type { Forward } from './forward.ts';
import { type Looked, type LookOptions, look } from './look.ts';
import { isIf, settle } from './settle.ts';
import { upgrade } from './upgrade.ts';
import type { NameSpaces } from './writer.ts';

/** The oldest opset that a gradient is written at. */
export const LOWEST_OPSET = 18;

export interface PrepareOptions {
  readonly sizes: Readonly<Record<string, readonly number[]>>;
  readonly batch: number;
  /** Whether all values of the run are wanted; without, those that hang on no input. `false`. */
  readonly whole?: boolean | undefined;
}

/** The forward graph, and the names that are taken in it. */
export interface Prepared {
  readonly forward: Forward;
  readonly names: NameSpaces;
  /** Names of tensors that the file holds, as initializers or Constant nodes. */
  readonly stored: ReadonlySet<string>;
  /** What was fed in the run, and what came of it: every value if `whole` asks for them. */
  readonly feeds: Values;
  readonly values: Values;
}

/**
 * Reads a model for differentiation: functions are inlined, the model is run once at fixed sizes, what is the same in every
 * run becomes a constant, an If that sizes decide the branch that is taken, and older operators take the spelling of opset 18.
 *
 * @throws GnSwapError `unsupported-model` if the opset is too old to run
 */
export async function prepare(source: Model, { sizes, batch, whole = false }: PrepareOptions): Promise<Prepared> {
  const flat = inOrder(withoutSparse(inlineFunctions(source, () => true).model)).model;
  const opset = opsetOf(flat);
  if (opset < 7) {
    throw new GnSwapError('unsupported-model', `it has opset ${opset}, which ONNX Runtime does not run`, {
      remedy: `Convert it to opset 13 or later: ${convertCommand(13)}`,
    });
  }
  const { model, looked } = await lookSettled(flat, { sizes, batch, whole });
  const { types, constants, feeds, values } = looked;
  const { graph } = model.proto;
  // What a branch holds is not among them: training writes into the main graph alone.
  const stored = new Set(flat.proto.graph.initializer.map(({ name }) => name));
  const inputs = graph.input
    .filter(({ name }) => !stored.has(name))
    .map(({ name }) => makeValueInfo(name, types.get(name)?.type, types.get(name)?.dims ?? []));
  const forward = {
    opset: Math.max(LOWEST_OPSET, opset),
    nodes: graph.node,
    inputs,
    outputs: graph.output.map(({ name }) => name),
    constants,
    types,
    external: model.home.open,
    imports: model.proto.opsetImport,
  };
  const names = namesOf(graph);
  for (const node of flat.proto.graph.node) if (node.opType === 'Constant') stored.add(nameAt(node.output, 0));
  return { stored, names, feeds, values, forward: opset < LOWEST_OPSET ? upgrade(forward, opset, names) : forward };
}

/** Looks again where sizes decided an If: a branch may hold another. */
async function lookSettled(flat: Model, options: LookOptions): Promise<{ model: Model; looked: Looked }> {
  let model = flat;
  for (;;) {
    const looked = await look(model, { ...options, isOpen: model.proto.graph.node.some(isIf) });
    const settled = settle(model, looked.constants);
    if (settled === model) return { model, looked };
    model = settled;
  }
}

/** Sparse tensors of the main graph as ordinary ones: whatever is trained of them is written as a whole. */
function withoutSparse(model: Model): Model {
  const { graph } = model.proto;
  const dense = (node: NodeProto): NodeProto => {
    const sparse = node.opType === 'Constant' ? attributeOf(node, 'sparse_value')?.sparseTensor : undefined;
    if (sparse === undefined) return node;
    const value = { ...denseOf(sparse, model.home.open), name: '' };
    return { ...node, attribute: [makeAttribute('value', value)] };
  };
  const node = graph.node.map(dense);
  if (graph.sparseInitializer.length === 0 && node.every((it, index) => it === graph.node[index])) return model;
  const initializer = [...graph.initializer, ...graph.sparseInitializer.map((it) => denseOf(it, model.home.open))];
  return withGraph(model, { ...graph, node, initializer, sparseInitializer: [] });
}
