/** Constant nodes → initializers, for readers that take only the latter for weights. */

import { constantNodeTensor } from '../onnx/constant-node.ts';
import { FIRST_IR_WITH_FREE_INITIALIZERS, type Model, normalDomain, withGraph } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { dimsOf } from '../onnx/tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';

/** Which constants a reader wants as initializers. */
export type Lift = 'none' | 'conv' | 'all';

/**
 * The model with Constant nodes of the main graph as initializers of the same names: those that are weights and biases of
 * Conv and ConvTranspose, or all of them. What they hold is unchanged.
 */
export function liftConstants(model: Model, lift: Lift): Model {
  const { graph, irVersion } = model.proto;
  if (lift === 'none') return model;
  const ofConv = new Set(graph.node.filter(isConv).flatMap(({ input }) => input.slice(1)));
  const lifted = new Map<NodeProto, TensorProto>();
  for (const node of graph.node) {
    const name = nameAt(node.output, 0);
    const isWanted =
      node.opType === 'Constant' && normalDomain(node.domain) === '' && (lift === 'all' || ofConv.has(name));
    const tensor = isWanted ? constantNodeTensor(node) : undefined;
    if (tensor !== undefined) lifted.set(node, { ...tensor, name });
  }
  if (lifted.size === 0) return model;
  const tensors = [...lifted.values()];
  const asInputs = Number(irVersion) < FIRST_IR_WITH_FREE_INITIALIZERS;
  const inputs = asInputs ? tensors.map((it) => makeValueInfo(it.name, it.dataType ?? 0, dimsOf(it))) : [];
  return withGraph(model, {
    ...graph,
    node: graph.node.filter((node) => !lifted.has(node)),
    initializer: [...graph.initializer, ...tensors],
    input: [...graph.input, ...inputs],
  });
}

function isConv({ opType }: NodeProto): boolean {
  return opType === 'Conv' || opType === 'ConvTranspose';
}
