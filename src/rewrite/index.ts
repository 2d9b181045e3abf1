/** Plan + Model → Model. */

import type { Site } from '../find/types.ts';
import { formNamed } from '../forms/index.ts';
import type { Form } from '../forms/types.ts';
import { applyEdit } from '../graph/edit.ts';
import type { Patch } from '../graph/patch.ts';
import { viewOf } from '../graph/view.ts';
import { makeNode } from '../onnx/attributes.ts';
import { Builder, type BuilderContext, Constants } from '../onnx/builder.ts';
import type { DataType } from '../onnx/data-type.ts';
import { FIRST_IR_WITH_FREE_INITIALIZERS, type Model, opsetOf, withGraph } from '../onnx/model.ts';
import { type Names, namesOf } from '../onnx/names.ts';
import { NodeRun } from '../onnx/node-run.ts';
import { isSameList } from '../onnx/same-list.ts';
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import { formSiteOf, type Plan, type SitePlan, storedType } from '../plan/index.ts';
import { formerNames, keptNames } from './kept-names.ts';
import { namesIn } from './names-in.ts';
import { Stamps } from './stamps.ts';

/** What stands at a site after the rewrite. */
export interface RewrittenSite {
  readonly plan: SitePlan;
  readonly nodes: readonly NodeProto[];
  /** What they are called, where that is known without making them. */
  readonly nodeNames?: readonly string[] | undefined;
  /** Names of the initializers that hold γ′ and β′; `''` for one that the form has not. */
  readonly scale: string;
  readonly bias: string;
  /** Those initializers, as they were made; absent where the norm was found in a file. */
  readonly made?: { readonly scale: TensorProto | undefined; readonly bias: TensorProto | undefined };
}

type Made = NonNullable<RewrittenSite['made']>;

/** What {@link rewrite} returns: the model, and where its norms are. */
export interface Rewritten {
  readonly model: Model;
  readonly sites: readonly RewrittenSite[];
}

/** Up to opset 8 a Constant holds only floats. */
const FIRST_OPSET_WITH_INTEGER_CONSTANTS = 9;

const HIDES_SHAPE = new Set(['Shape', 'GroupNormalization']);

/**
 * Puts the planned norms into a model. Output names, and everything that the plan does not name, stay as they are.
 *
 * γ′ and β′ are initializers of the graph that the site stands in (before IR 4, of the main graph), named as the source's γ
 * and β where nothing else needs that name. What only the replaced nodes used is removed.
 *
 * @param model the one that the plan's sites were found in
 */
export function rewrite(model: Model, plan: Plan): Rewritten {
  const rewriter = new Rewriter(model, plan);
  const sites = plan.sites.map((it) => rewriter.replace(it));
  return { model: withGraph(model, applyEdit(model.proto.graph, rewriter.patch(), viewOf(model))), sites };
}

/** From so many sites on, those that differ in names alone are built once. For few, that takes longer than building each. */
const MANY = 200;

/** A site and its nodes; those of a run are made when somebody asks for them. */
function siteOf(plan: SitePlan, nodes: readonly NodeProto[] | NodeRun, made: Made): RewrittenSite {
  const [scale, bias] = [made.scale?.name ?? '', made.bias?.name ?? ''];
  if (!(nodes instanceof NodeRun)) return { plan, nodes, scale, bias, made };
  return {
    plan,
    get nodes() {
      return nodes.nodes;
    },
    get nodeNames() {
      return nodes.nodeNames;
    },
    scale,
    bias,
    made,
  };
}

/** Lets the form of a site build its nodes. */
function built(it: SitePlan, form: Form, prefix: string, context: BuilderContext): readonly NodeProto[] {
  const builder = new Builder(prefix, context);
  form.build(formSiteOf(it), builder);
  return builder.nodes;
}

