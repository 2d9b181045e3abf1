/** Where the rows of a detector stand, if they are the cells of grids over the picture. */

/** A cell of a grid: its place in cells, and the side of a cell in pixels. */
export interface Cell {
  readonly column: number;
  readonly row: number;
  readonly stride: number;
}

/** What the numbers of a row count from, and by, in pixels: a point and the sides of a box around it. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How numbers that count from a cell are to be read. */
export interface GridReading {
  /** Where in its cell they start: 0 in its upper left corner, 0.5 in its middle. */
  readonly offset: number;
  /** Whether they count pixels, and not cells. */
  readonly isPixels: boolean;
}

/** Strides that detectors have, most common first. */
const STRIDES: readonly (readonly number[])[] = [
  [8, 16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
  [16, 32],
  [8, 16, 32, 64, 128],
  [16, 32, 64],
  [8],
  [16],
  [32],
  [4],
];
/** Strides of a single level. */
const LEVELS = [8, 16, 32, 64, 128, 4] as const;
/** Anchors that share a cell, most common first. */
const PER_CELL = [1, 3, 2] as const;

/**
 * Lays out the cells of a detector, level by level and row by row, finest first.
 *
 * @param count of its anchors
 * @param height of the picture in pixels, as the model is given it
 * @returns undefined if no usual grids have so many cells, or several anchors share a cell: their order is not known then
 */
export function cellsOf(count: number, height: number, width: number): Cell[] | undefined {
  return stridesOf(count, height, width, 1)?.flatMap((stride) => cellsAt(stride, height, width));
}

/**
 * Lays out the cells of a detector that has an output for each level, in the order of its outputs.
 *
 * @param counts rows of each output
 * @param isMaps whether rows are those of maps, in which anchors that share a cell are no neighbours
 */
export function cellsOfLevels(
  counts: readonly number[],
  height: number,
  width: number,
  isMaps: boolean,
): Cell[] | undefined {
  for (const each of counts.length > 1 ? PER_CELL : []) {
    const strides = counts.map((count) => LEVELS.find((it) => each * countAt(it, height, width) === count));
    if (strides.includes(undefined) || new Set(strides).size < counts.length || (isMaps && each > 1)) continue;
    return (strides as number[]).flatMap((stride) => {
      return cellsAt(stride, height, width).flatMap((cell) => new Array<Cell>(each).fill(cell));
    });
  }
  return cellsOf(
    counts.reduce((sum, it) => sum + it, 0),
    height,
    width,
  );
}

/** What numbers that count from cells count from, and by. */
export function anchorsAt(cells: readonly Cell[], { offset, isPixels }: GridReading): Anchor[] {
  return cells.map(({ column, row, stride }) => {
    const side = isPixels ? 1 : stride;
    return { x: (column + offset) * stride, y: (row + offset) * stride, width: side, height: side };
  });
}

/** Whether so many rows are the cells of usual grids over a picture of that size. */
export function fitsGrid(count: number, height: number, width: number): boolean {
  // A single grid has a round number of cells, as other tables have of rows.
  return PER_CELL.some((each) => (stridesOf(count, height, width, each)?.length ?? 0) > 1);
}

function cellsAt(stride: number, height: number, width: number): Cell[] {
  const columns = Math.ceil(width / stride);
  return Array.from({ length: countAt(stride, height, width) }, (_, index) => {
    return { column: index % columns, row: Math.floor(index / columns), stride };
  });
}

function countAt(stride: number, height: number, width: number): number {
  return Math.ceil(height / stride) * Math.ceil(width / stride);
}

function stridesOf(count: number, height: number, width: number, each: number): readonly number[] | undefined {
  return STRIDES.find((strides) => {
    return each * strides.reduce((sum, it) => sum + countAt(it, height, width), 0) === count;
  });
}
