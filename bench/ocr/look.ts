import type { Image } from './image.ts';
import type { Random } from './random.ts';

/** Makes another picture of the same text: what another camera, lamp or printer would have made of it. */
export type Look = (image: Image, random: Random) => Image;

/** Looks that nothing in bench/ocr has by itself, each far enough to cost a trained model something. */
export const LOOKS: Readonly<Record<string, Look>> = {
  contrast: (image) => mapped(image, (value) => 128 + 0.15 * (value - 128)),
  dark: (image) => mapped(image, (value) => 0.12 * value),
  bright: (image) => mapped(image, (value) => 190 + 0.25 * value),
  noise: (image, random) => mapped(image, (value) => value + random.normal(0, 60)),
  colours: (image) => mapped(image, (value, channel) => TINT[channel as 0 | 1 | 2] * value + (channel === 0 ? 110 : 0)),
  blur: (image) => blurred(image, Math.max(1, Math.round(0.07 * image.height))),
};

/** A sodium lamp. */
const TINT = [0.57, 0.3, 0.1] as const;

function mapped(image: Image, of: (value: number, channel: number) => number): Image {
  return { ...image, data: image.data.map((value, at) => of(value, at % 3)) };
}

/** Three times the mean of 2 r + 1 neighbours, along rows and columns: nearly a Gaussian. */
function blurred(image: Image, radius: number): Image {
  const { width, height } = image;
  let { data } = image;
  for (let pass = 0; pass < 3; pass++) {
    data = averaged(data, width, height, 3, 3 * width, radius);
    data = averaged(data, height, width, 3 * width, 3, radius);
  }
  return { ...image, data };
}

/** Along one axis of `length` pixels, `step` apart, for each of `count` others, `stride` apart; the edge goes on outside. */
function averaged(
  data: Uint8ClampedArray,
  length: number,
  count: number,
  step: number,
  stride: number,
  radius: number,
): Uint8ClampedArray {
  const result = new Uint8ClampedArray(data.length);
  for (let other = 0; other < count; other++) {
    for (let c = 0; c < 3; c++) {
      const at = (i: number) => data[other * stride + Math.min(Math.max(i, 0), length - 1) * step + c] as number;
      let sum = 0;
      for (let i = -radius; i <= radius; i++) sum += at(i);
      for (let i = 0; i < length; i++) {
        result[other * stride + i * step + c] = sum / (2 * radius + 1);
        sum += at(i + radius + 1) - at(i - radius);
      }
    }
  }
  return result;
}

/** Pictures as planes of numbers from `least` to `most`, [N, 3, H, W], of another look. */
export function lookedAt(
  data: Float32Array,
  [count, , height, width]: readonly [number, number, number, number],
  look: Look,
  random: Random,
  [least, most]: readonly [number, number],
): Float32Array {
  const area = height * width;
  const scale = 255 / (most - least);
  const result = new Float32Array(data.length);
  for (let start = 0; start < count * 3 * area; start += 3 * area) {
    const image = { data: new Uint8ClampedArray(3 * area), width, height };
    for (let i = 0; i < 3 * area; i++) {
      image.data[(i % area) * 3 + Math.floor(i / area)] = ((data[start + i] as number) - least) * scale;
    }
    const seen = look(image, random);
    for (let i = 0; i < 3 * area; i++) {
      result[start + i] = (seen.data[(i % area) * 3 + Math.floor(i / area)] as number) / scale + least;
    }
  }
  return result;
}
