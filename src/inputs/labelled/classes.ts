/** Labels as people write them, names or numbers → positions among the classes. */
import { GnSwapError } from '../../errors.ts';
import { naturalSort } from './folder.ts';
import type { LabelledOptions } from './options.ts';

/** A label as it is written, and where: `labels.csv:3`. */
export interface WrittenLabel {
  readonly text: string;
  readonly place: string;
}

export interface ResolvedLabels {
  readonly classes: readonly string[];
  readonly labels: readonly number[];
}

const WHOLE = /^\d+$/;
/** Ids and dates are not positions: a list of that many classes would fill the memory. */
const MOST_CLASSES = 1_000_000;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Names of classes in the order that the model has them in, if it has all: a file whose first output is `dog` must not learn that it is `cat`. */
export function asInModel(names: readonly string[], { modelClasses }: LabelledOptions): readonly string[] {
  return modelClasses !== undefined && names.every((name) => modelClasses.includes(name)) ? modelClasses : names;
}

/**
 * Resolves the labels of a data set. With names of the classes given, a label is one of them, or else a position. Without, labels that
 * are all numbers are positions among the model's classes; others are names, in the model's order if it has them all, or else the natural one.
 * Where classes have numbers for names that are not their positions, as digits from 1 or folders of some digits, a number is a name.
 *
 * @throws GnSwapError `invalid-data` for the first label that is neither, naming its place
 */
export function resolveLabels(written: readonly WrittenLabel[], options: LabelledOptions): ResolvedLabels {
  const { classes } = options;
  for (const { text, place } of written) {
    if (text === '')
      throw new GnSwapError('invalid-data', 'the label is empty', {
        file: place,
        remedy: 'Write the class, or remove the row',
      });
  }
  if (classes === undefined && !written.every(({ text }) => NUMBER.test(text))) {
    const names = asInModel(naturalSort(new Set(written.map(({ text }) => text))), options);
    const positions = new Map(names.map((name, label) => [name, label]));
    return { classes: names, labels: written.map(({ text }) => positions.get(text) ?? 0) };
  }
  const names = classes ?? numbered(written, options);
  const positions = new Map(names.map((name, label) => [name, label]));
  const areNumbersNames = names.some((name, label) => WHOLE.test(name) && name !== `${label}`);
  const labels = written.map(({ text, place }) => {
    const label = positions.get(text) ?? (WHOLE.test(text) && !areNumbersNames ? Number(text) : undefined);
    if (label === undefined) throw unknownClass(text, place, names);
    requireClass(label, names, place);
    return label;
  });
  return { classes: names, labels };
}

/**
 * Resolves labels that are positions by their format, whatever the classes are called: of the classes 1, 2 and 3, 1 is the second.
 *
 * @throws GnSwapError `invalid-data` for the first that is not a whole number, or out of range, naming its place
 */
export function resolvePositions(written: readonly WrittenLabel[], options: LabelledOptions): ResolvedLabels {
  for (const { text, place } of written) requireWhole(text, place);
  const { classes = numbered(written, options) } = options;
  for (const { text, place } of written) requireClass(Number(text), classes, place);
  return { classes, labels: written.map(({ text }) => Number(text)) };
}

/**
 * Checks a list of names of classes: two of one name could not be told apart.
 *
 * @throws GnSwapError `invalid-data` naming the place of the second
 */
export function requireDistinctNames(written: readonly WrittenLabel[]): void {
  const known = new Set<string>();
  for (const { text, place } of written) {
    if (known.has(text)) {
      throw new GnSwapError('invalid-data', `it names ${JSON.stringify(text)} twice`, {
        file: place,
        remedy: 'Name each class once',
      });
    }
    known.add(text);
  }
}

/** Names of classes that only have numbers. */
export function numberedClasses(largest: number, { headClasses }: LabelledOptions): string[] {
  return Array.from({ length: Math.max(binary(headClasses) ?? 0, largest + 1) }, (_, label) => `${label}`);
}

/**
 * Checks a label that is a number.
 *
 * @throws GnSwapError `invalid-data` if there are not so many classes
 */
export function requireClass(label: number, classes: readonly unknown[], place: string): void {
  if (Number.isInteger(label) && label >= 0 && label < classes.length) return;
  throw outOfRange(label, classes.length, place);
}

/**
 * Checks that there is something to tell apart.
 *
 * @param found the labels that samples have
 * @throws GnSwapError `invalid-data` if all are of one class
 */
export function requireSeveral(
  found: Iterable<number>,
  classes: readonly string[],
  root: string,
  { heldOut }: LabelledOptions,
): void {
  const several = new Set(found);
  if (several.size !== 1 || heldOut === true) return;
  const [only = 0] = several;
  throw new GnSwapError('invalid-data', `all samples are of one class, ${JSON.stringify(classes[only] ?? only)}`, {
    file: root,
    remedy: 'Add samples of another class: with one, there is nothing to learn',
  });
}

/** A model with one output for two classes answers how likely the second is. */
function binary(headClasses: number | undefined): number | undefined {
  return headClasses === 1 ? 2 : headClasses;
}

function numbered(written: readonly WrittenLabel[], options: LabelledOptions): string[] {
  const limit = binary(options.headClasses);
  for (const { text, place } of written) {
    const label = Number(text);
    requireWhole(text, place);
    if (limit !== undefined && label >= limit) throw outOfRange(label, limit, place);
    if (label < MOST_CLASSES) continue;
    throw new GnSwapError('invalid-data', `the class ${text} would be one of more than ${MOST_CLASSES}`, {
      file: place,
      remedy: 'Number the classes from 0, or write their names',
    });
  }
  // A table may have more rows than a call takes arguments.
  const largest = written.reduce((most, { text }) => Math.max(most, Number(text)), 0);
  return numberedClasses(largest, options);
}

/** Checks that a label is a position. @throws GnSwapError `invalid-data` naming its place */
export function requireWhole(text: string, place: string): void {
  if (WHOLE.test(text)) return;
  throw new GnSwapError('invalid-data', `the class ${text} is not a whole number from 0`, {
    file: place,
    remedy: 'Write the position of the class, or its name; to learn numbers, use --task regress',
  });
}

function outOfRange(label: number, count: number, place: string): GnSwapError {
  return new GnSwapError(
    'invalid-data',
    `class ${label} is out of range: there are ${count} classes, 0 to ${count - 1}`,
    {
      file: place,
      remedy: 'Correct the label, or name all classes in their order with --classes a,b,c',
    },
  );
}

/** The error for a name that is not one of the classes. */
export function unknownClass(text: string, place: string, classes: readonly string[]): GnSwapError {
  const shown = classes.length > 10 ? [...classes.slice(0, 10), '…'] : classes;
  return new GnSwapError('invalid-data', `${JSON.stringify(text)} is not one of the classes (${shown.join(', ')})`, {
    file: place,
    remedy: `Correct the label, or add the class: --classes ${[...(classes.length > 10 ? ['…'] : classes), text].join(',')}`,
  });
}
