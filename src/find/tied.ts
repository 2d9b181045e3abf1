/**
 * Sites that share their parameters stay together: a head that a detector applies to every level of its pyramid is one Conv and
 * one norm in the network, and several nodes in the file.
 */
import type { Site } from './types.ts';

/** A site that its finder has not given away yet. */
type Fresh = Omit<Site, 'tied'> & { tied?: string | undefined };

/** Marks the sites of one graph that use the very same tensors, in place; each of the others is on its own. */
export function tieSites(sites: Fresh[]): Site[] {
  const count = new Map<string, number>();
  for (const { tied } of sites) if (tied !== undefined) count.set(tied, (count.get(tied) ?? 0) + 1);
  // Most sites share nothing, and are not looked at further.
  const isShared = ({ tied }: Site) => tied !== undefined && (count.get(tied) ?? 0) > 1;
  const keys = new Map<string, number>();
  for (const site of sites) if (isShared(site)) keys.set(keyOf(site), (keys.get(keyOf(site)) ?? 0) + 1);
  for (const site of sites) {
    if (site.tied === undefined) continue;
    const key = isShared(site) ? keyOf(site) : '';
    site.tied = (keys.get(key) ?? 0) > 1 ? key : undefined;
  }
  return sites;
}

/** What sites must have in common to be tied. */
function keyOf({ pattern, path, tied = '', channels, epsilon, elementType }: Site): string {
  return JSON.stringify([pattern, path, tied, channels, epsilon, elementType]);
}

/** The members of each tie of two or more, in their order. */
export function tiesOf<T extends { readonly site: Site }>(plans: readonly T[]): T[][] {
  const ties = new Map<string, T[]>();
  for (const it of plans) {
    if (it.site.tied !== undefined) ties.set(it.site.tied, [...(ties.get(it.site.tied) ?? []), it]);
  }
  return [...ties.values()].filter((members) => members.length > 1);
}
