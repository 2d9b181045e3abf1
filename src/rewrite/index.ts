/** Plan + Model → Model. */

import type { Site } from '../find/types.ts';
import { formNamed } from '../forms/index.ts';
import { applyEdit } from '../graph/edit.ts';
import type { Patch } from '../graph/patch.ts';
import { definingScope, type Scope } from '../graph/scope.ts';
import { type View, viewOf } from '../graph/view.ts';
import { makeNode } from '../onnx/attributes.ts';
import { Builder, type BuilderContext, Constants } from '../onnx/builder.ts';
import { FIRST_IR_WITH_FREE_INITIALIZERS, type Model, opsetVersion, withGraph } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import { formSiteOf, type Plan, type SitePlan, storedType } from '../plan/index.ts';

/** What stands at a site after the rewrite. */
export interface RewrittenSite {
  readonly plan: SitePlan;
  readonly nodes: readonly NodeProto[];
  /** Names of the initializers that hold γ′ and β′; `''` for one that the form has not. */
  readonly scale: string;
  readonly bias: string;
}

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
  const { graph, irVersion } = model.proto;
  const opset = opsetVersion(model.proto) ?? 0;
  const { values, nodes } = namesOf(graph);
  const inMainGraph = Number(irVersion) < FIRST_IR_WITH_FREE_INITIALIZERS;
  const asNodes = inMainGraph && opset >= FIRST_OPSET_WITH_INTEGER_CONSTANTS;
  const keeps = keptNames(model, plan, inMainGraph);
  const constants = new Map<GraphProto, Constants>();
  const initializers = new Map<GraphProto, TensorProto[]>();
  const ofAll = new Map<string, string>();
  const redefined = new Set<string>();
  const valueInfo = new Map<GraphProto, ValueInfoProto[]>();
  const replace = new Map<NodeProto, NodeProto[]>();
  const ties = new Map<string, { readonly name: string; readonly numbers: ArrayLike<number> }>();
  const isStated = statedNames();
  const sites = plan.sites.map((it): RewrittenSite => {
    const { site } = it;
    // Only the main graph can list an initializer as an input; a subgraph reads it from there.
    const home = inMainGraph ? graph : site.graph;
    const own = initializers.get(home) ?? [];
    initializers.set(home, own);
    const constantsHome = asNodes ? site.graph : home;
    const shared = constants.get(constantsHome) ?? new Constants(values);
    constants.set(constantsHome, shared);
    const named = new Map<string, string>();
    const [form, formers] = [formNamed(it.form), formerNames(it)];
    const context: BuilderContext = {
      shared: (name, type, value) => {
        const key = `${name} ${type}`;
        const known = ofAll.get(key);
        if (known !== undefined) return known;
        const made = values.fresh(name);
        ofAll.set(key, made);
        // Subgraphs see it there.
        const ofMain = initializers.get(graph) ?? [];
        initializers.set(graph, ofMain);
        ofMain.push(makeTensor(made, type, [], [value]));
        return made;
      },
      opset,
      values,
      nodes,
      constants: shared,
      parameter: (role, dims, given) => {
        const numbers = given ?? numbersOf(it, role);
        const tied = site.tied !== undefined && given === undefined ? `${site.tied} ${role} ${dims}` : undefined;
        const together = tied === undefined ? undefined : ties.get(tied);
        if (together !== undefined && isSame(together.numbers, numbers)) {
          named.set(role, together.name);
          return together.name;
        }
        const former = formers.find(([of]) => of === role)?.[1] ?? '';
        const keepsName = keeps.get(it)?.has(role) === true;
        if (keepsName) redefined.add(former);
        const ofSite = site.kept !== undefined || former === '';
        const name = keepsName
          ? former
          : values.fresh(ofSite ? `${site.name}/${plan.norm}/${role}` : `${former}/${plan.norm}`);
        const type = given === undefined ? storedType(it, role) : site.elementType;
        own.push(makeTensor(name, type, dims, numbers));
        if (tied !== undefined) ties.set(tied, { name, numbers });
        named.set(role, name);
        return name;
      },
    };
    const builder = new Builder(`${site.name}/${plan.norm}`, context);
    form.build(formSiteOf(it), builder);
    if (form.takesIn && typeof site.before === 'object') replace.set(site.before.node, []);
    replace.set(site.node, site.kept === undefined ? builder.nodes : [site.kept, ...builder.nodes]);
    const stated = statedType(site, builder.nodes, isStated);
    if (stated !== undefined) {
      const ofGraph = valueInfo.get(site.graph) ?? [];
      valueInfo.set(site.graph, ofGraph);
      ofGraph.push(stated);
    }
    return {
      plan: it,
      nodes: builder.nodes,
      scale: named.get('scale') ?? '',
      bias: named.get('bias') ?? '',
    };
  });

  const prepend = new Map<GraphProto, NodeProto[]>();
  for (const [owner, { tensors }] of constants) {
    if (asNodes) {
      const asNode = (t: TensorProto) => makeNode('Constant', [], [t.name], nodes.fresh(t.name), { value: t });
      prepend.set(owner, tensors.map(asNode));
    } else {
      initializers.get(owner)?.push(...tensors);
    }
  }
  const edit: Patch = {
    replace,
    prepend,
    addInitializers: initializers,
    addValueInfo: valueInfo,
    redefined,
    listAsInput: () => inMainGraph,
  };
  return { model: withGraph(model, applyEdit(graph, edit, viewOf(model))), sites };
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

