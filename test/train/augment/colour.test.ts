import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { colour } from '../../../src/train/augment/colour.ts';

describe('colour', () => {
  it('draws each change from its own range, about what leaves colours as they are', () => {
    const drawn = Array.from({ length: 1000 }, (_, seed) => colour.draw(new Random(seed)));
    for (const [name, low, high] of [
      ['gain', 0.85, 1.15],
      ['bias', -12.75, 12.75],
      ['contrast', 0.8, 1.2],
      ['saturation', 0.7, 1.3],
    ] as const) {
      const values = drawn.map((it) => it[name]);
      const margin = 0.02 * (high - low);
      expect(Math.min(...values), name).to.be.within(low - 1e-9, low + margin);
      expect(Math.max(...values), name).to.be.within(high - margin, high + 1e-9);
    }
    // They are not one number in four ranges.
    const [first, last] = [drawn.map((it) => (it.gain - 1) / 0.15), drawn.map((it) => (it.saturation - 1) / 0.3)];
    const product = first.reduce((sum, it, at) => sum + it * (last[at] as number), 0) / drawn.length;
    expect(Math.abs(product)).to.be.below(0.06);
  });
});
