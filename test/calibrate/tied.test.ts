import { expect } from 'chai';
import type { SiteStatistics } from '../../src/calibrate/statistics.ts';
import { poolTied } from '../../src/calibrate/tied.ts';
import { plan } from '../../src/plan/index.ts';
import { siteOf } from '../support/site.ts';

const statisticsOf = (...values: number[]): SiteStatistics => {
  const list = Float64Array.from(values);
  return { meanX: list, varianceX: list, meanY: list, varianceY: list, covariance: list };
};

describe('calibrate/tied', () => {
  const sites = plan(
    [siteOf({ name: 'a', tied: 't' }), siteOf({ name: 'b' }), siteOf({ name: 'c', tied: 't' })],
    17,
  ).sites;
  const [a, b, c] = sites;
  if (a === undefined || b === undefined || c === undefined) throw new RangeError('not planned');

  it('gives every member what is known of all, sample by sample', () => {
    const collected = new Map([
      [a, statisticsOf(1, 2)],
      [b, statisticsOf(3)],
      [c, statisticsOf(4)],
    ]);
    const pooled = poolTied(sites, collected);
    expect([...(pooled.get(a)?.meanX ?? [])]).to.deep.equal([1, 2, 4]);
    expect(pooled.get(c)).to.equal(pooled.get(a));
    expect(pooled.get(b)).to.equal(collected.get(b));
  });

  it('leaves out a member of which nothing is known', () => {
    const pooled = poolTied(sites, new Map([[a, statisticsOf(1, 2)]]));
    expect([...(pooled.get(a)?.meanX ?? [])]).to.deep.equal([1, 2]);
    expect(pooled.has(c)).to.equal(false);
  });
});
