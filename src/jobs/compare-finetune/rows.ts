/** What is compared by training: each row a way to treat the norms, from the simplest on. */
import type { TrainedBatchNorm } from '../../gradient/batch-norm.ts';
import { ROW_NAMES, type RowName } from '../../options/rows.ts';
import type { SwapOptions } from '../options.ts';

export type { RowName };

/** One way to go about it. */
export interface Row {
  readonly name: RowName;
  /** As a table and a sentence call it. */
  readonly title: string;
  /** `none` trains nothing; `source` trains the file as it is; `statistics` and `swap` rewrite it first. */
  readonly kind: 'none' | 'source' | 'statistics' | 'swap';
  /** What norms that are BatchNormalization do while training. */
  readonly batchNorm: TrainedBatchNorm;
  /** How the file is rewritten first. */
  readonly swap: Pick<SwapOptions, 'to' | 'init' | 'reference' | 'groups'> | undefined;
  /** Whether the rewrite takes inputs. */
  readonly takesInputs: boolean;
}

const source = { swap: undefined, takesInputs: false } as const;
const swapped = { kind: 'swap', batchNorm: 'frozen', takesInputs: true } as const;

/** From the simplest on: of rows that can't be told apart, the first is advised. */
export const ROWS: readonly Row[] = [
  { name: 'none', title: 'no training', kind: 'none', batchNorm: 'frozen', ...source },
  { name: 'bn-frozen', title: 'BN frozen', kind: 'source', batchNorm: 'frozen', ...source },
  { name: 'bn-train', title: 'BN in training mode', kind: 'source', batchNorm: 'train', ...source },
  { name: 'bn-renorm', title: 'BN as batch renorm', kind: 'source', batchNorm: 'renorm', ...source },
  {
    name: 'bn-re-estimated',
    title: 'BN re-estimated, then frozen',
    kind: 'statistics',
    batchNorm: 'frozen',
    swap: { to: 'batch' },
    takesInputs: true,
  },
  { name: 'gn-statistics', title: 'GN from statistics', ...swapped, swap: { to: 'group' }, takesInputs: false },
  { name: 'gn-calibrated', title: 'GN calibrated', ...swapped, swap: { to: 'group' } },
  { name: 'gn-8', title: 'GN calibrated, 8 groups', ...swapped, swap: { to: 'group', groups: 8 } },
  {
    name: 'gn-adapted',
    title: 'GN calibrated, reference adapted',
    ...swapped,
    swap: { to: 'group', reference: 'adapted' },
  },
  {
    name: 'gn-32-adapted',
    title: 'GN calibrated, 32 groups, reference adapted',
    ...swapped,
    swap: { to: 'group', groups: 32, reference: 'adapted' },
  },
  { name: 'layer', title: 'layer norm, calibrated', ...swapped, swap: { to: 'layer' } },
  { name: 'instance', title: 'instance norm, calibrated', ...swapped, swap: { to: 'instance' } },
  {
    name: 'gn-copy',
    title: 'GN with γ and β copied',
    ...swapped,
    swap: { to: 'group', init: 'copy' },
    takesInputs: false,
  },
];

/** What is compared if nobody says: all but batch renorm, another training mode, and the copied γ and β, which are a recipe to avoid. */
export const USUAL_ROWS: readonly RowName[] = ROW_NAMES.filter((name) => name !== 'gn-copy' && name !== 'bn-renorm');

/** The row of a name. */
export function rowNamed(name: RowName): Row {
  return ROWS.find((row) => row.name === name) as Row;
}
