/** Decoded pixels → those that a model takes: colours or grey, resized, padded or cropped. */
import { placementOf } from '../picture-fit.ts';
import { jpegShrink, shrunkJpeg } from './jpeg-shrink.ts';
import { resample } from './resample.ts';
import type { PictureSize, Pixels, Wanted } from './types.ts';

/**
 * Makes pixels into what is wanted of them. Transparency is left out, not blended.
 *
 * @param rgba four bytes for each pixel, not multiplied by their transparency
 * @param isJpeg whether they were decoded from a JPEG, which sharp has decoded smaller
 */
export function fitted(rgba: ArrayLike<number>, size: PictureSize, wanted: Wanted, isJpeg = false): Pixels {
  const { channels } = wanted;
  const { input, left, top, height, width } = placementOf(size, wanted);
  const factors = (from: PictureSize) => factorsOf(from, { height, width }, input, wanted.fit);
  const shrink = isJpeg ? jpegShrink(Math.min(...factors(size))) : 1;
  const { rgba: pixels, ...own } = shrink === 1 ? { rgba, ...size } : shrunkJpeg(rgba, size, shrink);
  const values = channels === 1 ? greyOf(pixels) : coloursOf(pixels);
  const scaled = resample(values, own, { height, width }, channels, factors(own));
  if (left === 0 && top === 0 && height === input.height && width === input.width) return { data: scaled, ...input };
  const data = new Uint8Array(input.height * input.width * channels);
  const from = Math.max(0, left);
  const to = Math.min(input.width, left + width);
  for (let y = Math.max(0, top); y < Math.min(input.height, top + height); y++) {
    for (let i = from * channels; i < to * channels; i++) {
      data[y * input.width * channels + i] = scaled[((y - top) * width - left) * channels + i] as number;
    }
  }
  return { data, ...input };
}

/** A picture that keeps its shape is resized by one factor, before its sides are rounded to whole pixels. */
function factorsOf(from: PictureSize, to: PictureSize, input: PictureSize, fit: Wanted['fit']): [number, number] {
  if (fit === 'fill') return [from.height / to.height, from.width / to.width];
  const down = from.height / input.height;
  const across = from.width / input.width;
  const factor = fit === 'contain' ? Math.max(down, across) : Math.min(down, across);
  return [factor, factor];
}

function coloursOf(rgba: ArrayLike<number>): Uint8Array {
  const colours = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    colours[to] = rgba[from] as number;
    colours[to + 1] = rgba[from + 1] as number;
    colours[to + 2] = rgba[from + 2] as number;
  }
  return colours;
}

/** Light of each byte of sRGB, from 0 to 1. */
const LIGHT = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** How bright a pixel is: a sum of light, not of bytes, as libvips has it (scRGB2BW.c). */
function greyOf(rgba: ArrayLike<number>): Uint8ClampedArray {
  const grey = new Uint8ClampedArray(rgba.length / 4);
  const light = (at: number) => LIGHT[rgba[at] as number] as number;
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const at = 4 * pixel;
    const sum = 0.2126 * light(at) + 0.7152 * light(at + 1) + 0.0722 * light(at + 2);
    grey[pixel] = 255 * (sum <= 0.0031308 ? 12.92 * sum : 1.055 * sum ** (1 / 2.4) - 0.055);
  }
  return grey;
}
