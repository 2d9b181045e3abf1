import { expect } from 'chai';
import { relativeGap } from '../../src/runtime/gap.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('runtime/gap', () => {
  it('is the largest difference over the largest number that was wanted', () => {
    expect(relativeGap([1, -8, 3], [1, -8, 4])).to.equal(1 / 8);
    expect(relativeGap([100, 1], [1, 1])).to.equal(99);
    expect(relativeGap([], [])).to.equal(0);
    expect(relativeGap([0], [-0])).to.equal(0);
  });

  it('asks nothing of the digits of numbers that are all tiny', () => {
    expect(relativeGap([2e-8], [1e-8])).to.be.closeTo(1e-5, 1e-12);
  });

  it('is nothing for infinities and NaN of both, which hide no other difference', () => {
    expect(relativeGap([inf, -inf, nan, 2], [inf, -inf, nan, 2])).to.equal(0);
    expect(relativeGap([-inf, 3, 2], [-inf, 4, 2])).to.equal(1 / 4);
  });

  it('is infinite where one is finite or NaN and the other is not, wherever that stands, and for other lengths', () => {
    for (const [a, b] of [
      [inf, 1],
      [1, inf],
      [inf, -inf],
      [nan, 1],
      [1, nan],
      [nan, inf],
    ] as const) {
      expect(relativeGap([a, 1], [b, 2]), `${a} ${b}`).to.equal(inf);
      expect(relativeGap([1, a], [2, b]), `${a} ${b}`).to.equal(inf);
    }
    expect(relativeGap([1], [1, 1])).to.equal(inf);
  });
});
