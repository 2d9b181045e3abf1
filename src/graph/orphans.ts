/** What an edit leaves without a use, found by counting the uses of every definition in the scopes that see it. */
import { subgraphsOf } from '../onnx/attributes.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import type { Patch } from './patch.ts';

/** What nothing uses any more. */
export interface Orphans {
  /** Names of initializers, node outputs and inputs, by the graph that defines them. */
  readonly names: ReadonlyMap<GraphProto, ReadonlySet<string>>;
  readonly nodes: ReadonlySet<NodeProto>;
}

/** A value in the graph that defines it; the same name may mean another value in another graph. */
interface Definition {
  readonly name: string;
  readonly graph: GraphProto;
  readonly producer: NodeProto | undefined;
  uses: number;
}

/** A graph's definitions, and the graph around it. */
interface Frame {
  readonly graph: GraphProto;
  readonly parent: Frame | undefined;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Frames of the subgraphs of its nodes. */
  readonly inner: ReadonlyMap<NodeProto, readonly Frame[]>;
}

/**
 * Finds what loses its last use by an edit: what only replaced nodes read, what only that was made of, and so on. What had
 * no use before is none of it.
 */
export function orphansOf(graph: GraphProto, edit: Patch): Orphans {
  const frames: Frame[] = [];
  frameOf(graph, undefined, frames);
  const frameOfNode = new Map<NodeProto, Frame>();
  for (const frame of frames) {
    for (const node of frame.graph.node) {
      frameOfNode.set(node, frame);
      for (const name of node.input) count(resolve(frame, name), 1);
    }
    for (const { name } of frame.graph.output) count(resolve(frame, name), 1);
  }

  const names = new Map<GraphProto, Set<string>>();
  const nodes = new Set<NodeProto>();
  const freed: Definition[] = [];
  const gone = new Set<NodeProto>();
  /** Takes back what a node that goes and its subgraphs read. */
  const release = (node: NodeProto, frame: Frame) => {
    gone.add(node);
    const free = (definition: Definition | undefined) => {
      count(definition, -1);
      if (definition !== undefined) freed.push(definition);
    };
    for (const name of node.input) free(resolve(frame, name));
    for (const inside of frame.inner.get(node) ?? []) {
      for (const it of inside.graph.node) for (const now of edit.replace.get(it) ?? [it]) release(now, inside);
      for (const { name } of inside.graph.output) free(resolve(inside, name));
    }
  };
  const forced = formerDefinitions(frames, edit);
  const made = new Set([...edit.replace.values()].flatMap((after) => after.flatMap(({ output }) => output)));
  for (const [before, after] of edit.replace) {
    const frame = frameOfNode.get(before);
    if (frame === undefined) continue;
    release(before, frame);
    for (const { input } of after) {
      for (const name of input) count(resolve(frame, name), 1);
    }
    for (const name of before.output) if (name !== '' && !made.has(name)) drop(names, frame.graph, name);
  }

  const isUnused = (definition: Definition) => definition.uses === 0 || forced.has(definition);
  for (const it of forced) freed.push(it);
  for (let it = freed.pop(); it !== undefined; it = freed.pop()) {
    const { producer } = it;
    if (!isUnused(it)) continue;
    if (producer === undefined) {
      drop(names, it.graph, it.name);
    } else if (!gone.has(producer)) {
      const frame = frameOfNode.get(producer) as Frame;
      const outputs = producer.output.map((name) => frame.definitions.get(name)).filter((own) => own !== undefined);
      if (!outputs.every(isUnused)) continue;
      for (const { graph: owner, name } of outputs) drop(names, owner, name);
      nodes.add(producer);
      release(producer, frame);
    }
  }
  return { names, nodes };
}

function frameOf(graph: GraphProto, parent: Frame | undefined, all: Frame[]): Frame {
  const definitions = new Map<string, Definition>();
  const define = (name: string, producer?: NodeProto) => {
    if (name !== '') definitions.set(name, { name, graph, producer, uses: 0 });
  };
  for (const { name } of graph.input) define(name);
  for (const { name } of graph.initializer) define(name);
  for (const { values } of graph.sparseInitializer) define(values?.name ?? '');
  for (const node of graph.node) for (const name of node.output) define(name, node);
  const inner = new Map<NodeProto, Frame[]>();
  const frame = { graph, parent, definitions, inner };
  all.push(frame);
  for (const node of graph.node) {
    const subgraphs = subgraphsOf(node).map((it) => frameOf(it.graph, frame, all));
    if (subgraphs.length > 0) inner.set(node, subgraphs);
  }
  return frame;
}

function resolve(frame: Frame, name: string): Definition | undefined {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    const found = at.definitions.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function count(definition: Definition | undefined, uses: number): void {
  if (definition !== undefined) definition.uses += uses;
}

function drop(names: Map<GraphProto, Set<string>>, graph: GraphProto, name: string): void {
  const own = names.get(graph);
  if (own === undefined) names.set(graph, new Set([name]));
  else own.add(name);
}

/** What the added initializers take the names of. */
function formerDefinitions(frames: readonly Frame[], edit: Patch): Set<Definition> {
  const former = new Set<Definition>();
  for (const frame of frames) {
    for (const { name } of edit.addInitializers.get(frame.graph) ?? []) {
      const definition = edit.redefined.has(name) ? resolve(frame, name) : undefined;
      if (definition !== undefined) former.add(definition);
    }
  }
  return former;
}
