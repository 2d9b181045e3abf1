import { expect } from 'chai';
import { Random } from '../../../bench/ocr/random.ts';

const take = (random: Random, count: number) => Array.from({ length: count }, () => random.next());

describe('bench/ocr/random', () => {
  it('repeats itself for a seed and a stream, and for no other', () => {
    expect(take(new Random(7, 1), 20)).to.deep.equal(take(new Random(7, 1), 20));
    expect(take(new Random(7, 1), 20)).to.not.deep.equal(take(new Random(8, 1), 20));
    expect(take(new Random(7, 1), 20)).to.not.deep.equal(take(new Random(7, 2), 20));
    expect(take(new Random(7, 1), 20)).to.not.deep.equal(take(new Random(1, 7), 20));
  });

  it('draws integers from low to high, both included', () => {
    const random = new Random(0);
    const drawn = new Set(Array.from({ length: 200 }, () => random.integer(-1, 2)));
    expect([...drawn].sort((a, b) => a - b)).to.deep.equal([-1, 0, 1, 2]);
  });

  it('has the moments of a uniform and of a normal distribution', () => {
    // 20,000 draws: the bounds are more than four standard errors wide.
    const count = 20_000;
    const random = new Random(1);
    const uniform = take(random, count);
    expect(uniform.reduce((a, b) => a + b) / count).to.be.closeTo(0.5, 0.01);
    const normal = Array.from({ length: count }, () => random.normal(3, 2));
    const mean = normal.reduce((a, b) => a + b) / count;
    expect(mean).to.be.closeTo(3, 0.06);
    const variance = normal.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    expect(Math.sqrt(variance)).to.be.closeTo(2, 0.05);
  });

  it('refuses to choose from nothing', () => {
    expect(() => new Random(0).choice([])).to.throw(RangeError, 'nothing to choose from');
  });
});
