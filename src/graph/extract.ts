/** Models made for looking into another one: with more outputs, of one site alone, in inference mode. */
import type { Site } from '../find/types.ts';
import type { Form } from '../forms/types.ts';
import { attributeOf, makeNode, mapSubgraphs } from '../onnx/attributes.ts';
import { Builder, Constants } from '../onnx/builder.ts';
import { type Model, normalDomain, opsetVersion, withGraph } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { create, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import { formSiteOf, storedType } from '../plan/index.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { countUses, scopesOf } from './scope.ts';

/** The model with further values among its outputs. Their types are left to the runtime. */
export function withOutputs(model: Model, names: readonly string[]): Model {
  const { graph } = model.proto;
  const present = new Set(graph.output.map(({ name }) => name));
  const added = [...new Set(names)]
    .filter((name) => !present.has(name))
    .map((name) => create('ValueInfoProto', { name }));
  return withGraph(model, { ...graph, output: [...graph.output, ...added] });
}

/** The model with nothing but the shapes of values as outputs, int64 vectors, in the order of the names. */
export function shapesOnly(model: Model, names: readonly string[]): Model {
  const { graph } = model.proto;
  const { values, nodes } = namesOf(graph);
  const node = names.map((name) =>
    makeNode('Shape', [name], [values.fresh(`gn_swap/shape/${name}`)], nodes.fresh('gn_swap/shape')),
  );
  const output = node.map((it) => create('ValueInfoProto', { name: it.output[0] ?? '' }));
  return withGraph(model, { ...graph, node: [...graph.node, ...node], output });
}

/** Outputs of a {@link siteModel}. */
export interface SiteOutputs {
  readonly model: Model;
  /** Name of the output that the nodes of the written file make. */
  readonly written: string;
  /** Names of the outputs that the other forms make, by form. */
  readonly others: ReadonlyMap<string, string>;
}

/**
 * A model of one site alone, x → y: the nodes as they stand in the written file, and beside them the same plan in other
 * forms.
 *
 * @param written the model as read back from the file
 * @param forms other forms, legal for the site
 */
export function siteModel(written: Model, { plan, nodes }: RewrittenSite, forms: readonly Form[]): SiteOutputs {
  const { site } = plan;
  const own = nodesNamed(written, new Set(nodes.map(({ name }) => name)));
  const read = new Set(own.flatMap(({ input }) => input));
  // x is given, also where it is a constant of the model.
  read.delete(site.input);
  const visible = scopesOf(written).map(({ graph }) => graph);
  const made = visible.flatMap(({ node }) =>
    node.filter(({ opType, output }) => opType === 'Constant' && read.has(output[0] ?? '')),
  );
  const stored = visible.flatMap(({ initializer }) => initializer.filter(({ name }) => read.has(name)));
  const graph = create('GraphProto', { name: 'site', node: [...made, ...own], initializer: stored });
  const names = namesOf(graph);
  const constants = new Constants(names.values);
  const parameters: TensorProto[] = [];
  const added: NodeProto[] = [];
  const others = new Map<string, string>();
  for (const form of forms) {
    const output = names.values.fresh(`${site.output}/${form.name}`);
    const parameter = (role: string, dims: readonly number[]) => {
      const name = names.values.fresh(`${form.name}/${role}`);
      const type = storedType({ form: form.name, site }, role);
      parameters.push(makeTensor(name, type, dims, plan[role as 'scale' | 'bias']));
      return name;
    };
    const builder = new Builder(form.name, {
      opset: opsetVersion(written.proto) ?? 0,
      values: names.values,
      nodes: names.nodes,
      constants,
      parameter,
    });
    form.build({ ...formSiteOf(plan), output }, builder);
    added.push(...builder.nodes);
    others.set(form.name, output);
  }
  const alone: GraphProto = {
    ...graph,
    node: [...graph.node, ...added],
    initializer: [...stored, ...parameters, ...constants.tensors],
    input: [inputOf(site)],
    output: [site.output, ...others.values()].map((name) => create('ValueInfoProto', { name })),
  };
  const { irVersion, opsetImport } = written.proto;
  // IR 4 and later allow initializers that are no inputs.
  const proto = create('ModelProto', { irVersion: Math.max(4, Number(irVersion)), opsetImport });
  return { model: { ...written, proto: { ...proto, graph: alone } }, written: site.output, others };
}

/** The nodes of those names, of the one graph that has them. */
export function nodesNamed(model: Model, names: ReadonlySet<string>): NodeProto[] {
  for (const { graph } of scopesOf(model)) {
    const found = graph.node.filter(({ name }) => names.has(name));
    if (found.length > 0) return found;
  }
  return [];
}

/** x, of its rank. Its sizes are left open: they are those of the run, whatever the file says. */
function inputOf({ input, elementType, shape, channels }: Site): ValueInfoProto {
  const dim = shape?.map((_, axis) => create('Dimension', axis === 1 ? { dimValue: channels } : {}));
  const tensorType = create('TensorType', {
    elemType: elementType,
    shape: dim && create('TensorShapeProto', { dim }),
  });
  return create('ValueInfoProto', { name: input, type: create('TypeProto', { tensorType }) });
}

/** The model with its BatchNormalization in inference mode, as the reference for models exported in training mode. */
export function inInferenceMode(model: Model): Model {
  const uses = countUses(model.proto.graph);
  const change = (graph: GraphProto): GraphProto => {
    const node = graph.node.map((it) => inInference(mapSubgraphs(it, change), uses));
    return node.every((it, index) => it === graph.node[index]) ? graph : { ...graph, node };
  };
  const graph = change(model.proto.graph);
  return graph === model.proto.graph ? model : withGraph(model, graph);
}

/**
 * A BatchNormalization in inference mode; any other node, and one whose batch statistics are used, as it is. Up to opset 13
 * the mode is told by further outputs alone.
 *
 * @param uses how many places read each value
 */
export function inInference(node: NodeProto, uses: ReadonlyMap<string, number>): NodeProto {
  const isBatchNormalization = node.opType === 'BatchNormalization' && normalDomain(node.domain) === '';
  const isUsed = node.output.slice(1).some((name) => (uses.get(name) ?? 0) > 0);
  if (!isBatchNormalization || isUsed) return node;
  if (node.output.length === 1 && attributeOf(node, 'training_mode') === undefined) return node;
  const attribute = node.attribute.filter(({ name }) => name !== 'training_mode');
  return { ...node, output: node.output.slice(0, 1), attribute };
}
