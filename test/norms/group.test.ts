import { expect } from 'chai';
import fc from 'fast-check';
import type { Site } from '../../src/find/types.ts';
import { AUTO_GROUPS, autoGroups, group, groupsWithin, PAPER_GROUPS } from '../../src/norms/group.ts';
import { siteOf } from '../support/site.ts';

const channels = fc.integer({ min: 1, max: 4096 });
const counts = fc.integer({ min: 1, max: 5000 });

const site = (count: number): Site => siteOf({ channels: count });

function divisors(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1).filter((divisor) => count % divisor === 0);
}

describe('norms/group', () => {
  it('takes a number of groups that divides, and says nothing', () => {
    expect(group.groupsFor(site(32), { groups: 8 })).to.deep.equal({ groups: 8 });
    expect(group.groupsFor(site(7), { groups: 7 })).to.deep.equal({ groups: 7 });
  });

  it('takes the largest divisor below a number that does not divide, and says so', () => {
    expect(group.groupsFor(site(40), { groups: 32 })).to.deep.equal({
      groups: 20,
      note: '40 channels cannot be split into 32 groups; using 20',
    });
    expect(group.groupsFor(site(8), { groups: 32 })).to.deep.equal({
      groups: 8,
      note: '8 channels cannot be split into 32 groups; using 8',
    });
  });

  it('takes channels a group likewise', () => {
    expect(group.groupsFor(site(32), { channelsPerGroup: 16 })).to.deep.equal({ groups: 2 });
    expect(group.groupsFor(site(40), { channelsPerGroup: 16 })).to.deep.equal({
      groups: 4,
      note: '40 channels cannot be split into groups of 16; using groups of 10',
    });
  });

  it('asks for auto where nothing is asked for', () => {
    for (const count of [1, 7, 24, 64, 512]) {
      expect(group.groupsFor(site(count), {})).to.deep.equal(group.groupsFor(site(count), { groups: 'auto' }));
      expect(group.groupsFor(site(count), {})).to.deep.equal({ groups: autoGroups(count) });
    }
  });

  it("takes at most 32 groups of at least 32 channels where asked for 'auto'", () => {
    for (const [count, groups] of [
      [1, 1],
      [32, 1],
      [48, 1],
      [64, 2],
      [80, 2],
      [200, 5],
      [1024, 32],
      [2048, 32],
    ] as const) {
      expect(group.groupsFor(site(count), { groups: 'auto' }).groups, `${count} channels`).to.equal(groups);
    }
  });

  it("follows the paper: 32 groups or 16 channels a group, whichever is fewer groups, where asked for 'paper'", () => {
    for (const [count, groups] of [
      [1, 1],
      [16, 1],
      [32, 2],
      [48, 3],
      [64, 4],
      [256, 16],
      [512, 32],
      [2048, 32],
      // A prime, and twice one.
      [31, 1],
      [62, 2],
    ] as const) {
      expect(group.groupsFor(site(count), { groups: 'paper' }).groups, `${count} channels`).to.equal(groups);
    }
  });

  it('always divides the channels; the rules keep to their bounds, and no larger divisor does', () => {
    fc.assert(
      fc.property(channels, fc.constantFrom(AUTO_GROUPS, PAPER_GROUPS), (count, bounds) => {
        const groups = groupsWithin(count, bounds);
        const fitting = divisors(count).filter(
          (divisor) => divisor <= bounds.most && count / divisor >= bounds.leastChannels,
        );
        expect(groups).to.equal(fitting.at(-1) ?? 1);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('never takes more groups, or more channels a group, than asked for, and the most there are', () => {
    fc.assert(
      fc.property(channels, counts, fc.boolean(), (count, wanted, perGroup) => {
        const { groups, note } = group.groupsFor(
          site(count),
          perGroup ? { channelsPerGroup: wanted } : { groups: wanted },
        );
        const chosen = perGroup ? count / groups : groups;
        const most = divisors(count).filter((divisor) => divisor <= wanted);
        expect(chosen).to.equal(most.at(-1));
        expect(note === undefined).to.equal(chosen === wanted);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
