/**
 * y = γ′ (x − m)/√(v + ε) + β′, one mean m and variance v per sample and group of channels.
 *
 * x: [N, C, D₁, …]; m, v: [N, G]; γ′, β′: [C]. Y. Wu and K. He, *Group Normalization*, 2018, arXiv:1803.08494.
 */
import type { Site } from '../find/types.ts';
import type { Grouping, GroupOptions, Norm } from './types.ts';

/** Bounds of the `auto` rule; what they were measured on stands in docs/decisions.md. */
export const AUTO_GROUPS = { most: 32, leastChannels: 16 } as const;

export const group: Norm = {
  name: 'group',
  tag: 'gn',
  summary: 'GroupNormalization: one mean and variance per sample and group of channels',
  groupsFor,
  forms: ['native', 'reduce', 'instance', 'instance-conv'],
};

function groupsFor({ channels }: Site, { groups = 'auto', channelsPerGroup }: GroupOptions): Grouping {
  if (channelsPerGroup !== undefined) {
    const chosen = channels / largestDivisor(channels, channelsPerGroup);
    return channels / chosen === channelsPerGroup
      ? { groups: chosen }
      : {
          groups: chosen,
          note: `${channelsPerGroup} channels a group do not divide ${channels}; ${channels / chosen} do`,
        };
  }
  if (groups === 'auto') return { groups: autoGroups(channels) };
  const chosen = largestDivisor(channels, groups);
  return chosen === groups
    ? { groups: chosen }
    : { groups: chosen, note: `${groups} groups do not divide ${channels} channels; ${chosen} do` };
}

/** The largest divisor G of C that keeps to {@link AUTO_GROUPS}, else 1. */
export function autoGroups(channels: number): number {
  for (let groups = Math.min(AUTO_GROUPS.most, channels); groups > 1; groups--) {
    if (channels % groups === 0 && channels / groups >= AUTO_GROUPS.leastChannels) return groups;
  }
  return 1;
}

function largestDivisor(channels: number, most: number): number {
  let divisor = Math.max(1, Math.min(most, channels));
  while (channels % divisor !== 0) divisor--;
  return divisor;
}
