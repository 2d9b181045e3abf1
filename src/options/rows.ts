/** The name of a row of `compare --finetune`. */
export type RowName =
  | 'none'
  | 'bn-frozen'
  | 'bn-train'
  | 'bn-renorm'
  | 'bn-re-estimated'
  | 'gn-statistics'
  | 'gn-calibrated'
  | 'gn-8'
  | 'gn-adapted'
  | 'gn-32-adapted'
  | 'layer'
  | 'instance'
  | 'gn-copy';

/** What `compare --finetune` can compare, from the simplest on. */
export const ROW_NAMES: readonly RowName[] = [
  'none',
  'bn-frozen',
  'bn-train',
  'bn-renorm',
  'bn-re-estimated',
  'gn-statistics',
  'gn-calibrated',
  'gn-8',
  'gn-adapted',
  'gn-32-adapted',
  'layer',
  'instance',
  'gn-copy',
];