function isSame(some: ArrayLike<number>, others: ArrayLike<number>): boolean {
  return some.length === others.length && Array.from(some).every((value, index) => value === others[index]);
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

/** What the parameters of a site take the place of: roles and names. */
function formerNames({ form, more, site }: SitePlan): readonly (readonly [role: string, name: string])[] {
  const { node, before } = site;
  const layer = formNamed(form).takesIn && typeof before === 'object' ? before.node : undefined;
  const { parameters: own } = site;
  const names =
    layer === undefined && own !== undefined
      ? ['', own.scale, own.bias, own.mean, own.variance]
      : (layer ?? node).input;
  const [, first = '', second = '', mean = '', variance = ''] = names;
  const affine: [string, string][] = [
    [layer === undefined ? 'scale' : 'weight', first],
    ['bias', second],
  ];
  return more?.mean === undefined ? affine : [...affine, ['mean', mean], ['variance', variance]];
}

/** The numbers of a role in the plan. */
function numbersOf({ scale, bias, more }: SitePlan, role: string): ArrayLike<number> {
  if (role === 'scale') return scale;
  return role === 'bias' ? bias : (more?.[role] ?? []);
}

/** The nodes that spell a replaced norm, if nothing but replaced nodes reads what they make. */
function goneWith(sites: readonly SitePlan[], view: View, replaced: ReadonlySet<NodeProto>): ReadonlySet<NodeProto> {
  const spelling = sites.flatMap(({ site }) => (replaced.has(site.node) ? (site.nodes ?? []) : []));
  const gone = new Set<NodeProto>();
  if (spelling.length === 0) return gone;
  const outputs = new Set(view.scopes.flatMap(({ graph }) => graph.output.map(({ name }) => name)));
  const goes = (node: NodeProto) => replaced.has(node) || gone.has(node);
  const isFree = (name: string) => !outputs.has(name) && view.readersOf(name).every(goes);
  for (let before = -1; before < gone.size; ) {
    before = gone.size;
    for (const node of spelling) if (node.output.every(isFree)) gone.add(node);
  }
  return gone;
}

/**
 * Which parameters may have the name of what they replace, by site.
 *
 * 1. Nothing that stays reads a value of that name, in any graph: branches of one If may use the same names, and a name is
 *    how a trainer finds a parameter.
 * 2. Of several sites that use the name, the first in the plan keeps it.
 * 3. What makes the former value makes nothing else, so that it can go.
 * 4. Where initializers must be in the main graph, the former value is there.
 */
function keptNames(model: Model, { sites }: Plan, inMainGraph: boolean): Map<SitePlan, Set<string>> {
  const view = viewOf(model);
  const replaced = new Set(sites.filter(({ site }) => site.kept === undefined).map(({ site }) => site.node));
  for (const { form, site } of sites) {
    if (formNamed(form).takesIn && typeof site.before === 'object') replaced.add(site.before.node);
  }
  for (const node of goneWith(sites, view, replaced)) replaced.add(node);
  const taken = new Set(['']);
  for (const { graph } of view.scopes) for (const { name } of graph.output) taken.add(name);
  const isRead = (name: string) => view.readersOf(name).some((node) => !replaced.has(node));
  const kept = new Map<SitePlan, Set<string>>();
  for (const it of sites) {
    const own = new Set<string>();
    if (it.site.kept !== undefined) continue;
    for (const [role, name] of formerNames(it)) {
      const owner = definingScope(view.scopeOf(it.site.graph) as Scope, name);
      const isAlone = (owner?.producers.get(name)?.output.length ?? 1) === 1;
      if (taken.has(name) || isRead(name) || !isAlone || (inMainGraph && owner?.parent !== undefined)) continue;
      taken.add(name);
      own.add(role);
    }
    kept.set(it, own);
  }
  return kept;
}
