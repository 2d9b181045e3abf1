/**
 * The calibration graph: the source's path and the rewritten one side by side, fed the same inputs.
 *
 *     x → … → BN  → y  → …          the source
 *     x → … → x′ ─→ x̂ → γ′x̂ + β′ → …   the rewritten model: γ′ and β′ solved from x̂ and y, in this run, and used at once
 *
 * So every site is solved with everything before it already swapped. Outputs are each site's {@link STATISTICS} per sample
 * and channel.
 *
 * 1. Nodes that no site comes before serve both paths.
 * 2. A site that can't be solved here has the `statistics` init in the rewritten path; see {@link unsolvable}. A node with
 *    subgraphs is doubled with them.
 * 3. Where a site is in training mode, the source's path is in inference mode, and what is left alone in the rewritten path
 *    is not.
 * 4. Where all samples are of one size, the inputs' sizes are stated: see {@link withSizes}.
 */
import { inInferenceMode } from '../graph/inference-mode.ts';
import { requiredInputs } from '../graph/interface.ts';
import { withSizes } from '../inputs/sized.ts';
import { mapSubgraphs, subgraphsOf } from '../onnx/attributes.ts';
import { Builder, Constants } from '../onnx/builder.ts';
import { type Model, opsetOf, withGraph } from '../onnx/model.ts';
import { type Names, namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import { create, type GraphProto, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import { rewrite } from '../rewrite/index.ts';
import type { Values } from '../runtime/session.ts';
import { unsolvable } from './solvable.ts';
import { addSolvedSite } from './solved-site.ts';

/** A model to run for statistics, and which of its outputs are whose. */
export interface StatisticsGraph {
  readonly model: Model;
  /** Output names of each solvable site's statistics. */
  readonly outputs: ReadonlyMap<SitePlan, readonly string[]>;
}

/**
 * Outputs are in the order of {@link STATISTICS}.
 *
 * @param plan with the `statistics` init, of sites found in `model`
 * @param inputs of a run, where those of all are of one size (4)
 * @param answers names of the model's own outputs that are wanted, too
 */
export function calibrationGraph(
  model: Model,
  plan: Plan,
  inputs?: Values,
  answers: readonly string[] = [],
): StatisticsGraph {
  const { graph } = model.proto;
  const unsolved = unsolvable(model, plan.sites);
  const solvable = new Map(plan.sites.filter((it) => !unsolved.has(it)).map((it) => [it.site.node, it]));
  const partly = withUnsolved(model, { ...plan, sites: [...unsolved] });
  const names = namesOf(partly);
  const constants = new Constants(names.values);
  const parameters: TensorProto[] = [];
  const outputs = new Map<SitePlan, string[]>();
  const renamed = new Map<string, string>();
  const node: NodeProto[] = [];
  // (3)
  const trains = plan.sites.some(({ site }) => site.training);
  const source = (trains ? inInferenceMode(model) : model).proto.graph.node;
  const positions = new Map(graph.node.map((own, index) => [own, index]));
  const producers = new Map(graph.node.map((own, index) => [own.output.join('\n'), index]));
  const opset = opsetOf(model);
  let next = 0;
  for (const own of partly.node) {
    // The source's nodes up to here first, so that what a run holds at a time is about what each path does.
    const position = positions.get(own) ?? producers.get(own.output.join('\n')) ?? -1;
    for (; next <= position; next++) node.push(source[next] as NodeProto);
    const it = solvable.get(own);
    if (it === undefined) {
      // (1)
      if (own !== source[position] || reads(own, renamed)) node.push(double(own, renamed, names));
      continue;
    }
    const { site } = it;
    // A number, as each name of a site's nodes begins so, some 3,000 of which are written and loaded.
    const prefix = `gn_swap/${outputs.size}`;
    const builder = new Builder(prefix, { opset, ...names, constants, parameter: () => '' });
    // A node that stays before the norm makes x′; where nothing before it changed, it made y already.
    if (site.kept !== undefined && reads(own, renamed)) node.push(double(own, renamed, names));
    const value = site.kept === undefined ? site.input : site.output;
    const folder = { names: names.values, prefix };
    const made = addSolvedSite(it, renamed.get(value) ?? value, builder, parameters, folder);
    renamed.set(site.output, made.output);
    outputs.set(it, made.statistics);
    node.push(...builder.nodes);
  }
  const initializer = [...partly.initializer, ...parameters, ...constants.tensors];
  const fields = { node, initializer, sparseInitializer: partly.sparseInitializer };
  return { model: withOnly(model, [...[...outputs.values()].flat(), ...answers], fields, inputs), outputs };
}

/** The model with nothing but these outputs and what they hang on, and with no inputs but those that must be given. */
export function withOnly(
  model: Model,
  outputs: readonly string[],
  fields: Pick<GraphProto, 'node' | 'initializer' | 'sparseInitializer'>,
  inputs?: Values,
): Model {
  const { nodes: needed, read } = neededFor(outputs, fields.node);
  // As initializers, constants are no work for the runtime.
  const stored = needed.flatMap((node) => storedBy(node) ?? []);
  const graph: GraphProto = {
    ...model.proto.graph,
    ...fields,
    node: needed.filter((node) => storedBy(node) === undefined),
    // A graph that ends early needs few of the weights.
    initializer: [...fields.initializer.filter(({ name }) => read.has(name)), ...stored],
    sparseInitializer: fields.sparseInitializer.filter(({ values }) => read.has(values?.name ?? '')),
    input: requiredInputs(inputs === undefined ? model : withSizes(model, inputs)),
    output: outputs.map((name) => create('ValueInfoProto', { name })),
    valueInfo: [],
  };
  // IR 4 and later allow initializers that are no inputs.
  return withGraph(model, graph, { irVersion: Math.max(4, Number(model.proto.irVersion)) });
}

/** The tensor that a Constant node holds; nothing for other nodes, and for numbers in attributes of their own. */
function storedBy({ opType, domain, attribute, output }: NodeProto): TensorProto | undefined {
  const tensor = opType === 'Constant' && domain === '' ? attribute.find(({ name }) => name === 'value')?.t : undefined;
  return tensor && { ...tensor, name: nameAt(output, 0) };
}

/** The graph with the sites that can't be solved rewritten (2), and every value that the source's path needs. */
function withUnsolved(model: Model, plan: Plan): GraphProto {
  const { graph } = model.proto;
  if (plan.sites.length === 0) return graph;
  // What something else reads keeps its name, and the new parameters get others.
  const kept = [
    ...graph.initializer.map(({ name }) => name),
    ...graph.sparseInitializer.map(({ values }) => values?.name ?? ''),
    ...graph.node.flatMap(({ output }) => output),
  ];
  const output = kept.filter((name) => name !== '').map((name) => create('ValueInfoProto', { name }));
  const read: GraphProto = { ...graph, output };
  // The main graph may be another than the one they were found in, of an open batch.
  const sites = plan.sites.map((it) => (it.site.path === '' ? { ...it, site: { ...it.site, graph: read } } : it));
  return rewrite(withGraph(model, read), { ...plan, sites }).model.proto.graph;
}

function reads(node: NodeProto, renamed: ReadonlyMap<string, string>): boolean {
  return (
    node.input.some((name) => renamed.has(name)) ||
    subgraphsOf(node).some(({ graph }) => graph.node.some((inner) => reads(inner, renamed)))
  );
}

/** A copy of a node that reads the rewritten path, with outputs of its own, which are noted in `renamed`. */
function double(node: NodeProto, renamed: Map<string, string>, names: { values: Names; nodes: Names }): NodeProto {
  const nameOf = (name: string) => renamed.get(name) ?? name;
  const inner = (graph: GraphProto): GraphProto => ({
    ...graph,
    // What a subgraph defines itself hides a value of the same name around it; such names were never renamed.
    node: graph.node.map((it) => ({ ...mapSubgraphs(it, inner), input: it.input.map(nameOf) })),
    output: graph.output.map((it) => ({ ...it, name: nameOf(it.name) })),
  });
  // All that it reads, before its own outputs get other names.
  const reading = { ...mapSubgraphs(node, inner), input: node.input.map(nameOf) };
  const output = node.output.map((name) => {
    if (name === '') return '';
    const fresh = names.values.fresh(`gn_swap/${name}`);
    renamed.set(name, fresh);
    return fresh;
  });
  return { ...reading, output, name: names.nodes.fresh(`${node.name}/rewritten`) };
}

/** The nodes that the outputs hang on, in their order, and the names of all values that those read, the outputs among them. */
function neededFor(
  outputs: readonly string[],
  nodes: readonly NodeProto[],
): { readonly nodes: readonly NodeProto[]; readonly read: ReadonlySet<string> } {
  const wanted = new Set(outputs);
  const kept: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    kept.push(node);
    const want = (it: NodeProto) => {
      for (const name of it.input) wanted.add(name);
      for (const { graph } of subgraphsOf(it)) {
        graph.node.forEach(want);
        for (const { name } of graph.output) wanted.add(name);
      }
    };
    want(node);
  }
  return { nodes: kept.reverse(), read: wanted };
}
