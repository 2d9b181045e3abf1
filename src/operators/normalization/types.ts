/** Norms: the result is as the input. */
import { forEach, sameAsFirst, type TypeRule } from '../type-rule.ts';

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = forEach(
  'BatchNormalization GroupNormalization InstanceNormalization LRN LayerNormalization LpNormalization MeanVarianceNormalization',
  sameAsFirst,
);
