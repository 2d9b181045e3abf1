import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { ofSource } from '../../src/calibrate/of-source.ts';
import { solve } from '../../src/calibrate/solve.ts';
import { momentsFor, type SiteStatistics } from '../../src/calibrate/statistics.ts';
import { findSites } from '../../src/find/index.ts';
import { plan } from '../../src/plan/index.ts';

const C = 4;

/** What any run may have collected: of x, nothing that is true of the source. */
const COLLECTED: SiteStatistics = {
  meanX: new Float64Array(2 * C).fill(77),
  varianceX: new Float64Array(2 * C).fill(77),
  meanY: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  varianceY: Float64Array.of(1, 4, 9, 16, 1, 4, 9, 16),
  covariance: new Float64Array(2 * C).fill(77),
};

function siteOf(scale: readonly number[]) {
  const net = new Net();
  const norm = { scale, bias: [1, 0, -1, 2], mean: [0, 1, 2, 3], variance: [1, 2, 3, 4], epsilon: 0 };
  net.output(net.bn(net.input('x', [2, C, 3, 3]), C, norm));
  const [site] = plan(findSites(net.model()).sites, 17, { groups: 2 }).sites;
  if (site === undefined) throw new RangeError('nothing planned');
  return site;
}

describe('ofSource', () => {
  it('finds x from y, through the line that BatchNormalization is', () => {
    const scale = [2, -1, 0.5, 3];
    const { meanX, varianceX, covariance } = ofSource(siteOf(scale), COLLECTED);
    for (let i = 0; i < 2 * C; i++) {
      const c = i % C;
      const slope = (scale[c] as number) / Math.sqrt(c + 1);
      const y = slope * ((meanX[i] as number) - c) + ([1, 0, -1, 2][c] as number);
      expect(y).to.be.closeTo(COLLECTED.meanY[i] as number, 1e-12);
      expect(slope ** 2 * (varianceX[i] as number)).to.be.closeTo(COLLECTED.varianceY[i] as number, 1e-12);
      expect(slope * (varianceX[i] as number)).to.be.closeTo(covariance[i] as number, 1e-12);
    }
  });

  it('solves a site whose statistics are those of the data exactly, whatever was collected of x', () => {
    const it = siteOf([2, -1, 0.5, 3]);
    // One sample: its group norm and BatchNormalization are both lines of x.
    const part = (name: keyof SiteStatistics) => COLLECTED[name].subarray(0, C);
    const one = {
      meanX: part('meanX'),
      varianceX: part('varianceX'),
      meanY: part('meanY'),
      varianceY: part('varianceY'),
      covariance: part('covariance'),
    };
    const found = solve(momentsFor(ofSource(it, one), C, 2, 0), it);
    expect(found.r2).to.be.closeTo(1, 1e-12);
    expect(found.fallbacks).to.equal(0);
  });

  it('takes what training remembers of a channel whose γ is 0', () => {
    const { meanX, varianceX, covariance } = ofSource(siteOf([0, -1, 0.5, 3]), COLLECTED);
    expect([meanX[0], varianceX[0], covariance[0]]).to.deep.equal([0, 1, 0]);
  });
});
