/** What a report shows of a file that was run, whether it was rewritten or checked. */

import type { Outcome } from '../jobs/outcome.ts';
import type { Drift } from '../measure/drift.ts';
import type { Verification } from '../verify/verification.ts';

/** Of the file against float64 and, where there is a source, against that. */
export function proofOf({ verification, check }: Outcome): Verification | undefined {
  return verification ?? check?.verification;
}

/** From the source; none where there is no source. */
export function driftOf({ verification, check }: Outcome): readonly Drift[] {
  return check === undefined ? (verification?.drift ?? []) : check.drift;
}

/** Names of the sites, in the order of the table of sites. */
export function siteNames({ plan, check }: Outcome): string[] {
  return plan?.sites.map(({ site }) => site.name) ?? check?.sites.map(({ name }) => name) ?? [];
}
