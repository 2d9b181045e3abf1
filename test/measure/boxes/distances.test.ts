import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import type { Box } from '../../../src/measure/boxes/box.ts';
import { countsPixels, isDistances, offsetOf } from '../../../src/measure/boxes/distances.ts';
import { type Cell, cellsOf } from '../../../src/measure/boxes/grid.ts';
import type { Table } from '../../../src/measure/boxes/table.ts';

const SIDE = 128;
const CELLS = cellsOf(16 * 16 + 8 * 8 + 4 * 4, SIDE, SIDE) as Cell[];
const SIZE = { height: SIDE, width: SIDE };

function tableOf(rows: readonly (readonly number[])[]): Table {
  return { pictures: 1, rows: rows.length, columns: 4, at: (_, row, column) => rows[row]?.[column] as number };
}

/** Distances of each cell to the sides of a box around it, of about four cells, in cells or pixels. */
function around(offset: number, isPixels = false, boxOf?: (cell: Cell) => Box): number[][] {
  const random = new Random(7);
  return CELLS.map((cell) => {
    const { stride, column, row } = cell;
    const [x, y] = [(column + offset) * stride, (row + offset) * stride];
    const side = () => (1 + 2 * random.uniform()) * stride;
    const [l, t, r, b] = boxOf?.(cell) ?? [x - side(), y - side(), x + side(), y + side()];
    return [x - l, y - t, r - x, b - y].map((it) => it / (isPixels ? 1 : stride));
  });
}

describe('isDistances', () => {
  it('knows distances in cells and in pixels', () => {
    expect(isDistances(tableOf(around(0.5)), CELLS, SIZE)).to.equal(true);
    expect(isDistances(tableOf(around(0)), CELLS, SIZE)).to.equal(true);
    expect(isDistances(tableOf(around(0.5, true)), CELLS, SIZE)).to.equal(true);
  });

  it('takes no boxes for distances, whatever their format and unit', () => {
    for (const unit of [1, SIDE]) {
      const boxes = (of: (l: number, t: number, r: number, b: number) => number[]) =>
        CELLS.map(({ column, row, stride }) => {
          const [x, y] = [(column + 0.5) * stride, (row + 0.5) * stride];
          return of(x - stride, y - 2 * stride, x + 1.5 * stride, y + stride).map((it) => it / unit);
        });
      for (const [format, of] of Object.entries({
        xyxy: (l: number, t: number, r: number, b: number) => [l, t, r, b],
        cxcywh: (l: number, t: number, r: number, b: number) => [(l + r) / 2, (t + b) / 2, r - l, b - t],
        xywh: (l: number, t: number, r: number, b: number) => [l, t, r - l, b - t],
      })) {
        expect(isDistances(tableOf(boxes(of)), CELLS, SIZE), `${format} by ${unit}`).to.equal(false);
      }
    }
  });

  it('takes no boxes for distances that a model without training has shrunk to points', () => {
    for (const side of [0, 0.01, 1]) {
      const points = CELLS.map(({ column, row, stride }) => {
        const [x, y] = [(column + 0.5) * stride, (row + 0.5) * stride];
        return [x - side, y - side, x + side, y + side];
      });
      expect(isDistances(tableOf(points), CELLS, SIZE), `${side}`).to.equal(false);
    }
  });

  it('takes rows of zeros for nothing, and does not tell by a few others', () => {
    const rows = around(0.5);
    expect(isDistances(tableOf(rows.map((it, row) => (row % 3 === 0 ? [0, 0, 0, 0] : it))), CELLS, SIZE)).to.equal(
      true,
    );
    expect(isDistances(tableOf(rows.map((it, row) => (row % 3 === 0 ? it : [0, 0, 0, 0]))), CELLS, SIZE)).to.equal(
      false,
    );
  });

  it('takes no offsets for distances, half of which are negative', () => {
    const random = new Random(2);
    const offsets = CELLS.map(() => [random.normal(), random.normal(), random.normal(), random.normal()]);
    expect(isDistances(tableOf(offsets), CELLS, SIZE)).to.equal(false);
  });
});

describe('countsPixels', () => {
  it('tells pixels by longer distances on coarse levels', () => {
    expect(countsPixels(tableOf(around(0.5, true)), CELLS, 1)).to.equal(true);
    expect(countsPixels(tableOf(around(0.5)), CELLS, 1)).to.equal(false);
  });

  it('takes distributions and a single level for cells', () => {
    expect(countsPixels(tableOf(around(0.5, true)), CELLS, 8)).to.equal(false);
    const one = CELLS.slice(0, 256);
    expect(countsPixels(tableOf(around(0.5, true).slice(0, 256)), one, 1)).to.equal(false);
  });
});

describe('offsetOf', () => {
  /** Cells of all levels that lie in one large object, and find it. */
  const object: Box = [30, 34, 98, 90];
  const found = CELLS.flatMap(({ column, row, stride }, place) => {
    const [x, y] = [(column + 0.5) * stride, (row + 0.5) * stride];
    const isIn = x > object[0] && x < object[2] && y > object[1] && y < object[3];
    return isIn ? [{ place, label: 1, score: 0.9 }] : [];
  });

  it('tells corners from middles by an object that several levels find', () => {
    for (const offset of [0, 0.5]) {
      expect(offsetOf(tableOf(around(offset, false, () => object)), CELLS, found, false)).to.equal(offset);
      expect(offsetOf(tableOf(around(offset, true, () => object)), CELLS, found, true)).to.equal(offset);
    }
  });

  it('takes the middle where nothing tells, and the corner where anchors share a cell', () => {
    const corner = tableOf(around(0, false, () => object));
    expect(offsetOf(corner, CELLS, [], false)).to.equal(0.5);
    const fine = found.filter(({ place }) => CELLS[place]?.stride === 8);
    expect(offsetOf(corner, CELLS, fine, false), 'one level').to.equal(0.5);
    const apart = found.map((it, label) => ({ ...it, label }));
    expect(offsetOf(corner, CELLS, apart, false), 'objects of different classes').to.equal(0.5);
    const shared = CELLS.flatMap((cell) => [cell, cell]);
    expect(offsetOf(corner, shared, [], false)).to.equal(0);
  });
});
