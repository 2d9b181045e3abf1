/** What train.py wrote: a line a run, and what follows from it. */

/** In the order in which they are shown; train.py has the same names. */
export const METHODS = {
  bn: 'BN, batch statistics',
  'bn-frozen': 'BN, frozen',
  copy: 'GN, `--init copy`',
  statistics: 'GN, `--init statistics`',
  calibrate: 'GN, `--calibrate`',
} as const;

export type Method = keyof typeof METHODS;

/** One run of training. */
export interface Run {
  readonly method: Method;
  readonly batch: number;
  readonly rate: number;
  readonly seed: number;
  /** Quality on the test data before training. */
  readonly before: number;
  /** Quality on the validation data. */
  readonly validation: number;
  /** Quality on the test data; only where the rate was the one that was best on the validation data. */
  readonly test: number | undefined;
  /** The same where BatchNormalization takes the statistics of batches of the size that it was trained with, not its running ones. */
  readonly byBatch: number | undefined;
}

/** What one method reaches at one batch, over the seeds. */
export interface Cell {
  readonly method: Method;
  readonly batch: number;
  /** The rate that the search chose. */
  readonly rate: number;
  readonly before: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  readonly seeds: number;
  /** The mean over the seeds of {@link Run.byBatch}. */
  readonly byBatch: number | undefined;
}

const COLUMNS = ['method', 'batch', 'rate', 'seed', 'before', 'validation', 'test', 'by_batch'];
const UNKNOWN = '-';

/**
 * Reads the lines.
 * @throws RangeError naming the line that is none of a run
 */
export function readRuns(text: string): Run[] {
  const [header, ...lines] = text.trimEnd().split('\n');
  if (header !== COLUMNS.join('\t')) throw new RangeError(`the columns are not ${COLUMNS.join(', ')}`);
  return lines.map((line, index) => {
    const [method = '', ...fields] = line.split('\t');
    const numbers = fields.map((field) => (field === UNKNOWN ? undefined : Number(field || NaN)));
    const [batch, rate, seed, before, validation, test, byBatch] = numbers;
    const needed = [batch, rate, seed, before, validation];
    if (!isMethod(method) || fields.length !== 7 || needed.includes(undefined) || numbers.some(Number.isNaN)) {
      throw new RangeError(`line ${index + 2} is no run: ${line}`);
    }
    return { method, batch, rate, seed, before, validation, test, byBatch } as Run;
  });
}

/**
 * A cell for each method and batch, in the order of the runs.
 * @throws RangeError where a method and batch was tested at no rate, or at several
 */
export function cellsOf(runs: readonly Run[]): Cell[] {
  const keys = [...new Set(runs.map(keyOf))];
  return keys.map((key) => {
    const group = runs.filter((run) => keyOf(run) === key);
    const tested = group.filter((run) => run.test !== undefined);
    const [first] = tested;
    if (first === undefined || tested.some(({ rate }) => rate !== first.rate)) {
      throw new RangeError(`${key} was not tested at one rate`);
    }
    const { method, batch, rate, before } = first;
    const scores = tested.map(({ test }) => test as number);
    const [least, most] = [Math.min(...scores), Math.max(...scores)];
    const byBatch = first.byBatch === undefined ? undefined : meanOf(tested.map((run) => run.byBatch as number));
    return { method, batch, rate, before, mean: meanOf(scores), least, most, seeds: scores.length, byBatch };
  });
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, it) => sum + it, 0) / numbers.length;
}

function keyOf({ method, batch }: Run): string {
  return `${method} at a batch of ${batch}`;
}

function isMethod(name: string): name is Method {
  return name in METHODS;
}
