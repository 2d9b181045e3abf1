/**
 * Sites that share their parameters stay together: a head that a detector applies to every level of its pyramid is one Conv and
 * one norm in the network, and several nodes in the file.
 */
import type { Site } from './types.ts';

/** Marks the sites of one graph that use the very same tensors; each of the others is on its own. */
export function tieSites(sites: readonly Site[]): Site[] {
  const count = new Map<string, number>();
  for (const site of sites) count.set(keyOf(site), (count.get(keyOf(site)) ?? 0) + 1);
  return sites.map((site) => {
    const { tied, ...alone } = site;
    if (tied === undefined) return site;
    return (count.get(keyOf(site)) ?? 0) > 1 ? { ...alone, tied: keyOf(site) } : alone;
  });
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
