/** What is run for docs/evidence.md, in its order: what is asked most comes first. */
import type { RowName } from '../../src/options/rows.ts';
import { ROW_NAMES } from '../../src/options/rows.ts';

/** One comparison. */
export interface Job {
  readonly subject: string;
  readonly shift: string;
  /** Training samples. */
  readonly count: number;
  readonly epochs: number;
  readonly batches: readonly number[];
  readonly seeds: number;
  readonly rows: readonly RowName[];
}

const ALL = ROW_NAMES;
const FEW: readonly RowName[] = ['none', 'bn-frozen', 'bn-train', 'gn-calibrated'];

const job = (subject: string, shift: string, count: number, epochs: number, more: Partial<Job> = {}): Job => ({
  subject,
  shift,
  count,
  epochs,
  batches: [1],
  seeds: 3,
  rows: ALL,
  ...more,
});

const BATCHES = [1, 2, 4, 8, 16];

/** What an answer needs at least; batch renorm, layer, instance and copied norms are compared on digits. */
const CORE: readonly RowName[] = [
  'none',
  'bn-frozen',
  'bn-train',
  'bn-re-estimated',
  'gn-calibrated',
  'gn-8',
  'gn-adapted',
  'gn-32-adapted',
];

/** The full run. */
export const FULL: readonly Job[] = [
  job('digits', 'severe', 100, 3, { batches: BATCHES }),
  ...['modality', 'new classes', 'mild', 'none'].map((shift) => job('digits', shift, 100, 3)),
  job('shapes', 'modality', 100, 3),
  job('segments', 'severe', 100, 3),
  job('retinaface', 'severe', 40, 3, { rows: CORE }),
  job('shapes', 'severe', 100, 3, { batches: BATCHES }),
  job('deep', 'severe', 100, 3, { batches: BATCHES, rows: CORE }),
  job('deep', 'severe', 400, 3, { seeds: 2, rows: CORE }),
  ...['new classes', 'mild', 'none'].map((shift) => job('shapes', shift, 100, 3)),
  ...['modality', 'new classes', 'mild', 'none'].map((shift) => job('segments', shift, 100, 3)),
  job('ocr-classifier', 'notes', 100, 3),
  job('common-det', 'new classes', 60, 1, { seeds: 2 }),
  ...['severe', 'mild', 'modality', 'none'].map((shift) => job('ocr-classifier', shift, 100, 3)),
  job('ocr-detector', 'dusk', 64, 1),
  ...['severe', 'modality', 'new classes', 'mild', 'none'].map((shift) => job('digits', shift, 100, 1)),
  ...['severe', 'modality'].map((shift) => job('segments', shift, 100, 1, { seeds: 2, rows: CORE })),
  job('shapes', 'severe', 100, 1, { seeds: 2, rows: CORE }),
  ...['shapes', 'digits', 'segments'].flatMap((name) => [
    job(name, 'severe', 20, 3),
    job(name, 'severe', 400, 3, { seeds: 2 }),
    job(name, 'severe', 100, 12),
  ]),
];

/** Ten minutes: two rows of each answer, to see that they repeat. */
export const QUICK: readonly Job[] = [
  job('ocr-classifier', 'notes', 100, 3, { seeds: 1, rows: FEW }),
  job('shapes', 'severe', 100, 3, { batches: [1, 16], seeds: 2, rows: FEW }),
  job('digits', 'severe', 100, 3, { batches: [1, 16], seeds: 2, rows: FEW }),
];

/** A comparison with something of the swap not as usual. */
export interface Variant extends Job {
  /** As a table calls it. */
  readonly variant: string;
  readonly groups?: number | 'paper';
  /** Unlabelled inputs that the swap is solved from. */
  readonly samples?: number;
}

const SOLVED: readonly RowName[] = ['bn-re-estimated', 'gn-calibrated'];

/** What else is changed, in turn. 8 groups, and 32 of the adapted reference, are rows of their own. */
const CHANGES: readonly Pick<Variant, 'variant' | 'groups' | 'samples' | 'rows'>[] = [
  { variant: '1 group', groups: 1, rows: ['gn-calibrated', 'gn-adapted'] },
  { variant: '4 groups', groups: 4, rows: ['gn-calibrated', 'gn-adapted'] },
  { variant: '8 groups', groups: 8, rows: ['gn-adapted'] },
  { variant: '32 groups', groups: 32, rows: ['gn-calibrated'] },
  { variant: '8 inputs', samples: 8, rows: SOLVED },
  { variant: '24 inputs', samples: 24, rows: SOLVED },
];

/** What groups and the number of inputs change where group norm learns something. */
export const VARIANTS: readonly Variant[] = [
  job('digits', 'severe', 100, 3),
  job('ocr-classifier', 'modality', 100, 3),
  job('deep', 'severe', 100, 3),
  job('digits', 'severe', 400, 3),
].flatMap((at) => CHANGES.map((change) => ({ ...at, ...change })));
