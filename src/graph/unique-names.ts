/** A name of its own for every node, for reports and for finding it again; a model may have nodes without, or with equal ones. */

import { mapSubgraphs } from '../onnx/attributes.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { Names } from '../onnx/names.ts';
import type { GraphProto } from '../onnx/schema.ts';
import { viewOf } from './view.ts';

/** The model with nodes renamed that have no name or another's; the very same model where none has. */
export function uniqueNodeNames(model: Model): Model {
  const counts = new Map<string, number>();
  for (const { graph } of viewOf(model).scopes) {
    for (const { name } of graph.node) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const isUnique = (name: string) => name !== '' && counts.get(name) === 1;
  if ([...counts.keys()].every(isUnique)) return model;
  const names = new Names([...counts.keys()].filter(isUnique));
  const change = (graph: GraphProto): GraphProto => ({
    ...graph,
    node: graph.node.map((before) => {
      const node = mapSubgraphs(before, change);
      if (isUnique(node.name)) return node;
      return { ...node, name: names.fresh(node.name || node.output.find((name) => name !== '') || node.opType) };
    }),
  });
  return withGraph(model, change(model.proto.graph));
}
