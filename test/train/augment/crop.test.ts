import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { crop } from '../../../src/train/augment/crop.ts';

describe('crop', () => {
  it('keeps the shape, and reaches most of the range of sizes and shifts on each side', () => {
    const size = { height: 100, width: 400 };
    const found = Array.from({ length: 2000 }, (_, seed) => {
      const { xx, yy, xy, yx, x0, y0 } = crop.draw(new Random(seed), size);
      expect([xx, xy, yx]).to.deep.equal([yy, 0, 0]);
      return [xx, xx * 200 + x0 - 200, yy * 50 + y0 - 50] as const;
    });
    for (const [index, [low, high]] of [
      [0.9, 1.1],
      [-20, 20],
      [-5, 5],
    ].entries() as IterableIterator<[number, [number, number]]>) {
      const values = found.map((it) => it[index] as number);
      const margin = 0.02 * (high - low);
      expect(Math.min(...values)).to.be.within(low - 1e-9, low + margin);
      expect(Math.max(...values)).to.be.within(high - margin, high + 1e-9);
      // Five standard errors of a uniform mean.
      const mean = values.reduce((sum, it) => sum + it, 0) / values.length;
      expect(mean).to.be.closeTo((low + high) / 2, (5 * (high - low)) / Math.sqrt(12 * values.length));
    }
  });
});
