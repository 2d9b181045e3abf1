/** Groups from data: each site's G by how well a line from x̂ to y can do. */
import type { Site } from '../find/types.ts';
import { formNamed } from '../forms/index.ts';
import { groupsWithin, PAPER_GROUPS } from '../norms/group.ts';
import { statistics as fromStatistics } from '../norms/inits/statistics.ts';
import type { SitePlan } from '../plan/index.ts';
import { whyLosesDigits } from '../plan/loses-digits.ts';
import { solve } from './solve.ts';
import { momentsBy, type SiteStatistics } from './statistics.ts';

/** A number of groups, and the share of the variance of y that it can explain. */
export interface GroupFit {
  readonly groups: number;
  readonly r2: number;
}

/** The fit of every G that divides C and is no more than the paper's rule gives, by ascending G. */
export function groupFits({ site, channels, epsilon }: SitePlan, statistics: SiteStatistics): GroupFit[] {
  const most = groupsWithin(channels, PAPER_GROUPS);
  const candidates = Array.from({ length: most }, (_, index) => index + 1).filter((groups) => channels % groups === 0);
  const momentsOf = momentsBy(statistics, channels, epsilon);
  return candidates.map((groups) => ({ groups, r2: solve(momentsOf(groups), initial(site, groups)).r2 }));
}

/**
 * The G that explains most; of equals, the largest. Why not more groups than the paper's, and why not fewer for their own
 * sake, stands with the measurements in docs/measurements/calibration.md.
 */
export function bestGroups(fits: readonly GroupFit[]): number {
  // NaN, where nothing varies, is beaten by none: then the most groups.
  return fits.reduce((best, fit) => (fit.r2 < best.r2 ? best : fit)).groups;
}

/** The same site with another G, the `statistics` init that goes with it, and a form that loses no digits with it. */
export function regroup(plan: SitePlan, groups: number): SitePlan {
  if (groups === plan.groups) return plan;
  const { site, norm, form, exactForm = form, notes } = plan;
  const why = whyLosesDigits(formNamed(form), site, norm, groups);
  const regrouped = { ...plan, groups, ...initial(site, groups) };
  if (why === undefined || exactForm === form) return regrouped;
  return { ...regrouped, form: exactForm, notes: [...notes, `form ${exactForm} instead of ${form}: ${why}`] };
}

function initial({ statistics, epsilon }: Site, groups: number) {
  return fromStatistics.parameters(statistics, groups, epsilon);
}
