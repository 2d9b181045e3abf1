/** Options of `gn-swap compare --finetune`: what was typed → what the comparison is told. */
import { GnSwapError } from '../errors.ts';
import { type LabelledTask, TRAINED_TASKS } from '../inputs/labelled/options.ts';
import { nearest } from '../options/nearest.ts';
import { ROW_NAMES, type RowName } from '../options/rows.ts';
import { type FinetuneCall, finetuneCall, names, positive } from './finetune.ts';
import { type RawArguments, text, wrong } from './values.ts';

/** What was typed of a comparison by training. */
export interface ComparisonCall {
  readonly finetune: FinetuneCall;
  readonly rows: readonly RowName[] | undefined;
  readonly batches: readonly number[] | undefined;
  readonly seeds: number | undefined;
  /** Path of the file of finished runs. */
  readonly runs: string | undefined;
}

/** Short, because every row is trained. */
const EPOCHS = 3;

/** Options that say nothing without --finetune. */
const ONLY = [
  ...[
    'rows',
    'batches',
    'seeds',
    'runs',
    'data',
    'val',
    'epochs',
    'lr',
    'train',
    'freeze',
    'classes',
    'old-classes',
    'head',
  ],
  ...['augment', 'weight-decay', 'loss', 'loss-of', 'optimizer', 'clip', 'anchors', 'variances'],
];

/**
 * Reads what `compare --finetune` is told.
 *
 * @returns undefined for other calls
 * @throws GnSwapError `invalid-arguments` naming the option
 */
export function comparisonCall(raw: RawArguments): ComparisonCall | undefined {
  if (raw.finetune !== true) {
    const alone = isCompare(raw) ? ONLY.find((name) => raw[name] !== undefined) : undefined;
    if (alone === undefined) return undefined;
    throw wrong(alone, 'only applies with --finetune', `Add --finetune, or drop --${alone}`, { set: { finetune: '' } });
  }
  const task = taskOf(raw);
  return {
    finetune: finetuneCall({ ...raw, task }, EPOCHS),
    rows: rows(raw),
    batches: batches(raw),
    seeds: positive(raw, 'seeds'),
    runs: text(raw, 'runs'),
  };
}

/** The labelled samples, which a comparison cannot do without; asked before any file is opened. */
export function requireLabelled({ data }: FinetuneCall): string {
  if (data !== undefined) return data;
  throw new GnSwapError('invalid-arguments', 'compare --finetune needs labelled samples', {
    remedy: 'Use --data DIR; docs/data.md shows the layouts',
    next: { set: { data: 'DIR' } },
  });
}

/** What is to be learned, as it was typed or as the samples are laid out. */
export function requireMeant(task: LabelledTask | undefined): LabelledTask {
  if (task !== undefined) return task;
  throw new GnSwapError('invalid-arguments', 'nothing says what is to be learned', {
    remedy: 'Use --task classify (or segment, detect, regress)',
    next: { set: { task: 'classify' } },
  });
}

/** Commands that always train, or differentiate, have a default for these. */
function isCompare({ accumulate, wrt }: RawArguments): boolean {
  return accumulate === undefined && wrt === undefined;
}

function taskOf(raw: RawArguments): LabelledTask | undefined {
  const given = raw.task === undefined ? [] : [raw.task].flat().map(String);
  const [task, second] = given;
  if (second !== undefined) throw wrong('task', 'is given more than once', 'Set it once', { set: { task: second } });
  if (task === undefined) return undefined;
  const known = TRAINED_TASKS.filter((name) => name !== 'distill');
  const found = known.find((name) => name === task);
  if (found !== undefined) return found;
  const meant = nearest(task, known) ?? 'classify';
  throw wrong('task', `is ${JSON.stringify(task)}`, `With --finetune, use one of ${known.join(', ')}`, {
    set: { task: meant },
  });
}

function rows(raw: RawArguments): readonly RowName[] | undefined {
  return names(raw, 'rows')?.map((name) => {
    const row = ROW_NAMES.find((it) => it === name);
    if (row !== undefined) return row;
    const meant = nearest(name, ROW_NAMES);
    const all = names(raw, 'rows')?.map((it) => (it === name ? (meant ?? 'bn-frozen') : it));
    throw wrong('rows', `has ${JSON.stringify(name)}, which is not a row`, `Use some of ${ROW_NAMES.join(', ')}`, {
      set: { rows: [...new Set(all)].join(',') },
    });
  });
}

function batches(raw: RawArguments): readonly number[] | undefined {
  const given = names(raw, 'batches');
  if (given === undefined) return undefined;
  const numbers = given.map(Number);
  const isRight = numbers.every((it) => Number.isInteger(it) && it >= 1 && it <= 4096);
  if (isRight && new Set(numbers).size === numbers.length) return numbers;
  throw wrong('batches', `is ${JSON.stringify(raw.batches)}`, 'Use different positive whole numbers, such as 1,4,16', {
    set: { batches: '1,4,16' },
  });
}
