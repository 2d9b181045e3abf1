import { expect } from 'chai';
import { anchorsAt, cellsOf, cellsOfLevels, fitsGrid } from '../../../src/measure/boxes/grid.ts';

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

describe('cellsOfLevels', () => {
  it('lays out levels in the order of their outputs', () => {
    const cells = cellsOfLevels([4, 16, 64], 64, 64, false);
    expect(cells?.map(({ stride }) => stride)).to.deep.equal(
      [32, 16, 8].flatMap((it) => new Array((64 / it) ** 2).fill(it)),
    );
    expect(cells?.[3]).to.deep.equal({ column: 1, row: 1, stride: 32 });
    expect(cellsOfLevels([84], 64, 64, false)).to.deep.equal(cellsOf(84, 64, 64));
  });

  it('puts anchors that share a cell next to each other, but in maps', () => {
    const cells = cellsOfLevels([128, 32, 8], 64, 64, false);
    expect(cells?.slice(0, 3).map(({ column }) => column)).to.deep.equal([0, 0, 1]);
    expect(cells).to.have.length(168);
    expect(cellsOfLevels([128, 32, 8], 64, 64, true)).to.equal(undefined);
  });

  it('lays out nothing where levels are no grids', () => {
    expect(cellsOfLevels([64, 15], 64, 64, false)).to.equal(undefined);
    expect(cellsOfLevels([64, 64], 64, 64, false), 'twice the same').to.equal(undefined);
  });
});

describe('anchorsAt', () => {
  it('counts from corners or middles, in cells or pixels', () => {
    const cell = { column: 2, row: 3, stride: 8 };
    expect(anchorsAt([cell], { offset: 0, isPixels: false })).to.deep.equal([{ x: 16, y: 24, width: 8, height: 8 }]);
    expect(anchorsAt([cell], { offset: 0.5, isPixels: true })).to.deep.equal([{ x: 20, y: 28, width: 1, height: 1 }]);
  });
});
