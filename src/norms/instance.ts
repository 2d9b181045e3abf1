/**
 * y = γ′ (x − m)/√(v + ε) + β′, one mean m and variance v per sample and channel: group norm with C groups.
 *
 * x: [N, C, D₁, …]; m, v: [N, C]; γ′, β′: [C]. D. Ulyanov, A. Vedaldi and V. Lempitsky, *Instance Normalization*, 2016,
 * arXiv:1607.08022. What a channel's mean and spread said of a sample is gone after it, which trained models live on:
 * docs/norms/instance.md has what was measured.
 */
import { grouped } from './grouped.ts';
import type { Norm } from './types.ts';

const KEEPS_LITTLE = 'instance norm keeps little of a trained model (docs/norms/instance.md); --to group keeps more';

export const instance: Norm = {
  ...grouped,
  name: 'instance',
  tag: 'in',
  summary: 'InstanceNormalization: one mean and variance per sample and channel; keeps little of a trained model',
  freeGroups: false,
  groupsFor: ({ channels }) => ({ groups: channels }),
  parameters: (site, groups, init) => {
    const solved = grouped.parameters(site, groups, init);
    return { ...solved, notes: [...solved.notes, KEEPS_LITTLE] };
  },
  check: (site, groups) => {
    const reason = grouped.check(site, groups);
    return reason && { ...reason, remedy: 'Use --to group or --to layer' };
  },
};
