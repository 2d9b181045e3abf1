import { expect } from 'chai';
import { badStatistics } from '../../src/find/bad-statistics.ts';
import type { Statistics } from '../../src/find/types.ts';

const of = (...numbers: number[]) => Float64Array.from(numbers);
const good: Statistics = { scale: of(1, -2), bias: of(0, 3), mean: of(-1, 1), variance: of(0, 5e-324) };

describe('badStatistics', () => {
  it('has nothing against negative γ, and variances of 0 or next to it', () => {
    expect(badStatistics(good)).to.equal(undefined);
  });

  it('names the first channel whose variance is negative, NaN or infinite', () => {
    for (const value of [-1e-30, Number.NaN, Number.POSITIVE_INFINITY]) {
      const found = badStatistics({ ...good, variance: of(1, value) });
      expect(found?.code).to.equal('bad-statistics');
      expect(found?.reason).to.equal(`the running variance of channel 1 is ${value}`);
    }
  });

  it('says that γ, β or μ holds what is no finite number', () => {
    for (const role of ['scale', 'bias', 'mean'] as const) {
      for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
        expect(badStatistics({ ...good, [role]: of(1, value) })?.reason).to.equal('γ, β or μ holds NaN or infinity');
      }
    }
  });
});
