import { expect } from 'chai';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { bySite, siteAxis } from '../../../src/report/sections/site-axis.ts';

const outcomeOf = (...names: string[]) =>
  ({ plan: { sites: names.map((name) => ({ site: { name, path: '' } })) } }) as unknown as Outcome;
const many = (count: number) => outcomeOf(...Array.from({ length: count }, (_, at) => `bn${at}`));

describe('report/sections/site-axis', () => {
  it('numbers what is told of sites as the table does, and leaves out what is of none', () => {
    const list = [{ name: 'ünïcödé' }, { name: 'gone' }, { name: 'a' }];
    expect(bySite(outcomeOf('a', 'ünïcödé'), list)).to.deep.equal([
      { name: 'ünïcödé', index: 2 },
      { name: 'a', index: 1 },
    ]);
    expect(bySite({} as Outcome, list)).to.deep.equal([]);
  });

  it('has a few whole numbers as ticks, the first site among them', () => {
    for (const count of [0, 1, 2, 7, 8, 9, 35, 100, 1600, 100_000]) {
      const { x } = siteAxis(many(count));
      const ticks = x?.ticks as number[];
      expect(ticks.length, String(count)).to.be.within(1, 10);
      expect(ticks[0], String(count)).to.equal(1);
      expect(
        ticks.every((it) => Number.isInteger(it) && it <= Math.max(1, count)),
        String(count),
      ).to.equal(true);
      expect(x?.domain, String(count)).to.deep.equal([0.5, Math.max(1, count) + 0.5]);
    }
  });
});
