/** What may be asked of a model. Models are never changed, so each analysis is made once per model, when it is first asked for. */
import { type Model, opsetOf } from '../onnx/model.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import { GraphView } from './graph-view.ts';
import { inferTypes, type TypeLookup } from './infer.ts';
import { countUses, type Lookup, type Scope, scopesOf } from './scope.ts';

/** The answers that a model gives about its graphs. */
export interface View {
  readonly model: Model;
  /** Of the standard domain; 0 if the model does not import it. */
  readonly opset: number;
  /** The main graph and every subgraph, outer before inner. */
  readonly scopes: readonly Scope[];
  readonly typeOf: TypeLookup;
  /** How many places read each value, over all graphs. */
  readonly uses: Lookup<number>;
  /** The nodes that read a value of that name, in all graphs. */
  readersOf(name: string): readonly NodeProto[];
  /** Whether a value is an output of the model. */
  isOutput(name: string): boolean;
}

class ModelView implements View {
  readonly model: Model;
  readonly opset: number;
  #scopes: readonly Scope[] | undefined;
  #scopeOf: ReadonlyMap<GraphProto, Scope> | undefined;
  #typeOf: TypeLookup | undefined;
  #uses: Lookup<number> | undefined;
  #readers: ReadonlyMap<string, readonly NodeProto[]> | undefined;
  #outputs: ReadonlySet<string> | undefined;
  #named: ReadonlyMap<string, readonly PlacedNode[]> | undefined;
  readonly #graphs = new Map<Scope, GraphView>();

  constructor(model: Model) {
    this.model = model;
    this.opset = opsetOf(model);
  }

  get scopes(): readonly Scope[] {
    this.#scopes ??= scopesOf(this.model);
    return this.#scopes;
  }

  /** The scope of a graph of this model. */
  scopeOf(graph: GraphProto): Scope | undefined {
    this.#scopeOf ??= new Map(this.scopes.map((scope) => [scope.graph, scope]));
    return this.#scopeOf.get(graph);
  }

  get typeOf(): TypeLookup {
    this.#typeOf ??= inferTypes(this.model, this.scopes);
    return this.#typeOf;
  }

  get uses(): Lookup<number> {
    this.#uses ??= usesIn(this.scopes);
    return this.#uses;
  }

  readersOf(name: string): readonly NodeProto[] {
    const { scopes } = this;
    if (scopes.length === 1) return listOf(scopes[0]?.values.count().get(name)?.readers);
    this.#readers ??= readersIn(scopes);
    return this.#readers.get(name) ?? NONE;
  }

  isOutput(name: string): boolean {
    this.#outputs ??= new Set(this.model.proto.graph.output.map((it) => it.name));
    return this.#outputs.has(name);
  }

  /** The nodes of a name, outer graphs first, and where they stand; a model may have several. */
  nodesNamed(name: string): readonly PlacedNode[] {
    this.#named ??= namedNodes(this.scopes);
    return this.#named.get(name) ?? [];
  }

  /** What may be asked of one of the graphs. */
  in(scope: Scope): GraphView {
    const known = this.#graphs.get(scope);
    if (known !== undefined) return known;
    const made = new GraphView(this.model, scope, this.typeOf);
    this.#graphs.set(scope, made);
    return made;
  }
}

/** A node and its place among the nodes of its graph. */
export interface PlacedNode {
  readonly node: NodeProto;
  readonly scope: Scope;
  readonly index: number;
}

const views = new WeakMap<Model, ModelView>();

/** Gives the view of a model: the same one whenever it is asked for. */
export function viewOf(model: Model): ModelView {
  const known = views.get(model);
  if (known !== undefined) return known;
  const made = new ModelView(model);
  views.set(model, made);
  return made;
}

const NONE: readonly never[] = Object.freeze([]);

function listOf(readers: NodeProto | NodeProto[] | undefined): readonly NodeProto[] {
  if (readers === undefined) return NONE;
  return Array.isArray(readers) ? readers : [readers];
}

/** By value, its readers in all graphs. */
function readersIn(scopes: readonly Scope[]): Map<string, readonly NodeProto[]> {
  const all = new Map<string, NodeProto[]>();
  for (const { values } of scopes) {
    for (const { name, readers } of values.all()) {
      if (readers === undefined) continue;
      const known = all.get(name) ?? [];
      all.set(name, known);
      for (const reader of listOf(readers)) known.push(reader);
    }
  }
  return all;
}

/** The uses of each name: of a single graph, those of its values. */
function usesIn(scopes: readonly Scope[]): Lookup<number> {
  const [main, ...others] = scopes;
  if (main === undefined || others.length > 0) return countUses(scopes);
  const values = main.values.count();
  const get = (name: string) => values.get(name)?.uses || undefined;
  return { get, has: (name) => get(name) !== undefined };
}

/** Lets go of what was found out about a model; it is found out again if somebody asks. For large graphs it holds several tables of all names. */
export function forgetView(model: Model): void {
  views.delete(model);
}

function namedNodes(scopes: readonly Scope[]): Map<string, PlacedNode[]> {
  const named = new Map<string, PlacedNode[]>();
  for (const scope of scopes) {
    for (const [index, node] of scope.graph.node.entries()) {
      const list = named.get(node.name);
      if (list === undefined) named.set(node.name, [{ node, scope, index }]);
      else list.push({ node, scope, index });
    }
  }
  return named;
}
