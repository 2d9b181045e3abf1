/**
 * y = γ′ (x − m)/√(v + ε) + β′, one mean m and variance v per sample and group of channels.
 *
 * x: [N, C, D₁, …]; m, v: [N, G]; γ′, β′: [C]. Y. Wu and K. He, *Group Normalization*, 2018, arXiv:1803.08494.
 */
import type { Site } from '../find/types.ts';
import { grouped } from './grouped.ts';
import type { Grouping, GroupOptions, Norm } from './types.ts';

/** Bounds on how the groups of a site are chosen. */
export interface GroupBounds {
  /** Of G. */
  readonly most: number;
  /** Of C/G; does not hold where C is smaller, or where no divisor of C keeps to it: G is 1 then. */
  readonly leastChannels: number;
}

/**
 * The `auto` rule: larger groups than the paper's, which keep more of a trained model where there is no data to calibrate
 * with. What it was measured on stands in docs/measurements/groups.md.
 */
export const AUTO_GROUPS: GroupBounds = { most: 32, leastChannels: 32 };

/** The `paper` rule: the paper's two good settings, 32 groups and 16 channels a group, whichever is fewer groups. */
export const PAPER_GROUPS: GroupBounds = { most: 32, leastChannels: 16 };

export const group: Norm = {
  ...grouped,
  name: 'group',
  tag: 'gn',
  summary: 'GroupNormalization: one mean and variance per sample and group of channels',
  freeGroups: true,
  groupsFor,
};

function groupsFor({ channels }: Site, { groups = 'auto', channelsPerGroup }: GroupOptions): Grouping {
  if (channelsPerGroup !== undefined) {
    const chosen = channels / largestDivisor(channels, channelsPerGroup);
    return channels / chosen === channelsPerGroup
      ? { groups: chosen }
      : {
          groups: chosen,
          note: `${channels} channels cannot be split into groups of ${channelsPerGroup}; using groups of ${channels / chosen}`,
        };
  }
  if (groups === 'auto') return { groups: autoGroups(channels) };
  if (groups === 'paper') return { groups: groupsWithin(channels, PAPER_GROUPS) };
  const chosen = largestDivisor(channels, groups);
  return chosen === groups
    ? { groups: chosen }
    : { groups: chosen, note: `${channels} channels cannot be split into ${groups} groups; using ${chosen}` };
}

/** G by the `auto` rule. */
export function autoGroups(channels: number): number {
  return groupsWithin(channels, AUTO_GROUPS);
}

/** The largest divisor G of C that keeps to the bounds, else 1. */
export function groupsWithin(channels: number, { most, leastChannels }: GroupBounds): number {
  for (let groups = Math.min(most, channels); groups > 1; groups--) {
    if (channels % groups === 0 && channels / groups >= leastChannels) return groups;
  }
  return 1;
}

function largestDivisor(channels: number, most: number): number {
  let divisor = Math.max(1, Math.min(most, channels));
  while (channels % divisor !== 0) divisor--;
  return divisor;
}
