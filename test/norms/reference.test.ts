import { expect } from 'chai';
import fc from 'fast-check';
import { Random } from '../../src/inputs/random.ts';
import { groupReference } from '../../src/norms/reference.ts';
import { naiveGroupNorm } from '../support/naive.ts';

const U = 2 ** -53;

/** Shapes [N, C, …] of rank 2 to 5 with a divisor of C, data for them, γ′ and β′. */
const cases = fc
  .record({
    samples: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 4 }),
    size: fc.integer({ min: 1, max: 4 }),
    spatial: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    epsilon: fc.constantFrom(1e-5, 1e-3, 0.1),
  })
  .chain(({ samples, groups, size, spatial, epsilon }) => {
    const channels = groups * size;
    const dims = [samples, channels, ...spatial];
    const count = dims.reduce((product, dim) => product * dim, 1);
    const numbers = (length: number, max: number) =>
      fc.array(fc.double({ min: -max, max, noNaN: true }), { minLength: length, maxLength: length });
    return fc.record({
      dims: fc.constant(dims),
      groups: fc.constant(groups),
      channels: fc.constant(channels),
      epsilon: fc.constant(epsilon),
      x: numbers(count, 100),
      scale: numbers(channels, 10),
      bias: numbers(channels, 10),
    });
  });

describe('norms/reference', () => {
  it('computes an example that was worked out by hand', () => {
    // Group 1: 1, 3, 5, 7, mean 4, variance 5; group 2: all 2, so β′.
    const x = [1, 3, 5, 7, 2, 2, 2, 2];
    const norm = { channels: 4, groups: 2, epsilon: 4, scale: [3, 6, 1, 1], bias: [0, 1, 10, 20] };
    const { values, magnitude } = groupReference(x, [1, 4, 2], norm);
    expect([...values]).to.deep.equal([-3, -1, 3, 7, 10, 10, 20, 20]);
    // |γ′|·7/3 + |y| in the first group, 1·2/2 + |y| in the second.
    expect([...magnitude]).to.deep.equal([10, 8, 17, 21, 11, 11, 21, 21]);
  });

  it('agrees with a second oracle on any shape', () => {
    fc.assert(
      fc.property(cases, ({ dims, groups, channels, epsilon, x, scale, bias }) => {
        const first = groupReference(x, dims, { channels, groups, epsilon, scale, bias });
        const second = naiveGroupNorm(x, dims, groups, epsilon, scale, bias);
        for (let i = 0; i < x.length; i++) {
          // Both are rounded some 16 times a number; sums are of up to 256 terms. Denormal numbers have no 53 bits.
          const bound = 300 * U * (second.magnitude[i] as number) + 1e-300;
          expect(Math.abs((first.values[i] as number) - (second.values[i] as number))).to.be.at.most(bound);
          expect(first.magnitude[i]).to.be.closeTo(second.magnitude[i] as number, bound);
        }
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('errs by a few roundings whatever the length, against exact whole numbers', () => {
    const count = 1 << 17;
    const random = new Random(8);
    // Multiples of 2⁻⁵² in [1, 2), so that sums and squares are exact as BigInt.
    const x = Float64Array.from({ length: count }, () => 1 + random.uniform() + random.uniform() * 2 ** -32).map(
      (value) => (value < 2 ? value : value - 1),
    );
    const whole = Array.from(x, (value) => BigInt(value * 2 ** 52));
    const [n, sum] = [BigInt(count), whole.reduce((all, value) => all + value, 0n)];
    const squares = whole.reduce((all, value) => all + value * value, 0n);
    const deviation = Math.sqrt(Number(n * squares - sum * sum));
    const norm = { channels: 2, groups: 1, epsilon: 0, scale: [1, 1], bias: [0, 0] };
    const { values } = groupReference(x, [1, 2, count / 2], norm);
    for (let i = 0; i < count; i++) {
      const exact = Number(n * (whole[i] as bigint) - sum) / deviation;
      // The mean, near 1.5, is off by up to 2 u, which is 7 u of the deviation 0.29, and |y| < 2 takes four roundings.
      expect(Math.abs((values[i] as number) - exact)).to.be.below(16 * U);
    }
  });

  it('keeps its digits in long sums of large numbers', () => {
    // The mean is 1e8 + 1/2 and the variance 1/4, both exact; with ε = 0 the answers are −1 and 1.
    const x = Float64Array.from({ length: 1_000_000 }, (_, i) => 1e8 + (i % 2));
    const norm = { channels: 4, groups: 1, epsilon: 0, scale: [1, 1, 1, 1], bias: [0, 0, 0, 0] };
    const { values } = groupReference(x, [1, 4, 250_000], norm);
    expect(values.every((value, i) => value === (i % 2 === 0 ? -1 : 1))).to.equal(true);
  });

  it('normalises every sample by itself', () => {
    const norm = { channels: 2, groups: 1, epsilon: 1e-5, scale: [1, 2], bias: [0, 1] };
    const [a, b] = [
      [1, 2, 3, 5],
      [-4, 0, 100, 7],
    ] as const;
    const both = groupReference([...a, ...b], [2, 2, 2], norm);
    for (const [index, one] of [a, b].entries()) {
      const alone = groupReference(one, [1, 2, 2], norm);
      expect([...both.values.subarray(4 * index, 4 * index + 4)]).to.deep.equal([...alone.values]);
    }
  });

  it('is layer norm for one group and instance norm for one channel a group', () => {
    const x = [1, 2, 4, 8, -3, 0];
    const norm = { channels: 3, epsilon: 0, scale: [1, 1, 1], bias: [0, 0, 0] };
    const instance = groupReference(x, [1, 3, 2], { ...norm, groups: 3 }).values;
    expect([...instance]).to.deep.equal([-1, 1, -1, 1, -1, 1]);
    const layer = groupReference(x, [1, 3, 2], { ...norm, groups: 1 }).values;
    // Over all six: mean 0 and mean square 1.
    expect(layer.reduce((sum, value) => sum + value, 0)).to.be.closeTo(0, 10 * U);
    expect(layer.reduce((sum, value) => sum + value ** 2, 0)).to.be.closeTo(6, 100 * U);
  });
});
