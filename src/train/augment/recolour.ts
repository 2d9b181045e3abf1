/**
 * A change of colours, in the numbers that the model is fed: v = (byte · scale − mean)/std.
 *
 * On bytes it is one linear map of a pixel's channels: b′ = gain · (m + contrast · (s · b + (1 − s) · grey(b) − m)) + bias, with m the picture's mean
 * grey and s the saturation. Results stay between what the bytes 0 and 255 become.
 */
import type { ImageInput } from '../../inputs/images.ts';
import type { Numbers, Pixels } from './pixels.ts';
import type { ColourChange } from './types.ts';

/** Rec. 601: how bright the eye finds red, green and blue. */
const LUMA = [0.299, 0.587, 0.114];
/** How many pixels the mean grey is taken of, evenly spread: more would not change it visibly. */
const LOOKED_AT = 16_384;

/**
 * Gives a picture other colours.
 *
 * @param result where they are written to; may be the picture's own numbers
 */
export function recolour(pixels: Pixels, change: ColourChange, image: ImageInput, result: Numbers): void {
  const { channels, height, width, pixelStride, channelStride, data } = pixels;
  const { weights, own, maps } = linearMaps(pixels, change, image);
  const [first, second, third] = maps;
  const count = height * width;
  if (first === undefined) return;
  if (channels === 1 || second === undefined || third === undefined) {
    const rate = own + first.mix * (weights[0] ?? 0);
    for (let at = 0; at < count; at++) {
      result[at] = Math.min(first.high, Math.max(first.low, rate * (data[at] as number) + first.add));
    }
    return;
  }
  // Numbers, not fields: the loop is run a million times.
  const [w0 = 0, w1 = 0, w2 = 0] = weights;
  const { mix: mix0, add: add0, low: low0, high: high0 } = first;
  const { mix: mix1, add: add1, low: low1, high: high1 } = second;
  const { mix: mix2, add: add2, low: low2, high: high2 } = third;
  const twice = 2 * channelStride;
  for (let pixel = 0, at = 0; pixel < count; pixel++, at += pixelStride) {
    const a = data[at] as number;
    const b = data[at + channelStride] as number;
    const c = data[at + twice] as number;
    const grey = w0 * a + w1 * b + w2 * c;
    result[at] = Math.min(high0, Math.max(low0, own * a + mix0 * grey + add0));
    result[at + channelStride] = Math.min(high1, Math.max(low1, own * b + mix1 * grey + add1));
    result[at + twice] = Math.min(high2, Math.max(low2, own * c + mix2 * grey + add2));
  }
}

/** v′ = own · v + mix · Σ weight · v + add, for each channel. */
interface LinearMaps {
  readonly own: number;
  readonly weights: readonly number[];
  readonly maps: readonly { readonly mix: number; readonly add: number; readonly low: number; readonly high: number }[];
}

/** With b = v · unit + zero: grey(b) = Σ luma · unit · v + Σ luma · zero, and v′ = (b′ − zero)/unit. */
function linearMaps(pixels: Pixels, { gain, bias, contrast, saturation }: ColourChange, image: ImageInput): LinearMaps {
  const luma = pixels.channels === 1 ? [1] : image.reversed ? [...LUMA].reverse() : LUMA;
  const units = luma.map((_, c) => (image.std[c] ?? 1) / image.scale);
  const zeros = luma.map((_, c) => (image.mean[c] ?? 0) / image.scale);
  const weights = luma.map((it, c) => it * (units[c] as number));
  const greyZero = luma.reduce((sum, it, c) => sum + it * (zeros[c] as number), 0);
  const own = gain * contrast * saturation;
  const shared = gain * contrast * (1 - saturation);
  const constant = gain * (1 - contrast) * (meanOf(pixels, weights) + greyZero) + bias;
  const maps = units.map((unit, c) => {
    const zero = zeros[c] as number;
    const add = (own * zero + shared * greyZero + constant - zero) / unit;
    return { mix: shared / unit, add, low: -zero / unit, high: (255 - zero) / unit };
  });
  return { own, weights, maps };
}

/** Mean of Σ weight · v over pixels. */
function meanOf({ data, height, width, pixelStride, channelStride }: Pixels, weights: readonly number[]): number {
  // Of 512 columns, every sixteenth pixel would lie in the same 32: the step has no factor in common with the width.
  let step = Math.ceil((height * width) / LOOKED_AT);
  while (commonFactor(step, width) > 1) step++;
  let sum = 0;
  let count = 0;
  for (let pixel = 0; pixel < height * width; pixel += step, count++) {
    for (const [c, weight] of weights.entries())
      sum += weight * (data[pixel * pixelStride + c * channelStride] as number);
  }
  return sum / count;
}

function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b);
}
