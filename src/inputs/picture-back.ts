/** A model's input → the picture that a reader recognises, small. */
import { numbersOf, type Value, type Values } from '../runtime/session.ts';
import type { ImageInput } from './images.ts';

/** Pixels in red, green and blue, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

type How = Pick<ImageInput, 'layout' | 'mean' | 'std' | 'scale' | 'reversed'>;

/**
 * Undoes what was done to a picture to feed it.
 *
 * @param image how it became the input; if that is not known, the smallest number is drawn black and the largest white
 * @param side that neither height nor width exceeds
 * @returns `undefined` if the inputs are not one picture
 */
export function pictureOf(inputs: Values, image: ImageInput | undefined, side: number): Picture | undefined {
  const value = image === undefined ? Object.values(inputs)[0] : inputs[image.name];
  const numbers = value && numbersOf(value);
  if (value === undefined || numbers === undefined || (image === undefined && Object.keys(inputs).length > 1)) {
    return undefined;
  }
  const shape = shapeOf(value, image?.layout);
  if (shape === undefined) return undefined;
  const { channels, height, width, layout } = shape;
  const how = image ?? { ...stretch(numbers), layout, reversed: false };
  const shrink = Math.min(1, side / Math.max(height, width));
  const [rows, columns] = [Math.max(1, Math.round(height * shrink)), Math.max(1, Math.round(width * shrink))];
  const rgb = new Uint8Array(3 * rows * columns);
  const at = (c: number, y: number, x: number) =>
    layout === 'nchw' ? (c * height + y) * width + x : (y * width + x) * channels + c;
  for (let y = 0; y < rows; y++) {
    const [top, bottom] = span(y, rows, height);
    for (let x = 0; x < columns; x++) {
      const [left, right] = span(x, columns, width);
      for (let c = 0; c < 3; c++) {
        const own = channels === 1 ? 0 : how.reversed ? 2 - c : c;
        let sum = 0;
        for (let v = top; v < bottom; v++) for (let u = left; u < right; u++) sum += numbers[at(own, v, u)] as number;
        const mean = sum / ((bottom - top) * (right - left));
        const byte = (mean * (how.std[own] ?? 1) + (how.mean[own] ?? 0)) / how.scale;
        rgb[3 * (y * columns + x) + c] = Math.max(0, Math.min(255, Math.round(byte)));
      }
    }
  }
  return { width: columns, height: rows, rgb };
}

/** The pixels that one of a smaller picture stands for. */
export function span(index: number, count: number, size: number): [from: number, to: number] {
  const from = Math.floor((index * size) / count);
  return [from, Math.max(from + 1, Math.floor(((index + 1) * size) / count))];
}

function shapeOf({ dims }: Value, given: ImageInput['layout'] | undefined) {
  const sides = dims.length === 4 && dims[0] === 1 ? dims.slice(1) : dims.length === 3 ? dims : undefined;
  if (sides === undefined) return undefined;
  const [a = 0, b = 0, c = 0] = sides;
  const isChannels = (dim: number) => dim === 1 || dim === 3;
  const layout = given ?? (isChannels(c) && !isChannels(a) ? 'nhwc' : 'nchw');
  const [channels, height, width] = layout === 'nchw' ? [a, b, c] : [c, a, b];
  return isChannels(channels) && height > 1 && width > 1 ? { channels, height, width, layout } : undefined;
}

function stretch(numbers: ArrayLike<number>): Omit<How, 'layout' | 'reversed'> {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < numbers.length; i++) {
    least = Math.min(least, numbers[i] as number);
    most = Math.max(most, numbers[i] as number);
  }
  const range = most - least || 1;
  return { mean: [-least, -least, -least], std: [1, 1, 1], scale: range / 255 };
}
