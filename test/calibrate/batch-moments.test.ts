import { expect } from 'chai';
import fc from 'fast-check';
import { type BatchMoments, mergeMoments } from '../../src/calibrate/batch-moments.ts';

/** Of one set of numbers in one channel, by the formulas. */
function momentsOf(numbers: readonly number[]): BatchMoments {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
  return { count: Float64Array.of(numbers.length), mean: Float64Array.of(mean), variance: Float64Array.of(variance) };
}

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });

describe('mergeMoments', () => {
  it('of sets of any sizes is that of all their numbers, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.array(number, { minLength: 1 }), { minLength: 1 }), (sets) => {
        const all = momentsOf(sets.flat());
        for (const order of [sets, sets.toReversed()]) {
          const merged = mergeMoments(order.map(momentsOf), 1);
          expect(merged.count[0]).to.equal(sets.flat().length);
          // Sums of up to 100 float64 numbers of up to 1e3, and of their squares.
          expect(merged.mean[0]).to.be.closeTo(all.mean[0] as number, 1e-10);
          expect(merged.variance[0]).to.be.closeTo(all.variance[0] as number, 1e-7);
        }
      }),
      { seed: 1 },
    );
  });

  it('keeps channels apart, takes several sets of one part, and nothing of an empty one', () => {
    const part = {
      count: Float64Array.of(1, 1, 3, 3, 0, 0),
      mean: Float64Array.of(0, 10, 4, 10, 99, 99),
      variance: Float64Array.of(0, 0, 0, 2, 99, 99),
    };
    const merged = mergeMoments([part], 2);
    expect([...merged.count]).to.deep.equal([4, 4]);
    expect([...merged.mean]).to.deep.equal([3, 10]);
    expect([...merged.variance]).to.deep.equal([3, 1.5]);
    expect(mergeMoments([], 1)).to.deep.equal({
      count: Float64Array.of(0),
      mean: Float64Array.of(0),
      variance: Float64Array.of(0),
    });
  });
});
