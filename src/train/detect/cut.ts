/**
 * Detectors that suppress or rank their own boxes → the values right before that, which is where a gradient ends.
 *
 * NonMaxSuppression, TopK and NonZero choose rows; no gradient goes through the choice. So the model that is trained gives what weights
 * reach and nothing has chosen from yet. The file that is delivered keeps its whole graph.
 */
import type { Lookup } from '../../graph/scope.ts';
import { viewOf } from '../../graph/view.ts';
import { intAttribute, subgraphsOf } from '../../onnx/attributes.ts';
import { type Model, withGraph } from '../../onnx/model.ts';
import { nameAt } from '../../onnx/operands.ts';
import { create, type NodeProto } from '../../onnx/schema.ts';
import { MOVES } from './moves.ts';

const SELECTS = new Set(['NonMaxSuppression', 'NonZero', 'TopK', 'Unique', 'Compress', 'ArgMax']);
/** Operators that take the best of some classes: behind them no class is told any more. */
const BEST = new Set(['ReduceMax']);
const LAYERS = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
/** What numbers were laid out from says more than they do; a Cast changes nothing of that. */
const LAYOUTS = new Set([...MOVES, 'Cast']);

/** A model that ends before its choice of rows. */
export interface Cut {
  readonly model: Model;
  /** Its outputs: values of the file. */
  readonly outputs: readonly string[];
  /** What each was laid out from: those of the same one hold the same numbers. */
  readonly roots: ReadonlyMap<string, string>;
  /** How NonMaxSuppression reads the boxes that it is given, by the value that they were laid out from. */
  readonly formats: ReadonlyMap<string, 'xyxy' | 'cxcywh'>;
  /** Whether the file suppresses boxes that overlap; one that only ranks gives each object one row. */
  readonly suppresses: boolean;
}

/** Which rows of its own a model chooses, and by what. */
export interface Choice {
  /** Nodes between the last layers and the outputs. */
  readonly tail: ReadonlySet<NodeProto>;
  /** Nodes that choose, in the order of the graph. */
  readonly choosers: readonly NodeProto[];
  /** Values that depend on what was chosen. */
  readonly chosen: ReadonlySet<string>;
  /** Values that the numbers of a layer reach; sizes are not numbers. */
  readonly reached: ReadonlySet<string>;
  /** Whether boxes that overlap are suppressed. */
  readonly suppresses: boolean;
}

/** Finds the choice of rows behind the last layers; undefined if the model makes none. */
export function choiceOf({ proto: { graph } }: Model): Choice | undefined {
  const tail = tailOf(
    graph.node,
    graph.output.map(({ name }) => name),
  );
  const chosen = new Set<string>();
  const reached = behindLayers(graph.node);
  const choosers: NodeProto[] = [];
  for (const node of graph.node) {
    if (!tail.has(node)) continue;
    // The largest of some sizes, and the cells of a grid, are found by the same operators and choose nothing.
    const all = readsOf(node).some((name) => reached.has(name)) ? within(node) : [];
    if (all.some(({ opType }) => SELECTS.has(opType))) choosers.push(node);
    const isChoice = all.length > 0 && (choosers.at(-1) === node || BEST.has(node.opType));
    if (isChoice || readsOf(node).some((name) => chosen.has(name))) {
      for (const name of node.output) if (name !== '') chosen.add(name);
    }
  }
  if (choosers.length === 0) return undefined;
  const suppresses = choosers.some((node) => within(node).some(({ opType }) => opType === 'NonMaxSuppression'));
  return { tail, choosers, chosen, reached, suppresses };
}

