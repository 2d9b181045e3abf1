/**
 * y = γ′ (x − m)/√(v + ε) + β′, one mean m and variance v per sample: group norm with a single group.
 *
 * x: [N, C, D₁, …]; m, v: [N, 1]; γ′, β′: [C]. J. L. Ba, J. R. Kiros and G. E. Hinton, *Layer Normalization*, 2016,
 * arXiv:1607.06450.
 */
import { grouped } from './grouped.ts';
import type { Norm } from './types.ts';

export const layer: Norm = {
  ...grouped,
  name: 'layer',
  tag: 'ln',
  summary: 'LayerNormalization over channels and positions: one mean and variance per sample',
  forms: ['native', 'reduce', 'instance', 'instance-conv', 'native-trainable'],
  freeGroups: false,
  groupsFor: () => ({ groups: 1 }),
};
