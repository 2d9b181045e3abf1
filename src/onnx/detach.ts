/** Weights that stay in the file that they are in. */
import type { ByteSource } from './bytes.ts';
import { type Model, withGraph } from './model.ts';
import { create, type TensorProto } from './schema.ts';

/**
 * The model with weights told as external data: where each is in the file that it was read from. It is written in no time,
 * and a runtime maps the weights instead of reading them.
 *
 * @param locate the name, beside the place that the model will be written to, of the file behind a source; `undefined` where
 *   it has none, and what it holds stays in the model
 */
export function detachWeights(model: Model, locate: (source: ByteSource) => string | undefined): Model {
  const detach = (tensor: TensorProto): TensorProto => {
    const { rawData } = tensor;
    const location = rawData && locate(rawData.source);
    if (rawData === undefined || location === undefined) return tensor;
    const entries = Object.entries({ location, offset: rawData.start, length: rawData.length });
    const externalData = entries.map(([key, value]) => create('StringStringEntryProto', { key, value: String(value) }));
    return { ...tensor, rawData: undefined, dataLocation: 1, externalData };
  };
  const { graph } = model.proto;
  return withGraph(model, { ...graph, initializer: graph.initializer.map(detach) });
}