/** Collects what the sites of a plan change, as one patch of the graph. */
class Rewriter {
  readonly #graph: GraphProto;
  readonly #norm: string;
  readonly #opset: number;
  readonly #values: Names;
  readonly #nodes: Names;
  /** Before IR 4, only the main graph can list an initializer as an input; a subgraph reads it from there. */
  readonly #inMainGraph: boolean;
  /** Whether constants are nodes, for the same reason. */
  readonly #asNodes: boolean;
  readonly #keeps: ReadonlyMap<SitePlan, readonly string[]>;
  readonly #constants = new Map<GraphProto, Constants>();
  readonly #initializers = new Map<GraphProto, TensorProto[]>();
  readonly #ofAll = new Map<string, string>();
  readonly #redefined = new Set<string>();
  readonly #valueInfo = new Map<GraphProto, ValueInfoProto[]>();
  readonly #replace = new Map<NodeProto, readonly NodeProto[] | NodeRun>();
  readonly #ties = new Map<string, { readonly tensor: TensorProto; readonly numbers: ArrayLike<number> }>();
  readonly #contexts = new Map<GraphProto, BuilderContext>();
  #work: Work | undefined;
  readonly #isStated = statedNames();
  readonly #stamps: Stamps | undefined;

  constructor(model: Model, plan: Plan) {
    const { graph, irVersion } = model.proto;
    this.#graph = graph;
    this.#norm = plan.norm;
    this.#opset = opsetOf(model);
    const hasSubgraphs = viewOf(model).scopes.length > 1;
    const { values, nodes } = hasSubgraphs ? namesOf(graph) : namesIn(viewOf(model));
    this.#values = values;
    this.#nodes = nodes;
    this.#inMainGraph = Number(irVersion) < FIRST_IR_WITH_FREE_INITIALIZERS;
    this.#asNodes = this.#inMainGraph && this.#opset >= FIRST_OPSET_WITH_INTEGER_CONSTANTS;
    this.#keeps = keptNames(model, plan, this.#inMainGraph);
    this.#stamps = plan.sites.length < MANY || hasSubgraphs ? undefined : new Stamps();
  }

