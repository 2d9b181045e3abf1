/**
 * JPEGs made smaller as libjpeg-turbo does it while it decodes, which sharp makes use of: each value is the mean of those that it stands for
 * (jidctred.c). A browser decodes the whole picture.
 */
import type { PictureSize, Wanted } from './types.ts';

/**
 * How many times smaller a JPEG is decoded on its way to a size: sharp leaves at least a half to the filter (`fastShrinkOnLoad: false`; pipeline.cc).
 * A picture whose sides do not divide is decoded whole, as libvips would cut off what is left over, and stretch the rest over the whole size.
 */
export function jpegShrink(size: PictureSize, factor: number): 1 | 2 | 4 | 8 {
  const shrink = factor >= 16 ? 8 : factor >= 8 ? 4 : factor >= 4 ? 2 : 1;
  return size.height % shrink === 0 && size.width % shrink === 0 ? shrink : 1;
}

/** Old pixels for each new one, down and across. A picture that keeps its shape is resized by one factor, before its sides are rounded. */
export function factorsOf(from: PictureSize, to: PictureSize, fit: Wanted['fit']): [number, number] {
  const down = from.height / to.height;
  const across = from.width / to.width;
  if (fit === 'fill') return [down, across];
  const factor = fit === 'contain' ? Math.max(down, across) : Math.min(down, across);
  return [factor, factor];
}

/**
 * Makes a decoded JPEG 2, 4 or 8 times smaller; its sides divide.
 *
 * @param from four bytes for each pixel
 */
export function shrunkJpeg(
  from: ArrayLike<number>,
  size: PictureSize,
  shrink: 2 | 4 | 8,
): PictureSize & { readonly rgba: Uint8ClampedArray } {
  const [height, width] = [size.height / shrink, size.width / shrink];
  const rgba = new Uint8ClampedArray(height * width * 4);
  const sums = new Float64Array(width * 4);
  const step = size.width * 4;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let row = y * shrink * step, end = row + shrink * step; row < end; row += step) {
      for (let x = 0, at = row; x < width; x++) {
        for (let part = 0; part < shrink; part++) {
          for (let to = 4 * x; to < 4 * x + 4; to++, at++) sums[to] = (sums[to] as number) + (from[at] as number);
        }
      }
    }
    for (let i = 0; i < sums.length; i++) rgba[y * width * 4 + i] = (sums[i] as number) / (shrink * shrink);
  }
  return { height, width, rgba };
}
