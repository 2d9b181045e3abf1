import { expect } from 'chai';
import { bestGroups, groupFits, regroup } from '../../src/calibrate/groups.ts';
import { solve } from '../../src/calibrate/solve.ts';
import { momentsFor, type SiteStatistics } from '../../src/calibrate/statistics.ts';
import { Random } from '../../src/inputs/random.ts';
import { groupsWithin, PAPER_GROUPS } from '../../src/norms/group.ts';
import { statistics as init } from '../../src/norms/inits/statistics.ts';
import { plan, type SitePlan } from '../../src/plan/index.ts';
import { plainStatistics, siteOf } from '../support/site.ts';

function planned(channels: number, groups: number | 'paper' = 'paper'): SitePlan {
  const random = new Random(2);
  const variance = Float64Array.from({ length: channels }, () => 0.5 + random.uniform());
  const site = siteOf({ channels, statistics: { ...plainStatistics(channels), variance } });
  return plan([site], 17, { groups }).sites[0] as SitePlan;
}

/** y is a line of what x becomes with those groups; each sample and each group has a mean and a scale of its own. */
function made(channels: number, groups: number, samples = 6): SiteStatistics {
  const random = new Random(5);
  const size = channels / groups;
  const empty = () => new Float64Array(samples * channels);
  const [meanX, varianceX, meanY, varianceY, covariance] = [empty(), empty(), empty(), empty(), empty()];
  for (let start = 0; start < samples * channels; start += size) {
    const [shift, scale] = [3 * random.normal(), Math.exp(random.normal())];
    // Channels of a group that have mean 0 and variance 1 together, whatever the sample: shifted and scaled by it.
    const offsets = Float64Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 0.5 : -0.5));
    for (let i = 0; i < size; i++) {
      const at = start + i;
      meanX[at] = shift + scale * (offsets[i] as number);
      varianceX[at] = scale ** 2 * 0.75;
      meanY[at] = 2 * (offsets[i] as number);
      varianceY[at] = 4 * 0.75;
      covariance[at] = 2 * scale * 0.75;
    }
  }
  return { meanX, varianceX, meanY, varianceY, covariance };
}

describe('groupFits', () => {
  it('tries the divisors of C up to the paper’s G', () => {
    const counts = (channels: number) => groupFits(planned(channels), made(channels, 1)).map(({ groups }) => groups);
    expect(counts(64)).to.deep.equal([1, 2, 4]);
    expect(counts(96)).to.deep.equal([1, 2, 3, 4, 6]);
    expect(counts(12)).to.deep.equal([1]);
    expect(Math.max(...counts(2048))).to.equal(groupsWithin(2048, PAPER_GROUPS));
  });

  it('tells of each what a line explains, with the init that goes with it', () => {
    const it = planned(64);
    const found = made(64, 4);
    for (const { groups, r2 } of groupFits(it, found)) {
      const initial = init.parameters(it.site.statistics, groups, it.epsilon);
      expect(r2).to.equal(solve(momentsFor(found, 64, groups, it.epsilon), initial).r2);
    }
  });

  it('explains all where groups are scaled together, and less with fewer groups than that', () => {
    for (const groups of [1, 2, 4]) {
      const fits = groupFits(planned(64), made(64, groups));
      for (const fit of fits) {
        // ε of 1e-5 beside variances of about 1.
        if (fit.groups >= groups) expect(fit.r2, `${fit.groups} of ${groups}`).to.be.closeTo(1, 1e-3);
        else expect(fit.r2, `${fit.groups} of ${groups}`).to.be.below(0.9);
      }
    }
  });

  it('explains the less the more groups there are, where how groups differ is what matters', () => {
    const { meanX, varianceX } = made(64, 4);
    const same = { meanX, varianceX, meanY: meanX, varianceY: varianceX, covariance: varianceX };
    const [one, two, four] = groupFits(planned(64), same).map(({ r2 }) => r2) as [number, number, number];
    expect(one).to.be.above(two);
    expect(two).to.be.above(four);
  });
});

describe('bestGroups', () => {
  it('takes the best fit, and of equals the most groups', () => {
    expect(
      bestGroups([
        { groups: 1, r2: 0.5 },
        { groups: 2, r2: 0.7 },
        { groups: 4, r2: 0.6 },
      ]),
    ).to.equal(2);
    expect(
      bestGroups([
        { groups: 1, r2: 0.7 },
        { groups: 2, r2: 0.7 },
        { groups: 4, r2: 0.6 },
      ]),
    ).to.equal(2);
    expect(bestGroups([{ groups: 1, r2: 0.7 }])).to.equal(1);
  });
});

describe('regroup', () => {
  it('changes groups and what the init makes of them, and nothing else', () => {
    const before = planned(64);
    const after = regroup(before, 2);
    const { scale, bias } = init.parameters(before.site.statistics, 2, before.epsilon);
    expect(after).to.deep.equal({ ...before, groups: 2, scale, bias });
    expect(after.scale).to.not.deep.equal(before.scale);
  });

  it('is the very same plan for the same groups', () => {
    const it = planned(64);
    expect(regroup(it, it.groups)).to.equal(it);
  });
});
