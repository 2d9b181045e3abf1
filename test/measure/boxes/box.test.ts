import { expect } from 'chai';
import fc from 'fast-check';
import { type Box, coveredOf, overlapOf } from '../../../src/measure/boxes/box.ts';

/** Counts the cells of a raster that lie in both boxes, and in either: corners are whole numbers, so it is exact. */
function counted(a: Box, b: Box): number {
  let [both, either] = [0, 0];
  const isIn = ([left, top, right, bottom]: Box, x: number, y: number) =>
    x >= left && x < right && y >= top && y < bottom;
  for (let x = 0; x < 12; x++) {
    for (let y = 0; y < 12; y++) {
      const [inA, inB] = [isIn(a, x, y), isIn(b, x, y)];
      if (inA && inB) both++;
      if (inA || inB) either++;
    }
  }
  return either === 0 ? Number.NaN : both / either;
}

describe('overlapOf', () => {
  it('is the share of cells that both cover, on boxes of whole cells', () => {
    const side = fc.integer({ min: 0, max: 12 });
    const box = fc
      .tuple(side, side, side, side)
      .map(([a, b, c, d]): Box => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)]);
    fc.assert(
      fc.property(box, box, (a, b) => {
        const expected = counted(a, b);
        if (!Number.isNaN(expected)) expect(overlapOf(a, b)).to.be.closeTo(expected, 1e-12);
      }),
      { seed: 1 },
    );
  });

  it('is 1 for the same box without an area, and 0 for another one', () => {
    expect(overlapOf([1, 1, 1, 1], [1, 1, 1, 1])).to.equal(1);
    expect(overlapOf([1, 1, 1, 1], [2, 2, 2, 2])).to.equal(0);
  });
});

describe('coveredOf', () => {
  it('is the share of the first box that lies in the second, whatever else that holds', () => {
    expect(coveredOf([0, 0, 4, 2], [1, 0, 100, 100])).to.equal(0.75);
    expect(coveredOf([1, 0, 100, 100], [0, 0, 4, 2])).to.be.closeTo(6 / 9900, 1e-12);
    expect(coveredOf([0, 0, 4, 2], [4, 0, 9, 9])).to.equal(0);
    expect(coveredOf([2, 2, 2, 5], [0, 0, 9, 9])).to.equal(0);
  });
});
