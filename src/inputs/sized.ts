/**
 * The sizes of a model's inputs, stated: the runtime plans memory for sizes that it doesn't know in time that grows with the square of the
 * number of nodes, and uses no memory twice. How many samples share a run may stay open.
 */
import { type Model, withGraph } from '../onnx/model.ts';
import { create, type ValueInfoProto } from '../onnx/schema.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import type { Values } from '../runtime/session.ts';
import { batchOf } from './batch.ts';

/** The runtime takes axes of one name for equally long. */
const BATCH = 'gn_swap_samples';

/**
 * @param inputs of some run; the number of samples may differ in others, if the model leaves it open
 * @returns the same model for inputs of these sizes alone
 */
export function withSizes(model: Model, inputs: Values): Model {
  const { graph } = model.proto;
  const batch = batchOf(model);
  const sized = (it: ValueInfoProto): ValueInfoProto => {
    const dims = inputs[it.name]?.dims;
    if (dims === undefined) return it;
    const stated = makeValueInfo(it.name, it.type?.tensorType?.elemType, dims);
    const tensor = stated.type?.tensorType;
    if (batch.size !== undefined || !batch.inputs.has(it.name) || tensor === undefined) return stated;
    const dim = [create('Dimension', { dimParam: BATCH }), ...(tensor.shape?.dim.slice(1) ?? [])];
    const shape = create('TensorShapeProto', { dim });
    return { ...stated, type: create('TypeProto', { tensorType: { ...tensor, shape } }) };
  };
  return withGraph(model, { ...graph, input: graph.input.map(sized) });
}
