/**
 * Reshapes of norms to a fixed batch, as exporters write them for an input of fixed size → the same with the batch copied from
 * what is reshaped, so that a site can be run on one sample and on two. On the batch that the file is for, it is the same.
 */

import type { StandingNorm } from '../find/standing/types.ts';
import { constantInts } from '../graph/constants.ts';
import { viewOf } from '../graph/view.ts';
import { makeNode, mapSubgraphs } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';

/** The very same model where no norm fixes its batch. */
export function openBatch(model: Model, norms: readonly StandingNorm[]): Model {
  const ofNorms = new Set(norms.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  const names = namesOf(model.proto.graph);
  const targets = new Map<NodeProto, number[]>();
  for (const scope of viewOf(model).scopes) {
    for (const node of scope.graph.node) {
      if (node.opType !== 'Reshape' || !ofNorms.has(node.name)) continue;
      const target = constantInts(scope, nameAt(node.input, 1), model.home.open);
      if (target !== undefined && (target[0] ?? 0) > 0) targets.set(node, [0, ...target.slice(1)]);
    }
  }
  if (targets.size === 0) return model;
  const change = (graph: GraphProto): GraphProto => {
    const node = graph.node.flatMap((before): NodeProto[] => {
      const target = targets.get(before);
      if (target === undefined) return [mapSubgraphs(before, change)];
      const shape = names.values.fresh(`${before.name}/open`);
      const value = makeTensor(shape, DataType.INT64, [target.length], target);
      const constant = makeNode('Constant', [], [shape], names.nodes.fresh(shape), { value });
      // By newer exporters' attribute, a 0 would be a size.
      const attribute = before.attribute.filter(({ name }) => name !== 'allowzero');
      return [constant, { ...before, attribute, input: [nameAt(before.input, 0), shape] }];
    });
    return { ...graph, node };
  };
  return withGraph(model, change(model.proto.graph));
}
