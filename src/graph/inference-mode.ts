/** BatchNormalization in inference mode, whatever mode an exporter left it in. */

import { attributeOf, mapSubgraphs } from '../onnx/attributes.ts';
import { type Model, normalDomain, withGraph } from '../onnx/model.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import type { Lookup } from './scope.ts';
import { viewOf } from './view.ts';

/** The model with its BatchNormalization in inference mode, as the reference for models exported in training mode. */
export function inInferenceMode(model: Model): Model {
  const uses = viewOf(model).uses;
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
export function inInference(node: NodeProto, uses: Lookup<number>): NodeProto {
  const isBatchNormalization = node.opType === 'BatchNormalization' && normalDomain(node.domain) === '';
  const isUsed = node.output.slice(1).some((name) => (uses.get(name) ?? 0) > 0);
  if (!isBatchNormalization || isUsed) return node;
  if (node.output.length === 1 && attributeOf(node, 'training_mode') === undefined) return node;
  const attribute = node.attribute.filter(({ name }) => name !== 'training_mode');
  return { ...node, output: node.output.slice(0, 1), attribute };
}
