/** Models made for looking into another one: with more outputs, of one site alone, in inference mode. */

import type { Site } from '../find/types.ts';
import { attributeOf, makeNode, mapSubgraphs } from '../onnx/attributes.ts';
import { type Model, normalDomain, withGraph } from '../onnx/model.ts';
import { create, type GraphProto, type NodeProto } from '../onnx/schema.ts';
import { scopesOf } from '../onnx/scope.ts';

/** The model with further values among its outputs. Their types are left to the runtime. */
export function withOutputs(model: Model, names: readonly string[]): Model {
  const { graph } = model.proto;
  const present = new Set(graph.output.map(({ name }) => name));
  const added = [...new Set(names)]
    .filter((name) => !present.has(name))
    .map((name) => create('ValueInfoProto', { name }));
  return withGraph(model, { ...graph, output: [...graph.output, ...added] });
}

/** Prefix of the outputs that {@link withShapes} adds. */
export const SHAPE_PREFIX = 'gn_swap/shape_of/';

/** The model with the shapes of values among its outputs, each an int64 vector. */
export function withShapes(model: Model, names: readonly string[]): Model {
  const { graph } = model.proto;
  const nodes = [...new Set(names)].map((name) =>
    makeNode('Shape', [name], [SHAPE_PREFIX + name], SHAPE_PREFIX + name),
  );
  return withOutputs(
    withGraph(model, { ...graph, node: [...graph.node, ...nodes] }),
    nodes.map(({ output }) => output[0] ?? ''),
  );
}

/**
 * A model of one site alone, x → y: the nodes as they stand in the rewritten model, with the constants they read.
 *
 * @param nodes names of the site's nodes in `model`
 */
export function siteModel(model: Model, site: Site, nodes: ReadonlySet<string>): Model {
  const scope = scopesOf(model).find(({ path }) => path === site.path);
  const own = scope?.graph.node.filter(({ name }) => nodes.has(name)) ?? [];
  const read = new Set(own.flatMap(({ input }) => input));
  const constants = (graph: GraphProto): NodeProto[] =>
    graph.node.filter(({ opType, output }) => opType === 'Constant' && read.has(output[0] ?? ''));
  const value = (name: string) =>
    create('ValueInfoProto', {
      name,
      type: create('TypeProto', {
        tensorType: create('TensorType', {
          elemType: site.elementType,
          ...(site.shape === undefined
            ? {}
            : {
                shape: create('TensorShapeProto', {
                  dim: site.shape.map((dimValue, axis) => create('Dimension', axis === 0 ? {} : { dimValue })),
                }),
              }),
        }),
      }),
    });
  const graph = create('GraphProto', {
    name: 'site',
    node: [...(scope === undefined ? [] : constants(scope.graph)), ...own],
    initializer: scope?.graph.initializer.filter(({ name }) => read.has(name)) ?? [],
    input: [value(site.input)],
    output: [create('ValueInfoProto', { name: site.output })],
  });
  const { irVersion, opsetImport } = model.proto;
  // IR 4 and later allow initializers that are no inputs.
  const version = Math.max(4, Number(irVersion));
  return { ...model, proto: { ...create('ModelProto', { irVersion: version, opsetImport }), graph } };
}

/** The model with its BatchNormalization in inference mode, as the reference for models exported in training mode. */
export function inInferenceMode(model: Model): Model {
  const change = (graph: GraphProto): GraphProto => {
    let changed = false;
    const node = graph.node.map((it) => {
      const inner = mapSubgraphs(it, change);
      const isTraining =
        it.opType === 'BatchNormalization' &&
        normalDomain(it.domain) === '' &&
        attributeOf(it, 'training_mode')?.i !== undefined;
      const next = isTraining
        ? {
            ...it,
            output: it.output.slice(0, 1),
            attribute: it.attribute.filter(({ name }) => name !== 'training_mode'),
          }
        : inner;
      changed ||= next !== it;
      return next;
    });
    return changed ? { ...graph, node } : graph;
  };
  const graph = change(model.proto.graph);
  return graph === model.proto.graph ? model : withGraph(model, graph);
}
