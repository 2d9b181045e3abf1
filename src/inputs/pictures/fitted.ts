/** Decoded pixels → those that a model takes: colours or grey, resized, padded or cropped. */
import { placementOf } from '../picture-fit.ts';
import { greyOf } from './grey.ts';
import { factorsOf, jpegShrink, shrunkJpeg } from './jpeg-shrink.ts';
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
  const factors = (from: PictureSize) => factorsOf(from, input, wanted.fit);
  const shrink = isJpeg ? jpegShrink(size, Math.min(...factors(size))) : 1;
  const { rgba: pixels, ...own } = shrink === 1 ? { rgba, ...size } : shrunkJpeg(rgba, size, shrink);
  // Grey is made last, as in Node.
  const coloured = resample(coloursOf(pixels), own, { height, width }, 3, factors(own));
  const scaled = channels === 1 ? greyOf(coloured) : coloured;
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

function coloursOf(rgba: ArrayLike<number>): Uint8Array {
  const colours = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    colours[to] = rgba[from] as number;
    colours[to + 1] = rgba[from + 1] as number;
    colours[to + 2] = rgba[from + 2] as number;
  }
  return colours;
}
