/** What a report shows of a file that was run, whether it was rewritten or checked. */

import type { Outcome } from '../jobs/outcome.ts';
import type { Drift } from '../measure/drift.ts';
import type { Verification } from '../verify/verification.ts';

/** Of the file against float64 and, where there is a source, against that. */
export function proofOf({ verification, check }: Outcome): Verification | undefined {
  return verification ?? check?.verification;
}

/**
 * From the source; none if there is no source. None either on random input, unless the norm computes the source's own function or
 * the user set a limit: how far another function is from it on noise means nothing.
 */
export function driftOf(outcome: Outcome): readonly Drift[] {
  const { verification, check } = outcome;
  const proof = proofOf(outcome);
  const isLimited = proof?.checks.some(({ name, status }) => name === 'drift' && status !== 'skipped') ?? false;
  if (proof?.inputs === 'made' && !proof.isSame && !isLimited) return [];
  return check === undefined ? (verification?.drift ?? []) : check.drift;
}

/** Names of the sites, in the order of the table of sites. */
export function siteNames({ plan, check }: Outcome): string[] {
  return plan?.sites.map(({ site }) => site.name) ?? check?.sites.map(({ name }) => name) ?? [];
}