/** Cuts off suppression and ranking at the end; undefined if there is none behind the last layers. */
export function beforeSelection(model: Model): Cut | undefined {
  const { graph } = model.proto;
  const [main] = viewOf(model).scopes;
  const choice = choiceOf(model);
  if (main === undefined || choice === undefined) return undefined;
  const { choosers, chosen, reached, suppresses } = choice;
  const roots = new Map<string, string>();
  for (const node of graph.node) {
    if (!node.output.some((name) => chosen.has(name)) || node.opType === 'Shape') continue;
    for (const name of readsOf(node)) {
      // What it was laid out from says more, unless it was joined of single coordinates: both are looked at.
      if (chosen.has(name) || !reached.has(name)) continue;
      const root = unmoved(name, main.producers);
      roots.set(root, root).set(name, root);
    }
  }
  const outputs = [...roots.keys()];
  return {
    model: withGraph(model, { ...graph, output: outputs.map((name) => create('ValueInfoProto', { name })) }),
    outputs,
    roots,
    formats: formatsOf(choosers, main.producers),
    suppresses,
  };
}

/** How NonMaxSuppression reads the boxes that it is given, by the value that they were laid out from. */
export function formatsOf(
  choosers: readonly NodeProto[],
  producers: Lookup<NodeProto>,
): Map<string, 'xyxy' | 'cxcywh'> {
  const formats = new Map<string, 'xyxy' | 'cxcywh'>();
  for (const node of choosers) {
    if (node.opType !== 'NonMaxSuppression') continue;
    const isCentre = intAttribute(node, 'center_point_box', 0) === 1;
    formats.set(unmoved(nameAt(node.input, 0), producers), isCentre ? 'cxcywh' : 'xyxy');
  }
  return formats;
}

/** The model with nothing but these of its outputs. */
export function withOnly(model: Model, names: ReadonlySet<string>): Model {
  const { graph } = model.proto;
  return withGraph(model, { ...graph, output: graph.output.filter(({ name }) => names.has(name)) });
}

/** A part of a file with the tensors of another one that has the same graph. */
export function withWeightsOf(part: Model, file: Model): Model {
  const { graph } = part.proto;
  const tensors = new Map(file.proto.graph.initializer.map((it) => [it.name, it]));
  const constants = new Map(
    file.proto.graph.node.flatMap((it) => (it.opType === 'Constant' ? [[nameAt(it.output, 0), it] as const] : [])),
  );
  const own = withGraph(part, {
    ...graph,
    initializer: graph.initializer.map((it) => tensors.get(it.name) ?? it),
    node: graph.node.map((it) => (it.opType === 'Constant' ? (constants.get(nameAt(it.output, 0)) ?? it) : it)),
  });
  return { ...own, home: file.home };
}

function tailOf(nodes: readonly NodeProto[], outputs: readonly string[]): Set<NodeProto> {
  const wanted = new Set(outputs);
  const tail = new Set<NodeProto>();
  for (const node of [...nodes].reverse()) {
    if (!node.output.some((name) => wanted.has(name)) || LAYERS.has(node.opType)) continue;
    tail.add(node);
    for (const name of readsOf(node)) wanted.add(name);
  }
  return tail;
}

function behindLayers(nodes: readonly NodeProto[]): Set<string> {
  const reached = new Set<string>();
  for (const node of nodes) {
    if (node.opType === 'Shape' || node.opType === 'Size') continue;
    if (LAYERS.has(node.opType) || readsOf(node).some((name) => reached.has(name))) {
      for (const name of node.output) reached.add(name);
    }
  }
  return reached;
}

/** The value that another one was laid out from. */
export function unmoved(value: string, producers: Lookup<NodeProto>): string {
  let at = value;
  for (let node = producers.get(at); node !== undefined && LAYOUTS.has(node.opType); node = producers.get(at)) {
    at = nameAt(node.input, 0);
  }
  return at;
}

function within(node: NodeProto): NodeProto[] {
  return [node, ...subgraphsOf(node).flatMap(({ graph }) => graph.node.flatMap(within))];
}

/** What a node reads, its subgraphs' captures included. */
export function readsOf(node: NodeProto): string[] {
  return within(node).flatMap(({ input }) => input.filter((name) => name !== ''));
}
