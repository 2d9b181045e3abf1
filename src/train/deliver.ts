/** Writes trained parameters back into the model that they came from: the same graph, names and opset. */
import { GnSwapError } from '../errors.ts';
import type { Part } from '../gradient/flat.ts';
import { makeAttribute } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';

/** Names of the tensors that {@link withParameters} can write: initializers, and Constant nodes of the main graph. */
export function writable({ proto: { graph } }: Model): ReadonlySet<string> {
  return new Set([
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ opType, output, attribute }) =>
      opType === 'Constant' && attribute.some(({ name }) => name === 'value') ? output : [],
    ),
  ]);
}

/**
 * Returns the model with other numbers in some of its tensors; everything else is shared with it.
 *
 * @param parts where each tensor lies in `theta`
 * @throws GnSwapError `internal` if the model does not hold one of them, `invalid-data` if a number does not fit the type of the file
 */
export function withParameters(model: Model, parts: readonly Part[], theta: Float32Array): Model {
  const { graph } = model.proto;
  const left = new Map(parts.map((part) => [part.name, part]));
  const take = (name: string, like: TensorProto): TensorProto | undefined => {
    const part = left.get(name);
    if (part === undefined) return undefined;
    left.delete(name);
    const size = part.dims.reduce((product, dim) => product * dim, 1);
    const values = theta.subarray(part.offset, part.offset + size);
    if (like.dataType === DataType.FLOAT16) refuseTooLarge(name, values);
    return makeTensor(like.name, like.dataType ?? 1, like.dims.map(Number), values);
  };
  const initializer = graph.initializer.map((tensor) => take(tensor.name, tensor) ?? tensor);
  const node = graph.node.map((it): NodeProto => {
    const stored = it.opType === 'Constant' ? it.attribute.find(({ name }) => name === 'value')?.t : undefined;
    const tensor = stored && take(nameAt(it.output, 0), stored);
    return tensor === undefined ? it : { ...it, attribute: [makeAttribute('value', tensor)] };
  });
  const [missing] = left.keys();
  if (missing !== undefined) {
    throw new GnSwapError('internal', `the trained tensor ${JSON.stringify(missing)} is not in the model`);
  }
  return withGraph(model, { ...graph, initializer, node });
}

/** From here on float16 rounds to infinity. */
const BEYOND_HALF = 65520;

function refuseTooLarge(name: string, values: Float32Array): void {
  const large = values.find((value) => Number.isFinite(value) && Math.abs(value) >= BEYOND_HALF);
  if (large === undefined) return;
  throw new GnSwapError(
    'invalid-data',
    `training made a number of it ${large.toPrecision(5)}, and float16 ends at 65504`,
    {
      node: name,
      remedy: 'Use a smaller --lr, or train the float32 file that it was made from',
    },
  );
}
