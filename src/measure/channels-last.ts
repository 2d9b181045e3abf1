/** Where the channels of a map are that a model answers: behind the samples, or last, as Keras and TensorFlow have them. */
import type { Values } from '../runtime/session.ts';
import { pictureSize } from './picture-size.ts';

/** The last axis of a map [n, h, w, K]. */
export const LAST = 3;

/** The axis of the channels of a map, [n, K, h, w] or [n, h, w, K]. @param inputs what the model was given */
export function channelAxis(dims: readonly number[], inputs: Values): number {
  return hasChannelsLast(dims, inputs) ? LAST : 1;
}

/** Tells whether an answer [n, h, w, K] has the proportions of the picture that the model was given, and would not as [n, K, h, w]; never of a single place. */
export function hasChannelsLast(dims: readonly number[], inputs: Values): boolean {
  const picture = pictureSize(inputs);
  if (picture === undefined || dims.length !== 4) return false;
  const [, a = 0, b = 0, c = 0] = dims;
  const isLike = (height: number, width: number) => height * picture.width === width * picture.height;
  return a * b > 1 && isLike(a, b) && !isLike(b, c);
}
