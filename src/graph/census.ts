/** What a model consists of, in numbers: nodes by operator, and parameters. No weight is read. */
import { storesMore, subgraphsOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { type NodeList, NodeRun, nodeListOf } from '../onnx/node-run.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { elementCount } from '../onnx/tensor.ts';
import { visitTensors } from './stored-tensors.ts';

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
  const lists: NodeList[] = [nodeListOf(model.proto.graph), ...model.proto.functions.map(({ node }) => node)];
  let nodes = 0;
  // Grows while it is walked.
  for (const list of lists) {
    // By index, and nothing is made for a node: there may be some 100,000, and hardly any has a subgraph.
    for (let index = 0; index < list.length; index++) {
      const it = list[index] as NodeList[number];
      if (it instanceof NodeRun) {
        lists.push(it.pattern.nodes);
        continue;
      }
      nodes++;
      const name = nameOf(it);
      operators.set(name, (operators.get(name) ?? 0) + 1);
      if (storesMore(it.attribute)) for (const { graph } of subgraphsOf(it)) lists.push(graph.node);
    }
  }
  let parameters = 0;
  visitTensors(model, (tensor) => {
    if (!NOT_LEARNED.has(tensor.dataType ?? 0)) parameters += elementCount(tensor);
  });
  return { operators, nodes, parameters };
}

function nameOf({ opType, domain }: NodeProto): string {
  const own = domain === '' ? '' : normalDomain(domain);
  return own === '' ? opType : `${own}.${opType}`;
}
