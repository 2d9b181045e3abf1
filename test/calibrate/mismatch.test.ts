import { expect } from 'chai';
import { mismatchAt, mismatchOf } from '../../src/calibrate/mismatch.ts';
import type { SiteStatistics } from '../../src/calibrate/statistics.ts';
import { plan, type SitePlan } from '../../src/plan/index.ts';
import { siteOf } from '../support/site.ts';

/** A site of that γ and β. */
function site(scale: readonly number[], bias: readonly number[]): SitePlan {
  const filled = (value: number) => new Float64Array(scale.length).fill(value);
  const statistics = {
    scale: Float64Array.from(scale),
    bias: Float64Array.from(bias),
    mean: filled(0),
    variance: filled(1),
  };
  return plan([siteOf({ channels: scale.length, statistics })], 17, { groups: 1 }).sites[0] as SitePlan;
}

/** Means and variances of y, sample by sample. */
function ofY(meanY: readonly number[], varianceY: readonly number[]): SiteStatistics {
  const other = new Float64Array(meanY.length);
  const own = { meanY: Float64Array.from(meanY), varianceY: Float64Array.from(varianceY) };
  return { ...own, meanX: other, varianceX: other, covariance: other };
}

describe('mismatchOf', () => {
  it('is 0 and 1 where y has mean β and variance γ²', () => {
    const found = new Map([[site([2, -3], [5, 7]), ofY([5, 7], [4, 9])]]);
    expect(mismatchOf(found)).to.deep.equal({ shift: 0, spread: 1 });
  });

  it('counts how many |γ| the mean is off, over all samples together', () => {
    // Means of 4 and 8 are a mean of 6, and a variance of 4 that comes on top.
    const found = new Map([[site([2], [2]), ofY([4, 8], [12, 12])]]);
    expect(mismatchOf(found)).to.deep.equal({ shift: 2, spread: 2 });
  });

  it('takes the median over the channels of all sites, dead ones aside', () => {
    const found = new Map([
      [site([1, 1], [0, 0]), ofY([1, 2], [1, 1])],
      [site([1, 0], [0, 0]), ofY([9, 50], [1, 99])],
    ]);
    expect(mismatchOf(found).shift).to.equal(2);
    const even = new Map([[site([1, 1], [0, 0]), ofY([1, 2], [1, 9])]]);
    expect(mismatchOf(even)).to.deep.equal({ shift: 1.5, spread: 2 });
  });

  it('knows nothing where no norm stands in the source', () => {
    expect(mismatchOf(new Map())).to.deep.equal({ shift: Number.NaN, spread: Number.NaN });
    expect(mismatchOf(new Map([[site([0], [0]), ofY([1], [1])]])).shift).to.deep.equal(Number.NaN);
  });
});

describe('mismatchAt', () => {
  it('is of one site alone, and unknown where the source has no living channel there', () => {
    expect(mismatchAt(site([2, 1], [2, 0]), ofY([4, 1, 8, 1], [12, 1, 12, 1]))).to.deep.equal({
      shift: 1.5,
      spread: 1.5,
    });
    expect(mismatchAt(site([0], [0]), ofY([1], [1]))).to.equal(undefined);
  });
});
