/** Stored numbers become inputs of the graph, so that one session serves models that differ in them alone. */
import { type Model, withGraph } from '../onnx/model.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { dimsOf } from '../onnx/tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';

/**
 * The model with some of its initializers as inputs, and these initializers. Those that are inputs already, as before IR version 4, only lose
 * their numbers.
 */
export function asInputs(model: Model, isFed: (tensor: TensorProto) => boolean): { model: Model; fed: TensorProto[] } {
  const { graph } = model.proto;
  const fed = graph.initializer.filter(isFed);
  const listed = new Set(graph.input.map(({ name }) => name));
  const added = fed.filter(({ name }) => !listed.has(name));
  const given = withGraph(model, {
    ...graph,
    input: [...graph.input, ...added.map((it) => makeValueInfo(it.name, it.dataType, dimsOf(it)))],
    initializer: graph.initializer.filter((it) => !isFed(it)),
  });
  return { model: given, fed };
}
