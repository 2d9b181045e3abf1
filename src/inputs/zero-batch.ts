/** A batch that is stored as 0 → an open batch: Model → Model. Some exporters write 0 for "any number" (onnx/models issue 212). */
import { requiredInputs } from '../graph/interface.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { create, type ValueInfoProto } from '../onnx/schema.ts';

/**
 * Opens the batch of inputs, and of outputs and values, where it is stored as 0.
 *
 * @returns the same model if no input has such a batch
 */
export function openZeroBatch(model: Model): Model {
  const { graph } = model.proto;
  const inputs = new Set(
    requiredInputs(model)
      .filter(hasZero)
      .map(({ name }) => name),
  );
  if (inputs.size === 0) return model;
  const open = (list: readonly ValueInfoProto[]) => list.map((it) => (hasZero(it) ? opened(it) : it));
  return withGraph(model, {
    ...graph,
    input: graph.input.map((it) => (inputs.has(it.name) ? opened(it) : it)),
    output: open(graph.output),
    valueInfo: open(graph.valueInfo),
  });
}

/** A list of 0 numbers may be meant; a batch has at least another axis. */
function hasZero({ type }: ValueInfoProto): boolean {
  const dims = type?.tensorType?.shape?.dim ?? [];
  return dims.length > 1 && dims[0]?.dimValue !== undefined && Number(dims[0].dimValue) === 0;
}

function opened(it: ValueInfoProto): ValueInfoProto {
  const tensor = it.type?.tensorType;
  const rest = tensor?.shape?.dim.slice(1) ?? [];
  const shape = create('TensorShapeProto', { dim: [create('Dimension', {}), ...rest] });
  return tensor === undefined ? it : { ...it, type: create('TypeProto', { tensorType: { ...tensor, shape } }) };
}
