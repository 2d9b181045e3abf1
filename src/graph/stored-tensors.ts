/** Every tensor that a model stores: initializers, those of nodes' attributes, in subgraphs and functions too. */
import { storesMore } from '../onnx/attributes.ts';
import type { Model } from '../onnx/model.ts';
import { type NodeList, NodeRun, nodeListOf } from '../onnx/node-run.ts';
import type { GraphProto, SparseTensorProto, TensorProto } from '../onnx/schema.ts';

/** Takes a stored tensor, and what to call it by: its own name, or that of the node whose attribute it is. */
export type TensorVisitor = (tensor: TensorProto, name: string) => void;

/** Goes through them in the order of the file. Nothing is made on the way: there may be 200,000. */
export function visitTensors({ proto }: Model, visit: TensorVisitor): void {
  const graphs: GraphProto[] = [proto.graph];
  for (const { initialization, algorithm } of proto.trainingInfo) {
    for (const graph of [initialization, algorithm]) if (graph !== undefined) graphs.push(graph);
  }
  // Those that are found on the way come behind.
  let at = 0;
  const visitGraphs = () => {
    for (; at < graphs.length; at++) {
      const graph = graphs[at] as GraphProto;
      for (const tensor of graph.initializer) visit(tensor, tensor.name);
      for (const sparse of graph.sparseInitializer) visitSparse(sparse, sparse.values?.name ?? '', visit);
      visitNodes(nodeListOf(graph), graphs, visit);
    }
  };
  visitGraphs();
  for (const { node } of proto.functions) {
    visitNodes(node, graphs, visit);
    visitGraphs();
  }
}

function visitNodes(nodes: NodeList, graphs: GraphProto[], visit: TensorVisitor): void {
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index] as NodeList[number];
    // Nodes of runs store none.
    if (node instanceof NodeRun || !storesMore(node.attribute)) continue;
    const name = node.output.find((it) => it !== '') ?? node.name;
    for (const { t, tensors, sparseTensor, sparseTensors, g, graphs: inner } of node.attribute) {
      for (const tensor of [t, ...tensors]) if (tensor !== undefined) visit(tensor, name);
      for (const sparse of [sparseTensor, ...sparseTensors]) visitSparse(sparse, name, visit);
      for (const graph of [g, ...inner]) if (graph !== undefined) graphs.push(graph);
    }
  }
}

function visitSparse(sparse: SparseTensorProto | undefined, name: string, visit: TensorVisitor): void {
  for (const tensor of [sparse?.values, sparse?.indices]) if (tensor !== undefined) visit(tensor, name);
}
