/** Sites with one γ and one β are solved as one: from what the data tell of all of them together. */
import { tiesOf } from '../find/tied.ts';
import type { SitePlan } from '../plan/index.ts';
import { joinStatistics, type SiteStatistics } from './statistics.ts';

/**
 * The statistics of every site; of tied ones, those of all members, in which each sample counts once at each place.
 *
 * @param collected a member without statistics is left out
 */
export function poolTied(
  sites: readonly SitePlan[],
  collected: ReadonlyMap<SitePlan, SiteStatistics>,
): ReadonlyMap<SitePlan, SiteStatistics> {
  const pooled = new Map(collected);
  for (const members of tiesOf(sites)) {
    const known = members.filter((it) => collected.has(it));
    const all = joinStatistics(known.map((it) => collected.get(it) as SiteStatistics));
    for (const it of known) pooled.set(it, all);
  }
  return pooled;
}
