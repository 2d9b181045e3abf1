/** What every norm must do that computes what the source does. */
import { expect } from 'chai';
import { FIXTURES } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import { searchOf, swapSearch } from './swapped.ts';
import { failedChecks, verifySwapped } from './verified.ts';

/**
 * Swaps every fixture: what is swapped is verified, drift included, what is left says why, and a second swap finds no more.
 *
 * @param leaves codes of sites that the norm may leave, beside what every norm leaves
 */
export function describeSameFunction(options: PlanOptions, leaves: readonly string[]): void {
  for (const fixture of FIXTURES) {
    if (fixture.sites === 0) continue;
    it(`${fixture.name}: answers as the source does, with ${JSON.stringify(options)}`, async () => {
      const search = await searchOf(fixture);
      const swapped = swapSearch(search, options);
      const left = swapped.plan.refusals.filter(({ code }) => leaves.includes(code));
      expect(swapped.sites.length + left.length).to.equal(
        fixture.sites + fixture.refusals.filter((code) => code === 'single-element-groups').length,
      );
      for (const { reason, remedy } of left) expect([reason, remedy].every((text) => text.length > 10)).to.equal(true);
      if (swapped.sites.length === 0) return;
      const norms = findSites(swapped.model).sites.filter(({ pattern }) => pattern === 'batch-normalization');
      expect(norms.length, 'norms that are left').to.equal(left.length);
      if (fixture.notRunnable !== undefined) return;
      const verification = await verifySwapped(fixture, swapped);
      expect(failedChecks(verification), JSON.stringify(verification.checks)).to.deep.equal([]);
      const drift = verification.checks.find(({ name }) => name === 'drift');
      expect(drift?.detail).to.include('computes the same function as the source');
    });
  }
}