  /** Lets the form of a site build its nodes. */
  replace(it: SitePlan): RewrittenSite {
    const { site } = it;
    const form = formNamed(it.form);
    this.#work = { it, formers: formerNames(it), made: NONE_MADE };
    const context = this.#contextIn(this.#asNodes ? site.graph : this.#homeOf(it));
    const prefix = `${site.name}/${this.#norm}`;
    const run = this.#stamps?.of(it, form, prefix, context);
    const nodes = run?.pattern.nodes ?? built(it, form, prefix, context);
    if (form.takesIn && typeof site.before === 'object') this.#replace.set(site.before.node, []);
    this.#replace.set(site.node, run ?? (site.kept === undefined ? nodes : [site.kept, ...nodes]));
    const stated = statedType(site, nodes, this.#isStated);
    if (stated !== undefined) listIn(this.#valueInfo, site.graph).push(stated);
    return siteOf(it, run ?? nodes, this.#work.made);
  }

  /** All that {@link replace} collected. */
  patch(): Patch {
    const prepend = new Map<GraphProto, NodeProto[]>();
    for (const [owner, { tensors }] of this.#constants) {
      if (this.#asNodes)
        prepend.set(
          owner,
          tensors.map((it) => this.#constantNode(it)),
        );
      else listIn(this.#initializers, owner).push(...tensors);
    }
    return {
      replace: this.#replace,
      prepend,
      addInitializers: this.#initializers,
      addValueInfo: this.#valueInfo,
      redefined: this.#redefined,
      listAsInput: () => this.#inMainGraph,
    };
  }

  #constantNode(tensor: TensorProto): NodeProto {
    return makeNode('Constant', [], [tensor.name], this.#nodes.fresh(tensor.name), { value: tensor });
  }

  /** The graph that holds the parameters of a site. */
  #homeOf({ site }: SitePlan): GraphProto {
    return this.#inMainGraph ? this.#graph : site.graph;
  }

  #constantsOf(graph: GraphProto): Constants {
    const known = this.#constants.get(graph);
    if (known !== undefined) return known;
    const made = new Constants(this.#values);
    this.#constants.set(graph, made);
    return made;
  }

  /** A number of all sites, in the main graph, where subgraphs see it. */
  #shared(name: string, type: DataType, value: number): string {
    const key = `${name} ${type}`;
    const known = this.#ofAll.get(key);
    if (known !== undefined) return known;
    const made = this.#values.fresh(name);
    this.#ofAll.set(key, made);
    listIn(this.#initializers, this.#graph).push(makeTensor(made, type, [], [value]));
    return made;
  }

  /** What the builders of sites get whose constants are in that graph; one for all of them. */
  #contextIn(graph: GraphProto): BuilderContext {
    const known = this.#contexts.get(graph);
    if (known !== undefined) return known;
    const made: BuilderContext = {
      opset: this.#opset,
      values: this.#values,
      nodes: this.#nodes,
      constants: this.#constantsOf(graph),
      shared: (name, type, value) => this.#shared(name, type, value),
      parameter: (role, dims, given) => this.#parameter(this.#work as Work, role, dims, given),
    };
    this.#contexts.set(graph, made);
    return made;
  }

  /** Makes an initializer of the site that is built. Tied sites share them. @returns its name */
  #parameter(work: Work, role: string, dims: readonly number[], given: ArrayLike<number> | undefined): string {
    const { it, formers } = work;
    const { site } = it;
    const numbers = given ?? numbersOf(it, role);
    const tied = site.tied !== undefined && given === undefined ? `${site.tied} ${role} ${dims}` : undefined;
    const together = tied === undefined ? undefined : this.#ties.get(tied);
    if (together !== undefined && isSameList(together.numbers, numbers)) {
      work.made = withRole(work.made, role, together.tensor);
      return together.tensor.name;
    }
    const former = formers.find(([of]) => of === role)?.[1] ?? '';
    const keepsName = this.#keeps.get(it)?.includes(role) === true;
    if (keepsName) this.#redefined.add(former);
    const ofSite = site.kept !== undefined || former === '';
    const wanted = ofSite ? `${site.name}/${this.#norm}/${role}` : `${former}/${this.#norm}`;
    const name = keepsName ? former : this.#values.fresh(wanted);
    const type = given === undefined ? storedType(it, role) : site.elementType;
    const tensor = makeTensor(name, type, dims, numbers);
    listIn(this.#initializers, this.#homeOf(it)).push(tensor);
    if (tied !== undefined) this.#ties.set(tied, { tensor, numbers });
    work.made = withRole(work.made, role, tensor);
    return name;
  }
}

/** The site that is built. */
interface Work {
  readonly it: SitePlan;
  readonly formers: ReturnType<typeof formerNames>;
  made: Made;
}

const NONE_MADE: Made = { scale: undefined, bias: undefined };

function withRole({ scale, bias }: Made, role: string, tensor: TensorProto): Made {
  return { scale: role === 'scale' ? tensor : scale, bias: role === 'bias' ? tensor : bias };
}

/** The list of a graph; a new one if it has none yet. */
function listIn<T>(lists: Map<GraphProto, T[]>, graph: GraphProto): T[] {
  const known = lists.get(graph);
  if (known !== undefined) return known;
  const made: T[] = [];
  lists.set(graph, made);
  return made;
}

/**
 * What is known of a site's output, to be written down where a Reshape by Shape would hide it, also the one that defines
 * GroupNormalization: whoever infers types without running the model would lose even the rank of all that follows.
 */
function statedType(
  site: Site,
  nodes: readonly NodeProto[],
  isStated: (graph: GraphProto, name: string) => boolean,
): ValueInfoProto | undefined {
  const { graph, output, elementType, shape } = site;
  if (shape === undefined || !nodes.some(({ opType }) => HIDES_SHAPE.has(opType))) return undefined;
  return isStated(graph, output) ? undefined : makeValueInfo(output, elementType, shape);
}

/** Answers whether a graph states the type of a value; its names are gathered once. */
function statedNames(): (graph: GraphProto, name: string) => boolean {
  const known = new Map<GraphProto, Set<string>>();
  return (graph, name) => {
    const names = known.get(graph) ?? new Set([...graph.valueInfo, ...graph.output].map((it) => it.name));
    known.set(graph, names);
    return names.has(name);
  };
}

/** The numbers of a role in the plan. */
function numbersOf({ scale, bias, more }: SitePlan, role: string): ArrayLike<number> {
  if (role === 'scale') return scale;
  return role === 'bias' ? bias : (more?.[role] ?? []);
}
