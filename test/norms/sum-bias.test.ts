import { expect } from 'chai';
import { Random } from '../../src/inputs/random.ts';
import { sumBias } from '../../src/norms/sum-bias.ts';

/** By how much a sum in float32 is too large, number by number in so many chains; the truth in float64. */
function measured(terms: Float32Array, chains: number): number {
  const sums = new Float32Array(chains);
  let exact = 0;
  for (let i = 0; i < terms.length; i++) {
    sums[i % chains] = (sums[i % chains] as number) + (terms[i] as number);
    exact += terms[i] as number;
  }
  return sums.reduce((sum, value) => sum + value, 0) - exact;
}

function numbers(count: number, of: (normal: number, place: number) => number): Float32Array {
  const random = new Random(4);
  return Float32Array.from({ length: count }, (_, place) => of(random.normal(), place));
}

describe('norms/sum-bias', () => {
  for (const chains of [1, 8]) {
    it(`foretells what squares lose in ${chains} chain${chains > 1 ? 's' : ''}, to a twentieth`, () => {
      for (const power of [1, 3]) {
        const x = numbers(1 << 20, (normal) => normal ** power);
        const about = 0.25;
        const squares = x.map((value) => (value - about) ** 2);
        const [told, found] = [sumBias(x, 0, x.length, { chains, row: x.length, about }), measured(squares, chains)];
        expect(found, `power ${power}`).to.be.below(0);
        // What is left is noise of 2²⁰ roundings of either sign.
        expect(Math.abs(told / found - 1), `power ${power}`).to.be.below(0.05);
      }
    });
  }

  it('foretells what numbers lose that are small beside one of them, whatever their sign', () => {
    for (const sign of [1, -1]) {
      const x = numbers(1 << 16, (normal, place) => sign * (place === 100 ? 1e8 : Math.abs(normal)));
      const [told, found] = [sumBias(x, 0, x.length, { chains: 1, row: x.length }), measured(x, 1)];
      expect(sign * found).to.be.below(-10_000);
      expect(told / found).to.be.closeTo(1, 1e-3);
    }
  });

  it('is nothing where each row is short, and nothing of numbers that need no rounding', () => {
    const x = numbers(1 << 20, (normal) => normal ** 3);
    const of = (row: number) => Math.abs(sumBias(x, 0, x.length, { chains: 8, row, about: 0 }));
    expect(of(64)).to.be.below(of(x.length) / 1e4);
    const whole = x.map((_, place) => place % 4);
    expect(sumBias(whole, 0, whole.length, { chains: 1, row: whole.length })).to.equal(0);
  });

  it('begins where it is told to', () => {
    const x = numbers(30_000, (normal) => normal ** 3);
    const sum = { chains: 1, row: 10_000, about: 0 };
    const parts = [0, 10_000, 20_000].map((start) => sumBias(x, start, 10_000, sum));
    expect(sumBias(x, 0, 30_000, sum)).to.be.closeTo(
      parts.reduce((a, b) => a + b),
      1e-9,
    );
  });
});
