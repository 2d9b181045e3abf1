/**
 * Boxes as distances from a point of a cell to their four sides (FCOS, arXiv:1904.01355): whether numbers are such distances, what they
 * count, and where in its cell the point is. Files that leave the decoding to their readers say none of it.
 */
import { type Box, type Detection, overlapOf } from './box.ts';
import { cornersOf } from './formats.ts';
import { anchorsAt, type Cell, type GridReading } from './grid.ts';
import type { Table } from './table.ts';

/** Distances are hardly ever negative; half of all offsets are. */
const MOST = 0.9;
/** Coordinates of boxes that reach a little beyond the picture, as shares of it. */
const LARGEST_SHARE = 1.5;
/** How far from their cells distances lie at least if they are read as boxes, as a share of the picture’s longer side. */
const FAR = 1 / 8;

/**
 * Whether numbers are distances: they are not negative, and with them boxes lie around their cells, which they do in no other reading.
 *
 * @param cells of each row
 */
export function isDistances(boxes: Table, cells: readonly Cell[], size: { height: number; width: number }): boolean {
  const rows = Array.from(cells, (_, row) => [0, 1, 2, 3].map((column) => boxes.at(0, row, column)));
  // Rows of zeros say nothing of any format.
  const telling = rows.filter((numbers) => numbers.some((it) => it !== 0));
  if (telling.length < rows.length / 2) return false;
  const all = telling.flat().sort((a, b) => a - b);
  // Negative ones first. What is as small as this are shares of the picture.
  const [few = 0, most = 0] = [1 - MOST, MOST].map((share) => all[Math.floor(share * (all.length - 1))]);
  if (!(few >= 0 && most > LARGEST_SHARE)) return false;
  const gapOf = (corners: (row: number, numbers: number[]) => Box) =>
    median(
      cells.map(({ column, row, stride }, index) => {
        const [l, t, r, b] = corners(index, rows[index] as number[]);
        return Math.hypot((l + r) / 2 - (column + 0.5) * stride, (t + b) / 2 - (row + 0.5) * stride);
      }),
    );
  const own = [false, true].map((isPixels) => {
    const anchors = anchorsAt(cells, { offset: 0.5, isPixels });
    return gapOf((row, numbers) => cornersOf('ltrb', numbers, anchors[row]));
  });
  const others = (['xyxy', 'cxcywh', 'xywh'] as const).flatMap((format) =>
    [1, size.width].map((x) => {
      const whole = { x: 0, y: 0, width: x, height: x === 1 ? 1 : size.height };
      return gapOf((_, numbers) => cornersOf(format, numbers, whole));
    }),
  );
  const least = Math.min(...others);
  // Boxes that are decoded already lie near their cells in one of those readings, however small they are.
  return least > FAR * Math.max(size.height, size.width) && Math.min(...own) < 0.5 * least;
}

/**
 * Whether distances count pixels: those of coarse levels are longer then, as such levels find larger objects. In cells they are alike.
 *
 * @param bins columns for one number; distributions count cells
 */
export function countsPixels(boxes: Table, cells: readonly Cell[], bins: number): boolean {
  const strides = [...new Set(cells.map(({ stride }) => stride))].sort((a, b) => a - b);
  const [fine = 1, coarse = 1] = [strides[0], strides.at(-1)];
  if (bins > 1 || fine === coarse) return false;
  const lengthAt = (stride: number) =>
    median(
      cells.flatMap((cell, row) =>
        cell.stride === stride ? [[0, 1, 2, 3].reduce((sum, column) => sum + boxes.at(0, row, column), 0)] : [],
      ),
    );
  return lengthAt(coarse) / lengthAt(fine) > Math.sqrt(coarse / fine);
}

/** Where points are that several anchors share, as SCRFD (arXiv:2105.04714) has them; and where most others are. */
const [CORNER, MIDDLE] = [0, 0.5];
/** Boxes of two levels that overlap by this much are of one object. */
const SAME = 0.6;
/** Fewer pairs of boxes tell nothing. */
const FEWEST = 3;

/**
 * Where in its cell a point is: 0 or 0.5. A shift of all points moves the boxes of coarse levels further than those of fine ones, so
 * objects that two levels find tell.
 *
 * @param found rows that found something, in no unit: only their labels, scores and places are looked at
 */
export function offsetOf(
  boxes: Table,
  cells: readonly Cell[],
  found: readonly Omit<Detection, 'box'>[],
  isPixels: boolean,
): number {
  if (cells[0] !== undefined && cells[0] === cells[1]) return CORNER;
  const anchors = anchorsAt(cells, { offset: CORNER, isPixels });
  const all = found.map(({ place, label }) => {
    const numbers = [0, 1, 2, 3].map((column) => boxes.at(0, place, column));
    return { label, stride: cells[place]?.stride ?? 0, box: cornersOf('ltrb', numbers, anchors[place]) };
  });
  let [pairs, product, square] = [0, 0, 0];
  for (const [index, a] of all.entries()) {
    for (const b of all.slice(index + 1)) {
      const wide = b.stride - a.stride;
      if (wide === 0 || a.label !== b.label) continue;
      if (overlapOf(moved(a.box, MIDDLE * a.stride), moved(b.box, MIDDLE * b.stride)) < SAME) continue;
      const shift = [0, 1, 2, 3].reduce((sum, i) => sum + (a.box[i] as number) - (b.box[i] as number), 0) / 4;
      pairs++;
      product += shift * wide;
      square += wide * wide;
    }
  }
  return pairs < FEWEST || product / square > (CORNER + MIDDLE) / 2 ? MIDDLE : CORNER;
}

/** How distances are to be read: what is said, and what the answers to one picture tell. */
export function gridReadingOf(
  boxes: Table,
  cells: readonly Cell[],
  bins: number,
  found: readonly Omit<Detection, 'box'>[],
  said: { readonly offset: number | undefined; readonly isPixels: boolean | undefined },
): GridReading {
  const isPixels = said.isPixels ?? countsPixels(boxes, cells, bins);
  return { isPixels, offset: said.offset ?? offsetOf(boxes, cells, found, isPixels) };
}

function moved([l, t, r, b]: Box, by: number): Box {
  return [l + by, t + by, r + by, b + by];
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
