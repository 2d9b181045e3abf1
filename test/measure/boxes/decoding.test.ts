import { expect } from 'chai';
import { decodingOf } from '../../../src/measure/boxes/decoding.ts';
import { type Cell, cellsOf } from '../../../src/measure/boxes/grid.ts';
import { detectionsOf } from '../../../src/measure/boxes/read.ts';
import type { Roles } from '../../../src/measure/boxes/roles/types.ts';
import type { Columns } from '../../../src/measure/boxes/table.ts';
import { floats, picture } from '../../support/answers.ts';

const CELLS = cellsOf(84, 64, 64) as Cell[];
const OBJECT = [10, 14, 46, 50] as const;

/** One object that every cell in it finds, as distances from points of cells. */
function found(offset: number, isPixels: boolean) {
  const rows = CELLS.map(({ column, row, stride }) => {
    const [x, y] = [(column + offset) * stride, (row + offset) * stride];
    const isIn = x > OBJECT[0] && x < OBJECT[2] && y > OBJECT[1] && y < OBJECT[3];
    const box = isIn ? OBJECT : [x - 2 * stride, y - 2 * stride, x + 2 * stride, y + 2 * stride];
    const [l = 0, t = 0, r = 0, b = 0] = box;
    return {
      chance: isIn ? 0.9 : 0.01,
      distances: [x - l, y - t, r - x, b - y].map((it) => it / (isPixels ? 1 : stride)),
    };
  });
  return {
    boxes: floats(
      [1, 84, 4],
      rows.flatMap(({ distances }) => distances),
    ),
    scores: floats(
      [1, 84, 1],
      rows.map(({ chance }) => chance),
    ),
  };
}

const columns = (output: string, to: number): Columns => ({ output, layout: 'nrc', from: 0, to });
const roles = (more: Partial<Roles> = {}): Roles => ({
  boxes: [columns('boxes', 4)],
  scores: [columns('scores', 1)],
  objectness: false,
  rows: 'anchors',
  kind: 'probability',
  beside: [],
  why: '',
  ...more,
});

describe('decodingOf', () => {
  for (const [offset, isPixels] of [
    [0, false],
    [0.5, false],
    [0, true],
    [0.5, true],
  ] as const) {
    it(`finds distances ${isPixels ? 'in pixels' : 'in cells'} from ${offset === 0 ? 'corners' : 'middles'} by what they are`, () => {
      const values = found(offset, isPixels);
      const inputs = picture(64, 64);
      for (const format of [undefined, 'anchors'] as const) {
        const decoding = decodingOf(values, inputs, roles({ format }), {});
        expect(decoding).to.deep.include({ format: 'ltrb', grid: { offset, isPixels } });
        const boxes = decoding && detectionsOf(values, inputs, roles(), decoding)?.pictures[0];
        expect(boxes?.length).to.be.above(10);
        for (const { box } of boxes ?? []) {
          for (const [i, it] of box.entries()) expect(it).to.be.closeTo(OBJECT[i] as number, 1e-4);
        }
      }
    });
  }

  it('believes what is said of them', () => {
    const said = { boxFormat: 'ltrb', boxUnit: 'pixels', boxOffset: 0.25 } as const;
    const decoding = decodingOf(found(0.5, false), picture(64, 64), roles(), said);
    expect(decoding?.grid).to.deep.equal({ offset: 0.25, isPixels: true });
    const other = decodingOf(found(0.5, false), picture(64, 64), roles(), { boxFormat: 'cxcywh' });
    expect(other).to.include({ format: 'cxcywh', grid: undefined });
  });

  it('takes found rows for no distances', () => {
    const decoding = decodingOf(found(0.5, false), picture(64, 64), roles({ rows: 'found' }), {});
    expect(decoding?.grid).to.equal(undefined);
  });
});
