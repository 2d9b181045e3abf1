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
import { definingScope, type Scope, scopesOf } from './scope.ts';
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

/** A value in the graph that defines it; the same name may mean another value in another graph. */
interface Definition {
  readonly value: Value;
  readonly scope: Scope;
  uses: number;
}

/**
 * Finds what loses its last use by an edit: what only replaced nodes read, what only that was made of, and so on. What had
 * no use before is none of it.
 */
export function orphansOf(graph: GraphProto, edit: Patch, view: UsesView = usesViewOf(graph)): Orphans {
  const definitions = new Definitions(view);
  const names = new Map<GraphProto, Set<string>>();
  const nodes = new Set<NodeProto>();
  const freed: Definition[] = [];
  const gone = new Set<NodeProto>();
  /** Takes back what a node that goes and its subgraphs read. */
  const release = (node: NodeProto, scope: Scope) => {
    gone.add(node);
    const free = (name: string, from: Scope) => {
      const definition = definitions.resolve(from, name);
      if (definition === undefined) return;
      definition.uses--;
      freed.push(definition);
    };
    for (const name of node.input) free(name, scope);
    for (const { graph: inside } of subgraphsOf(node)) {
      const inner = definitions.scopeOf(inside);
      if (inner === undefined) continue;
      for (const it of inside.node) for (const now of nodesOf(edit.replace.get(it) ?? [it])) release(now, inner);
      for (const { name } of inside.output) free(name, inner);
    }
  };
  const forced = formerDefinitions(view.scopes, edit, definitions);
  const isMade = madeBy(edit);
  for (const scope of view.scopes) {
    for (const before of scope.graph.node) {
      const after = edit.replace.get(before);
      if (after === undefined) continue;
      release(before, scope);
      definitions.useAfter(after, scope);
      for (const name of before.output) if (name !== '' && !isMade(name, after)) drop(names, scope.graph, name);
    }
  }

  const isUnused = (definition: Definition) => definition.uses === 0 || forced.has(definition);
  for (const it of forced) freed.push(it);
  for (let it = freed.pop(); it !== undefined; it = freed.pop()) {
    const { value, scope } = it;
    const { producer } = value;
    if (!isUnused(it)) continue;
    if (producer === undefined) {
      drop(names, scope.graph, value.name);
    } else if (!gone.has(producer)) {
      const outputs = producer.output.flatMap((name) => definitions.resolve(scope, name) ?? []);
      if (!outputs.every(isUnused)) continue;
      for (const own of outputs) drop(names, own.scope.graph, own.value.name);
      nodes.add(producer);
      release(producer, scope);
    }
  }
  return { names, nodes };
}

function usesViewOf(graph: GraphProto): UsesView {
  return { scopes: scopesOf({ proto: { graph } }) };
}

/** The definitions that were asked for, and how often each is used. */
class Definitions {
  readonly #of = new Map<Value, Definition>();
  readonly #scopeOf: ReadonlyMap<GraphProto, Scope>;
  /** In a single graph a name means one value, so that the uses of the name are the value's. */
  readonly #isSingle: boolean;

  constructor({ scopes }: UsesView) {
    this.#scopeOf = new Map(scopes.map((scope) => [scope.graph, scope]));
    this.#isSingle = scopes.length === 1;
    if (this.#isSingle) {
      scopes[0]?.values.count();
      return;
    }
    for (const scope of scopes) {
      for (const { input } of scope.graph.node) for (const name of input) count(this.resolve(scope, name));
      for (const { name } of scope.graph.output) count(this.resolve(scope, name));
    }
  }

  scopeOf(graph: GraphProto): Scope | undefined {
    return this.#scopeOf.get(graph);
  }

  /** The value that a name means in a scope. */
  resolve(scope: Scope, name: string): Definition | undefined {
    if (name === '') return undefined;
    const owner = definingScope(scope, name);
    const value = owner?.values.get(name);
    if (owner === undefined || value === undefined) return undefined;
    const known = this.#of.get(value);
    if (known !== undefined) return known;
    const made: Definition = { value, scope: owner, uses: this.#isSingle ? value.uses : 0 };
    this.#of.set(value, made);
    return made;
  }

  /** Counts what nodes read, but for what one of the few before makes. */
  useAfter(nodes: readonly NodeProto[] | NodeRun, scope: Scope): void {
    if (nodes instanceof NodeRun) {
      nodes.forEachRead((name) => count(this.resolve(scope, name)));
      return;
    }
    const made: string[] = [];
    for (const { input, output } of nodes) {
      for (const name of input) if (!made.includes(name)) count(this.resolve(scope, name));
      if (made.length < MOST_MADE) made.push(...output);
    }
  }
}

function count(definition: Definition | undefined): void {
  if (definition !== undefined) definition.uses++;
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
function formerDefinitions(scopes: readonly Scope[], edit: Patch, definitions: Definitions): Set<Definition> {
  const former = new Set<Definition>();
  for (const scope of scopes) {
    for (const { name } of edit.addInitializers.get(scope.graph) ?? []) {
      const definition = edit.redefined.has(name) ? definitions.resolve(scope, name) : undefined;
      if (definition !== undefined) former.add(definition);
    }
  }
  return former;
}
