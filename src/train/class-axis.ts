/** The axis of the classes in what a model answers. */
import { channelAxis } from '../measure/channels-last.ts';
import { softmaxAxis } from '../measure/softmax-axis.ts';
import type { Model } from '../onnx/model.ts';
import type { Values } from '../runtime/session.ts';

/** Of maps, [n, K, h, w] or [n, h, w, K]. @param inputs what the model was given */
export function mapAxis(model: Model, output: string, dims: readonly number[], inputs: Values): number {
  return softmaxAxis(model, output) ?? channelAxis(dims, inputs);
}

/** Of a row: [n, K], [n, K, 1, 1], or [n, 1, 1, K]. */
export function rowAxis(dims: readonly number[]): number {
  const axis = dims.findIndex((dim, at) => at > 0 && dim !== 1);
  return axis < 0 ? Math.min(1, dims.length - 1) : axis;
}
