/** Who makes a value and who reads it, across the main graph and the subgraphs that capture its values. */
import { subgraphsOf } from '../onnx/attributes.ts';
import type { Model } from '../onnx/model.ts';
import type { GraphProto, NodeProto, SparseTensorProto, TensorProto, ValueInfoProto } from '../onnx/schema.ts';
import { readsOf, type Value, Values } from './values.ts';

/** A table by name, as far as it can be asked. */
export interface Lookup<T> {
  get(name: string): T | undefined;
  has(name: string): boolean;
}

/** A graph with its lookups, and the graph around it. */
export interface Scope {
  readonly graph: GraphProto;
  /** `''` for the main graph, else nodes and attributes on the way down: `If_3/then_branch`. */
  readonly path: string;
  readonly parent: Scope | undefined;
  readonly values: Values;
  readonly producers: Lookup<NodeProto>;
  readonly initializers: Lookup<TensorProto>;
  readonly sparseInitializers: Lookup<SparseTensorProto>;
  readonly inputs: Lookup<ValueInfoProto>;
}

function scopeOf(graph: GraphProto, path: string, parent: Scope | undefined): Scope {
  const values = new Values(graph);
  return {
    graph,
    path,
    parent,
    values,
    producers: lookup((name) => values.get(name)?.producer),
    initializers: lookup((name) => values.get(name)?.initializer),
    sparseInitializers: lookup((name) => values.get(name)?.sparseInitializer),
    inputs: lookup((name) => values.get(name)?.input),
  };
}

function lookup<T>(get: Lookup<T>['get']): Lookup<T> {
  return { get, has: (name) => get(name) !== undefined };
}

/** The main graph and every subgraph in it, outer before inner, in the order of the file. */
export function scopesOf({ proto }: { readonly proto: Pick<Model['proto'], 'graph'> }): Scope[] {
  const scopes: Scope[] = [];
  const pending: Scope[] = [scopeOf(proto.graph, '', undefined)];
  for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
    scopes.push(scope);
    const inner: Scope[] = [];
    const { node: nodes } = scope.graph;
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index] as NodeProto;
      for (const { name, graph } of subgraphsOf(node)) {
        const step = `${node.name || `${node.opType}_${index}`}/${name}`;
        inner.push(scopeOf(graph, scope.path === '' ? step : `${scope.path}/${step}`, scope));
      }
    }
    for (const it of inner.reverse()) pending.push(it);
  }
  return scopes;
}

/** The scope that defines a value which `scope` can see, by a node, an initializer or an input. */
export function definingScope(scope: Scope, name: string): Scope | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    if (at.values.get(name)?.isDefined) return at;
  }
  return undefined;
}

/** The value that a name means in a scope: the same name may mean another in another graph. */
export function valueIn(scope: Scope, name: string): Value | undefined {
  for (let at: Scope | undefined = scope; at !== undefined && name !== ''; at = at.parent) {
    const value = at.values.get(name);
    if (value?.isDefined) return value;
  }
  return undefined;
}

/**
 * The values that a node reads, by its subgraphs as well. What they make themselves may bear the name of another value outside.
 *
 * Most nodes have no subgraph: nothing is made for them, and a value that is read twice is there twice.
 */
export function readsWithin(node: NodeProto): readonly string[] {
  const inner = subgraphsOf(node);
  if (inner.length === 0) return node.input;
  const read = new Set(node.input);
  for (const { graph } of inner) {
    const made = new Set(graph.node.flatMap(({ output }) => output));
    for (const { name } of [...graph.input, ...graph.initializer]) made.add(name);
    for (const { values } of graph.sparseInitializer) made.add(values?.name ?? '');
    const inside = [...graph.output.map(({ name }) => name), ...graph.node.flatMap(readsWithin)];
    for (const name of inside) if (!made.has(name)) read.add(name);
  }
  return [...read];
}

/** Adds a node to the readers of each value that it reads itself, by the value's name. */
export function noteReader(readers: Map<string, NodeProto[]>, node: NodeProto): void {
  for (const name of readsOf(node)) {
    const list = readers.get(name);
    if (list === undefined) readers.set(name, [node]);
    else list.push(node);
  }
}

/** How many places read each value, over all graphs: node inputs, graph outputs, captures by subgraphs. */
export function countUses(scopes: readonly Scope[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { values } of scopes) {
    for (const { name, uses } of values.all()) if (uses > 0) counts.set(name, (counts.get(name) ?? 0) + uses);
  }
  return counts;
}
