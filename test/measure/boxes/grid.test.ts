import { expect } from 'chai';
import { cellsOf, fitsGrid } from '../../../src/measure/boxes/grid.ts';

describe('cellsOf', () => {
  it('lays out the usual levels, finest first and row by row', () => {
    // 416 pixels: 52² + 26² + 13².
    const cells = cellsOf(3549, 416, 416);
    expect(cells).to.have.length(3549);
    expect(cells?.[0]).to.deep.equal({ column: 0, row: 0, stride: 8 });
    expect(cells?.[53]).to.deep.equal({ column: 1, row: 1, stride: 8 });
    expect(cells?.[52 * 52]).to.deep.equal({ column: 0, row: 0, stride: 16 });
    expect(cells?.at(-1)).to.deep.equal({ column: 12, row: 12, stride: 32 });
  });

  it('knows wide pictures, and other sets of strides', () => {
    expect(cellsOf(40 * 80 + 20 * 40 + 10 * 20, 320, 640)?.[80]).to.deep.equal({ column: 0, row: 1, stride: 8 });
    expect(cellsOf(13 * 13 + 26 * 26, 416, 416)?.[0]?.stride).to.equal(16);
  });

  it('lays out nothing where rows are no cells, or several share one', () => {
    expect(cellsOf(3550, 416, 416)).to.equal(undefined);
    expect(cellsOf(3 * 3549, 416, 416)).to.equal(undefined);
    expect(fitsGrid(3 * 3549, 416, 416)).to.equal(true);
    expect(fitsGrid(3550, 416, 416)).to.equal(false);
  });
});
