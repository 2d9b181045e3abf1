/**
 * What an edit leaves without a use, found by counting the uses of every definition in the scopes that see it.
 *
 * Only values that a replaced node reads can lose their last use, and what those were made of; nothing is made or looked up
 * for the others.
 */
import { subgraphsOf } from '../onnx/attributes.ts';
import { NodeRun } from '../onnx/node-run.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import type { Patch } from './patch.ts';
import { type Scope, scopesOf, valueIn } from './scope.ts';
import type { Value } from './values.ts';

/** What nothing uses any more. */
export interface Orphans {
  /** Names of initializers, node outputs and inputs, by the graph that defines them. */
  readonly names: ReadonlyMap<GraphProto, ReadonlySet<string>>;
  readonly nodes: ReadonlySet<NodeProto>;
}

/** Values of a replacement that are told apart from the graph's by a look through a list. */
const MOST_MADE = 32;

/** What is asked about a graph: a part of its model's view. */
export interface UsesView {
  readonly scopes: readonly Scope[];
}

/**
 * Finds what loses its last use by an edit: what only replaced nodes read, what only that was made of, and so on. What had
 * no use before is none of it.
 */
export function orphansOf(graph: GraphProto, edit: Patch, view: UsesView = usesViewOf(graph)): Orphans {
  countAll(view.scopes);
  const scopes = new Map(view.scopes.map((scope) => [scope.graph, scope]));
  const scopeOf = (it: GraphProto) => scopes.get(it);
  const names = new Map<GraphProto, Set<string>>();
  const nodes = new Set<NodeProto>();
  const freed: Value[] = [];
  const gone = new Set<NodeProto>();
  /** Takes back what a node that goes and its subgraphs read. */
  const release = (node: NodeProto, scope: Scope) => {
    gone.add(node);
    const free = (name: string, from: Scope) => {
      const value = valueIn(from, name);
      if (value === undefined) return;
      value.left--;
      freed.push(value);
    };
    for (const name of node.input) free(name, scope);
    for (const { graph: inside } of subgraphsOf(node)) {
      const inner = scopeOf(inside);
      if (inner === undefined) continue;
      for (const it of inside.node) for (const now of nodesOf(edit.replace.get(it) ?? [it])) release(now, inner);
      for (const { name } of inside.output) free(name, inner);
    }
  };
  const forced = formerDefinitions(view.scopes, edit);
  const isMade = madeBy(edit);
  for (const scope of view.scopes) {
    for (const before of scope.graph.node) {
      const after = edit.replace.get(before);
      if (after === undefined) continue;
      release(before, scope);
      useAfter(after, scope);
      for (const name of before.output) if (name !== '' && !isMade(name, after)) drop(names, scope.graph, name);
    }
  }

  const isUnused = (value: Value) => value.left === 0 || forced.has(value);
  for (const it of forced) freed.push(it);
  for (let it = freed.pop(); it !== undefined; it = freed.pop()) {
    const { producer, graph: own } = it;
    if (!isUnused(it)) continue;
    if (producer === undefined) {
      drop(names, own, it.name);
    } else if (!gone.has(producer)) {
      const scope = scopeOf(own) as Scope;
      const outputs = producer.output.flatMap((name) => valueIn(scope, name) ?? []);
      if (!outputs.every(isUnused)) continue;
      for (const made of outputs) drop(names, made.graph, made.name);
      nodes.add(producer);
      release(producer, scope);
    }
  }
  return { names, nodes };
}

function usesViewOf(graph: GraphProto): UsesView {
  return { scopes: scopesOf({ proto: { graph } }) };
}

/** Notes at each value how often it is used. In a single graph a name means one value, so that the uses of the name are the value's. */
function countAll(scopes: readonly Scope[]): void {
  const isSingle = scopes.length === 1;
  for (const { values } of scopes) for (const value of values.all()) value.left = isSingle ? value.uses : 0;
  if (isSingle) return;
  for (const scope of scopes) {
    for (const { input } of scope.graph.node) for (const name of input) use(valueIn(scope, name));
    for (const { name } of scope.graph.output) use(valueIn(scope, name));
  }
}

/** Counts what nodes read, but for what one of the few before makes. */
function useAfter(nodes: readonly NodeProto[] | NodeRun, scope: Scope): void {
  if (nodes instanceof NodeRun) {
    nodes.forEachRead((name) => use(valueIn(scope, name)));
    return;
  }
  const made: string[] = [];
  for (const { input, output } of nodes) {
    for (const name of input) if (!made.includes(name)) use(valueIn(scope, name));
    if (made.length < MOST_MADE) made.push(...output);
  }
}

function use(value: Value | undefined): void {
  if (value !== undefined) value.left++;
}

/** Answers whether a value is made by what takes a node's place; that is nearly always by its own replacement. */
function madeBy({ replace }: Patch): (name: string, own: readonly NodeProto[] | NodeRun) => boolean {
  let all: Set<string> | undefined;
  return (name, own) => {
    if (own instanceof NodeRun ? own.makes(name) : own.some(({ output }) => output.includes(name))) return true;
    all ??= new Set([...replace.values()].flatMap((after) => nodesOf(after).flatMap(({ output }) => output)));
    return all.has(name);
  };
}

function nodesOf(it: readonly NodeProto[] | NodeRun): readonly NodeProto[] {
  return it instanceof NodeRun ? it.nodes : it;
}

function drop(names: Map<GraphProto, Set<string>>, graph: GraphProto, name: string): void {
  const own = names.get(graph);
  if (own === undefined) names.set(graph, new Set([name]));
  else own.add(name);
}

/** What the added initializers take the names of. */
function formerDefinitions(scopes: readonly Scope[], edit: Patch): Set<Value> {
  const former = new Set<Value>();
  for (const scope of scopes) {
    for (const { name } of edit.addInitializers.get(scope.graph) ?? []) {
      const value = edit.redefined.has(name) ? valueIn(scope, name) : undefined;
      if (value !== undefined) former.add(value);
    }
  }
  return former;
}
