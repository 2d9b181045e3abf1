/**
 * JPEGs made smaller as libjpeg-turbo does it while it decodes, which sharp makes use of: each value is the mean of those that it stands for
 * (jidctred.c). A browser decodes the whole picture.
 */
import type { PictureSize } from './types.ts';

/** How many times smaller sharp has a JPEG decoded (pipeline.cc), if it is to be `factor` times smaller. */
export function jpegShrink(factor: number): 1 | 2 | 4 | 8 {
  const shrink = factor >= 8 ? 8 : factor >= 4 ? 4 : factor >= 2 ? 2 : 1;
  // One less if hardly anything would be left to the filter.
  return shrink > 1 && Math.floor(factor) === shrink ? ((shrink / 2) as 1 | 2 | 4) : shrink;
}

/**
 * Makes a decoded JPEG 2, 4 or 8 times smaller. What is left over at the right and at the bottom is left out, as libvips has it.
 *
 * @param from four bytes for each pixel
 */
export function shrunkJpeg(
  from: ArrayLike<number>,
  size: PictureSize,
  shrink: 2 | 4 | 8,
): PictureSize & { readonly rgba: Uint8ClampedArray } {
  const [height, width] = [Math.floor(size.height / shrink), Math.floor(size.width / shrink)];
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
