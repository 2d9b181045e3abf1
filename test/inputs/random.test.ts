import { expect } from 'chai';
import { Random } from '../../src/inputs/random.ts';

describe('Random', () => {
  it('gives the sequence of mulberry32', () => {
    // From the reference implementation in C, seed 1, divided by 2³².
    const random = new Random(1);
    const first = [random.uniform(), random.uniform(), random.uniform()].map((value) => Math.round(value * 2 ** 32));
    expect(first).to.deep.equal([2693262067, 11749833, 2265367787]);
  });

  it('repeats itself for the same seed, and differs for another', () => {
    const draw = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.normal());
    };
    expect(draw(7)).to.deep.equal(draw(7));
    expect(draw(7)).not.to.deep.equal(draw(8));
  });

  it('is standard normal in its first four moments', () => {
    const random = new Random(2);
    const values = Array.from({ length: 100_000 }, () => random.normal());
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    // Standard errors of the moments of 1e5 samples: 0.003, 0.0045, 0.012, 0.03. Five of them, and the seed is fixed.
    expect(moment(1)).to.be.closeTo(0, 0.016);
    expect(moment(2)).to.be.closeTo(1, 0.023);
    expect(moment(3)).to.be.closeTo(0, 0.06);
    expect(moment(4)).to.be.closeTo(3, 0.16);
  });

  it('draws whole numbers evenly below a bound', () => {
    const random = new Random(3);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) {
      const drawn = random.integer(5);
      counts[drawn] = (counts[drawn] as number) + 1;
    }
    expect(counts).to.have.length(5);
    // 2000 each, standard deviation 40.
    for (const count of counts) expect(count).to.be.closeTo(2000, 200);
  });
});
