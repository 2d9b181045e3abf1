/** Where the anchors of a detector stand, if they are the cells of grids over the picture, finest first. */

/** A cell of a grid: its place in cells, and the side of a cell in pixels. */
export interface Cell {
  readonly column: number;
  readonly row: number;
  readonly stride: number;
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
/** Anchors that share a cell, most common first. */
const PER_CELL = [1, 3, 2] as const;

/**
 * Lays out the cells of a detector, level by level and row by row.
 *
 * @param count of its anchors
 * @param height of the picture in pixels, as the model is given it
 * @returns undefined if no usual grids have so many cells, or several anchors share a cell: their order is not known then
 */
export function cellsOf(count: number, height: number, width: number): Cell[] | undefined {
  const strides = stridesOf(count, height, width, 1);
  if (strides === undefined) return undefined;
  const cells: Cell[] = [];
  for (const stride of strides) {
    const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) cells.push({ column, row, stride });
    }
  }
  return cells;
}

/** Whether so many rows are the cells of usual grids over a picture of that size. */
export function fitsGrid(count: number, height: number, width: number): boolean {
  // A single grid has a round number of cells, as other tables have of rows.
  return PER_CELL.some((each) => (stridesOf(count, height, width, each)?.length ?? 0) > 1);
}

function stridesOf(count: number, height: number, width: number, each: number): readonly number[] | undefined {
  return STRIDES.find((strides) => {
    const cells = strides.map((stride) => Math.ceil(height / stride) * Math.ceil(width / stride));
    return cells.reduce((sum, it) => sum + it, 0) * each === count;
  });
}
