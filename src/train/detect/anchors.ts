/**
 * Anchors of detectors whose file holds none of them, from a description (RetinaFace, arXiv:1905.00641; SSD, arXiv:1512.02325):
 * grids over the picture, finest first, some boxes around the middle of each cell.
 */
import { GnSwapError } from '../../errors.ts';
import type { Anchor } from '../../measure/boxes/grid.ts';
import type { AnchorLayout } from './types.ts';

/**
 * Lays out anchors in the order of a detector's rows.
 *
 * @param counts how many rows each of its outputs of boxes holds, in the order in which they are read
 * @param isMaps whether all cells of the first anchor come before those of the second, as in maps; else anchors of a cell are neighbours
 * @throws GnSwapError `invalid-arguments` if they are not as many as the rows
 */
export function anchorsOf(
  { strides, sizes, offset = 0.5 }: AnchorLayout,
  { width, height }: { readonly width: number; readonly height: number },
  counts: readonly number[],
  isMaps: boolean,
): Anchor[] {
  const grids = strides.map((stride, level) => {
    const own = sizes[level] ?? [];
    const at = typeof offset === 'number' ? offset : (offset[level] ?? 0.5);
    const columns = Math.ceil(width / stride);
    const cells = Math.ceil(height / stride) * columns;
    return Array.from({ length: cells * own.length }, (_, index): Anchor => {
      const cell = isMaps ? index % cells : Math.floor(index / own.length);
      const [w, h] = own[isMaps ? Math.floor(index / cells) : index % own.length] ?? [0, 0];
      const [x, y] = [(cell % columns) + at, Math.floor(cell / columns) + at];
      return { x: x * stride, y: y * stride, width: w, height: h };
    });
  });
  const anchors = inOrderOf(grids, counts).flat();
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (anchors.length === rows) return anchors;
  throw new GnSwapError('invalid-arguments', `${anchors.length} anchors are described, and there are ${rows}`, {
    node: '--anchors',
    remedy: `Give strides and sizes that make ${rows} for a picture of ${width} × ${height}${cellsOf(strides, width, height)}`,
  });
}

/** Sorts grids as the outputs stand: files may answer the coarsest first, as insightface's RetinaFace does. */
function inOrderOf(grids: readonly (readonly Anchor[])[], counts: readonly number[]): readonly (readonly Anchor[])[] {
  const left = [...grids];
  const sorted = counts.flatMap((count) => {
    const at = left.findIndex(({ length }) => length === count);
    return at < 0 ? [] : left.splice(at, 1);
  });
  return sorted.length === grids.length ? sorted : grids;
}

/** How many cells the grids have, for who has to find the sizes. */
function cellsOf(strides: readonly number[], width: number, height: number): string {
  const cells = strides.map((stride) => `${Math.ceil(width / stride) * Math.ceil(height / stride)} at ${stride}`);
  return `; the grids have ${cells.join(', ')} cells`;
}
