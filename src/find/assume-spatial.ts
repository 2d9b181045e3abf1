/**
 * BatchNormalization(spatial=0) with one number a channel → BatchNormalization: Model → Model.
 *
 * An MXNet exporter of 2018 wrote `spatial=0` by mistake (ArcFace in the ONNX model zoo, onnx/models issue 242). With it every
 * position would have parameters of its own, of shape [C, D₁, …]; where they are of shape [C], nothing else can be meant than
 * `spatial=1`, the default. ONNX Runtime runs no such node, so no comparison could tell a wrong guess: the user decides.
 */
import { intAttribute, mapSubgraphs } from '../onnx/attributes.ts';
import { type Model, normalDomain, withGraph } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { GraphProto, NodeProto, TensorProto } from '../onnx/schema.ts';

/**
 * Reads `spatial=0` as `spatial=1` where a node's γ is stored with one number a channel.
 *
 * @returns the same model if it has no such node
 */
export function assumeSpatial(model: Model): Model {
  const stored = new Map(model.proto.graph.initializer.map((tensor) => [tensor.name, tensor]));
  const graph = mend(model.proto.graph, stored);
  return graph === model.proto.graph ? model : withGraph(model, graph);
}

function mend(graph: GraphProto, around: ReadonlyMap<string, TensorProto>): GraphProto {
  const stored = new Map([...around, ...graph.initializer.map((it) => [it.name, it] as const)]);
  const node = graph.node.map((it) => mapSubgraphs(mendNode(it, stored), (inner) => mend(inner, stored)));
  return node.every((it, index) => it === graph.node[index]) ? graph : { ...graph, node };
}

function mendNode(node: NodeProto, stored: ReadonlyMap<string, TensorProto>): NodeProto {
  const isNorm = node.opType === 'BatchNormalization' && normalDomain(node.domain) === '';
  if (!isNorm || intAttribute(node, 'spatial', 1) !== 0 || stored.get(nameAt(node.input, 1))?.dims.length !== 1) {
    return node;
  }
  return { ...node, attribute: node.attribute.filter(({ name }) => name !== 'spatial') };
}
