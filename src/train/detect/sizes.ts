/** How outputs are read for a picture of another size than the first one: a file that takes any has other cells and anchors for each. */
import { GnSwapError } from '../../errors.ts';
import { anchorsAt, cellsOf, cellsOfLevels } from '../../measure/boxes/grid.ts';
import { placesOf } from '../../measure/boxes/table.ts';
import { pictureSize } from '../../measure/picture-size.ts';
import type { Values } from '../../runtime/session.ts';
import { anchorsOf } from './anchors.ts';
import type { DetectorReading } from './loss.ts';
import type { BoxReading } from './reading.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The reading for these inputs, as it was found on a picture of maybe another size.
 *
 * @throws GnSwapError `invalid-data` if their rows are cells of no usual grids
 */
export function readingAt(reading: DetectorReading, outputs: Values, inputs: Values): DetectorReading {
  const size = pictureSize(inputs);
  const { boxes, size: first, layout } = reading;
  if (size === undefined || (size.width === first.width && size.height === first.height)) return reading;
  const counts = boxes.boxes.map((it) => placesOf(outputs[it.output]?.dims ?? [], it)?.rows ?? 0);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const isMaps = boxes.boxes[0]?.layout === 'maps';
  const cells = boxes.grid && cellsOfLevels(counts, size.height, size.width, isMaps);
  if (boxes.grid !== undefined && cells === undefined) {
    throw new GnSwapError(
      'invalid-data',
      `${rows} rows of boxes are cells of no usual grids over ${size.width} × ${size.height} pixels`,
      { remedy: 'Give all pictures one size with --size' },
    );
  }
  const anchors =
    cells && boxes.grid
      ? anchorsAt(cells, boxes.grid)
      : boxes.anchors && layout
        ? anchorsOf(layout, size, counts, isMaps)
        : boxes.anchors;
  const isShare = boxes.scale[0] === first.width && boxes.scale[1] === first.height;
  const scale = isShare ? ([size.width, size.height] as const) : boxes.scale;
  const own: BoxReading = { ...boxes, scale, anchors };
  return { ...reading, size, boxes: { ...own, points: boxes.points && pointsOf(own, rows, size) } };
}

/** Where rows stand on the picture, which says what is inside an object; undefined if nothing tells. */
export function pointsOf(
  { anchors, grid, format }: BoxReading,
  rows: number,
  { width, height }: Size,
): number[] | undefined {
  if (anchors !== undefined) {
    // A middle that is predicted counts from the corner of its cell, and lies somewhere in it.
    const shift = grid === undefined || format === 'ltrb' ? 0 : 0.5;
    return anchors.flatMap((it) => [it.x + shift * it.width, it.y + shift * it.height]);
  }
  const cells = cellsOf(rows, height, width);
  return cells && anchorsAt(cells, { offset: 0.5, isPixels: false }).flatMap(({ x, y }) => [x, y]);
}
