/** What a model consists of, in numbers: nodes by operator, and parameters. No weight is read. */
import { DataType } from '../onnx/data-type.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import { elementCount } from '../onnx/tensor.ts';
import { allTensors } from './stored-tensors.ts';

/** Counts of one model, with its subgraphs and functions; a body that is called twice counts once. */
export interface Census {
  /** Nodes by operator; those of other domains bear their domain's name. */
  readonly operators: ReadonlyMap<string, number>;
  /** All of them. */
  readonly nodes: number;
  /** Numbers that are stored, but for those that only say shapes, axes and conditions. */
  readonly parameters: number;
}

/** Types of shapes, axes, conditions and names. Exporters write shapes in either integer. */
const NOT_LEARNED: ReadonlySet<number> = new Set([DataType.INT32, DataType.INT64, DataType.BOOL, DataType.STRING]);

/** Counts what a model consists of, in one walk. */
export function censusOf(model: Model): Census {
  const operators = new Map<string, number>();
  let nodes = 0;
  for (const { opType, domain } of allNodes(model)) {
    const own = normalDomain(domain);
    const name = own === '' ? opType : `${own}.${opType}`;
    operators.set(name, (operators.get(name) ?? 0) + 1);
    nodes++;
  }
  let parameters = 0;
  for (const { tensor } of allTensors(model))
    if (!NOT_LEARNED.has(tensor.dataType ?? 0)) parameters += elementCount(tensor);
  return { operators, nodes, parameters };
}

function* allNodes({ proto }: Model): Generator<NodeProto> {
  const lists = [proto.graph.node, ...proto.functions.map(({ node }) => node)];
  // Grows while it is walked.
  for (const list of lists) {
    for (const node of list) {
      yield node;
      for (const { g, graphs } of node.attribute) lists.push(...inner(g, graphs).map((graph) => graph.node));
    }
  }
}

function inner(graph: GraphProto | undefined, graphs: readonly GraphProto[]): readonly GraphProto[] {
  return graph === undefined ? graphs : [graph, ...graphs];
}
