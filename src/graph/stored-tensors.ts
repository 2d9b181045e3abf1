/** Every tensor that a model stores: initializers, those of nodes' attributes, in subgraphs and functions too. */
import type { Model } from '../onnx/model.ts';
import { type NodeList, NodeRun, nodeListOf } from '../onnx/node-run.ts';
import type { AttributeProto, GraphProto, TensorProto } from '../onnx/schema.ts';

/** A stored tensor, and what to call it by. */
export interface StoredTensor {
  /** Its own name, or that of the node whose attribute it is. */
  readonly name: string;
  readonly tensor: TensorProto;
}

/** In the order of the file. */
export function* allTensors({ proto }: Model): Generator<StoredTensor> {
  const graphs: GraphProto[] = [proto.graph];
  for (const { initialization, algorithm } of proto.trainingInfo) {
    for (const graph of [initialization, algorithm]) if (graph !== undefined) graphs.push(graph);
  }
  // Grows while it is walked.
  for (const graph of graphs) {
    for (const tensor of graph.initializer) yield { name: tensor.name, tensor };
    for (const { values, indices } of graph.sparseInitializer) {
      for (const tensor of [values, indices]) if (tensor !== undefined) yield { name: values?.name ?? '', tensor };
    }
    yield* ofNodes(nodeListOf(graph), graphs);
  }
  for (const { node } of proto.functions) yield* ofNodes(node, graphs);
}

function* ofNodes(nodes: NodeList, graphs: GraphProto[]): Generator<StoredTensor> {
  for (const node of nodes) {
    // Nodes of runs store none.
    if (node instanceof NodeRun || !node.attribute.some(holdsMore)) continue;
    const name = node.output.find((it) => it !== '') ?? node.name;
    for (const { t, tensors, sparseTensor, sparseTensors, g, graphs: inner } of node.attribute) {
      for (const tensor of [t, ...tensors]) if (tensor !== undefined) yield { name, tensor };
      for (const sparse of [sparseTensor, ...sparseTensors]) {
        for (const tensor of [sparse?.values, sparse?.indices]) if (tensor !== undefined) yield { name, tensor };
      }
      for (const graph of [g, ...inner]) if (graph !== undefined) graphs.push(graph);
    }
  }
}

/** Whether an attribute has a tensor or a graph: few do, and nothing is made for the others. */
export function holdsMore({ t, tensors, sparseTensor, sparseTensors, g, graphs }: AttributeProto): boolean {
  const isOne = t !== undefined || sparseTensor !== undefined || g !== undefined;
  return isOne || tensors.length + sparseTensors.length + graphs.length > 0;
}
