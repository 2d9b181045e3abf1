import type { Box } from './pages.ts';

/** PaddleOCR's own threshold between text and background in a probability map. */
export const THRESHOLD = 0.3;

/**
 * Intersection over union of what two probability maps call text, mean over the pages. A page on
 * which neither finds text counts as 1.
 * @param a [pages, 1, H, W], 0 … 1
 * @param b [pages, 1, H, W], 0 … 1
 */
export function overlap(a: Float32Array, b: Float32Array, pages: number, threshold = THRESHOLD): number {
  const size = a.length / pages;
  if (a.length !== b.length || !Number.isInteger(size)) {
    throw new RangeError(`maps of ${a.length} and ${b.length} numbers are not ${pages} equal pages`);
  }
  let sum = 0;
  for (let page = 0; page < pages; page++) {
    let both = 0;
    let either = 0;
    for (let i = page * size; i < (page + 1) * size; i++) {
      const inA = (a[i] as number) > threshold;
      const inB = (b[i] as number) > threshold;
      if (inA && inB) both++;
      if (inA || inB) either++;
    }
    sum += either === 0 ? 1 : both / either;
  }
  return sum / pages;
}

/** The share of a map's pixels that are called text. */
export function textShare(map: Float32Array, threshold = THRESHOLD): number {
  return map.reduce((count, chance) => (chance > threshold ? count + 1 : count), 0) / map.length;
}

/**
 * The share of the lines, over all pages, that a detector finds: at least a third of the line's box
 * is called text. DB is trained on shrunken boxes, so a line found perfectly fills about half of its own.
 * @param map [pages, 1, size, size], 0 … 1
 * @param boxes each page's lines
 */
export function shareFound(
  map: Float32Array,
  size: number,
  boxes: readonly (readonly Box[])[],
  threshold = THRESHOLD,
): number {
  let found = 0;
  let lines = 0;
  boxes.forEach((page, index) => {
    for (const { x, y, width, height } of page) {
      let text = 0;
      for (let row = y; row < y + height; row++) {
        const start = (index * size + row) * size + x;
        for (let i = start; i < start + width; i++) if ((map[i] as number) > threshold) text++;
      }
      if (text * 3 >= width * height) found++;
      lines++;
    }
  });
  return found / lines;
}
