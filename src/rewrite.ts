/** Plan + Model → Model. */
import { Builder, Constants } from './forms/builder.ts';
import { formNamed } from './forms/index.ts';
import { makeNode } from './onnx/attributes.ts';
import { applyEdit, type Edit } from './onnx/edit.ts';
import { type Model, opsetVersion, withGraph } from './onnx/model.ts';
import { namesOf } from './onnx/names.ts';
import type { GraphProto, NodeProto, TensorProto } from './onnx/schema.ts';
import { countUses, scopesOf } from './onnx/scope.ts';
import { makeTensor } from './onnx/tensor.ts';
import type { Plan, SitePlan } from './plan.ts';
import { type Provenance, withProvenance } from './provenance.ts';

/** What stands at a site after the rewrite. */
export interface RewrittenSite {
  readonly plan: SitePlan;
  readonly nodes: readonly NodeProto[];
  /** Names of the initializers that hold γ′ and β′. */
  readonly scale: string;
  readonly bias: string;
}

export interface Rewritten {
  readonly model: Model;
  readonly sites: readonly RewrittenSite[];
}

/** Below this IR version every initializer must also be a graph input, so constants are nodes instead. */
const FIRST_IR_WITH_FREE_INITIALIZERS = 4;

/**
 * Puts the planned norms into a model. Output names, and everything that the plan does not name, stay as they are.
 *
 * γ′ and β′ are initializers of the graph that the site stands in, named as the source's γ and β where nothing else needs
 * that name. What only the replaced nodes used is removed.
 *
 * @param model the one that the plan's sites were found in
 * @param provenance what to record in the model's metadata; nothing where absent
 */
export function rewrite(model: Model, plan: Plan, provenance?: Provenance): Rewritten {
  const { graph, irVersion } = model.proto;
  const opset = opsetVersion(model.proto) ?? 0;
  const { values, nodes } = namesOf(graph);
  const claims = claimNames(model, plan);
  const constants = new Map<GraphProto, Constants>();
  const initializers = new Map<GraphProto, TensorProto[]>();
  const redefined = new Set<string>();
  const parameters = new Set<TensorProto>();
  const replace = new Map<NodeProto, NodeProto[]>();
  const sites = plan.sites.map((it): RewrittenSite => {
    const { site } = it;
    const own = initializers.get(site.graph) ?? [];
    initializers.set(site.graph, own);
    const shared = constants.get(site.graph) ?? new Constants(values);
    constants.set(site.graph, shared);
    const named = { scale: '', bias: '' };
    const builder = new Builder(`${site.name}/${plan.norm}`, {
      opset,
      values,
      nodes,
      constants: shared,
      parameter: (role, dims) => {
        const former = site.node.input[role === 'scale' ? 1 : 2] ?? '';
        const keeps = claims.get(former) === site.node && !redefined.has(former);
        if (keeps) redefined.add(former);
        const name = keeps ? former : values.fresh(`${former}/${plan.norm}`);
        const tensor = makeTensor(name, site.elementType, dims, it[role]);
        parameters.add(tensor);
        own.push(tensor);
        named[role] = name;
        return name;
      },
    });
    formNamed(it.form).build({ ...site, groups: it.groups }, builder);
    replace.set(site.node, builder.nodes);
    return { plan: it, nodes: builder.nodes, ...named };
  });

  const prepend = new Map<GraphProto, NodeProto[]>();
  const asNodes = Number(irVersion) < FIRST_IR_WITH_FREE_INITIALIZERS;
  for (const [owner, { tensors }] of constants) {
    if (asNodes) {
      const asNode = (t: TensorProto) => makeNode('Constant', [], [t.name], nodes.fresh(t.name), { value: t });
      prepend.set(owner, tensors.map(asNode));
    } else {
      initializers.get(owner)?.push(...tensors);
    }
  }
  const edit: Edit = {
    replace,
    prepend,
    addInitializers: initializers,
    redefined,
    listAsInput: (tensor) => asNodes && parameters.has(tensor),
  };
  const rewritten = withGraph(model, applyEdit(graph, edit));
  return { model: provenance === undefined ? rewritten : withProvenance(rewritten, provenance), sites };
}

/**
 * For each name of a γ or β that the rewrite frees: the first node to use it, which may keep the name.
 *
 * A name is free where all its readers are replaced, and what defines it defines nothing else.
 */
function claimNames(model: Model, plan: Plan): Map<string, NodeProto> {
  const uses = countUses(model.proto.graph);
  const claims = new Map<string, NodeProto>();
  const replacedUses = new Map<string, number>();
  for (const { site } of plan.sites) {
    for (const name of site.node.input.slice(1)) replacedUses.set(name, (replacedUses.get(name) ?? 0) + 1);
    for (const name of site.node.input.slice(1, 3)) if (!claims.has(name)) claims.set(name, site.node);
  }
  const shared = new Set<string>();
  for (const { producers } of scopesOf(model)) {
    for (const [name, { output }] of producers) if (output.length > 1) shared.add(name);
  }
  for (const name of claims.keys()) {
    if (name === '' || shared.has(name) || replacedUses.get(name) !== uses.get(name)) claims.delete(name);
  }
  return claims;
}
