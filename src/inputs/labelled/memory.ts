/** Labelled samples in memory. */
import { GnSwapError } from '../../errors.ts';
import { numbersIn, type Value, type Values } from '../../runtime/session.ts';
import { takeSamples } from '../generated.ts';
import { requireValues } from '../given.ts';
import { LARGEST } from './segment/masks.ts';
import { type LabelledData, type Target, UNLABELLED } from './types.ts';

/** What the samples should be answered with. */
export type Labels =
  /** A class number for each sample. */
  | { readonly kind: 'class'; readonly labels: ArrayLike<number>; readonly classes?: readonly string[] | undefined }
  /** Class numbers [n, h, w], or [n, 1, h, w]; −1 is left out. */
  | { readonly kind: 'map'; readonly labels: Value; readonly classes?: readonly string[] | undefined }
  /** Numbers for outputs, by their names; the first dimension counts samples. */
  | { readonly kind: 'values'; readonly values: Values }
  | { readonly kind: 'none' };

/**
 * Makes a data set of arrays: every array's first dimension counts samples.
 *
 * @throws GnSwapError `invalid-data` if inputs and labels do not have the same number of samples, for a label that is not one of the classes, and
 *   for class numbers that are not maps, and for an array that does not have as many numbers as its shape says
 */
export function labelledOf(inputs: Values, labels: Labels = { kind: 'none' }): LabelledData {
  requireValues(inputs, 'labelledOf');
  requireKind(labels);
  const count = countIn(inputs, 'inputs');
  const given = countOf(labels);
  if (given !== undefined && given !== count) {
    throw new GnSwapError('invalid-data', `there are ${count} samples and ${given} labels`, {
      remedy: 'Give one label for each sample',
    });
  }
  const classes = classesOf(labels);
  requireLabels(labels, classes ?? []);
  const targetOf = targets(labels, count);
  return {
    count,
    names: Array.from({ length: count }, (_, sample) => `#${sample}`),
    strata: Array.from({ length: count }, (_, sample) => (labels.kind === 'class' ? Number(labels.labels[sample]) : 0)),
    classes,
    skipped: [],
    image: undefined,
    keyOf: () => '',
    load: async (sample) => ({ inputs: takeSamples(inputs, count, sample, sample + 1), target: targetOf(sample) }),
  };
}

const KINDS: readonly unknown[] = ['class', 'map', 'values', 'none'];

function requireKind(labels: Labels): void {
  if (!KINDS.includes(labels?.kind)) {
    const remedy = `Give one of them: { kind: 'class', labels: [0, 1, …] }`;
    throw new GnSwapError('invalid-data', `the labels are of no kind of ${KINDS.join(', ')}`, { remedy });
  }
  if (labels.kind === 'map') requireValues({ labels: labels.labels }, 'labelledOf');
  if (labels.kind === 'values') requireValues(labels.values, 'labelledOf');
}

/** How many samples arrays hold. One with another count would be given to each sample whole. */
function countIn(values: Values, what: 'inputs' | 'labels'): number {
  const counts = Object.entries(values).map(([name, { dims }]) => [name, dims[0] ?? 0] as const);
  const [[first, count] = ['', 0]] = counts;
  const other = counts.find(([, it]) => it !== count);
  if (other === undefined) return count;
  const message = `${what} ${JSON.stringify(first)} and ${JSON.stringify(other[0])} have ${count} and ${other[1]} samples`;
  throw new GnSwapError('invalid-data', message, {
    remedy: 'Give arrays whose first dimension counts the same samples',
  });
}

/** Class numbers must be those of classes: others would be learned as something else, or end the training. */
function requireLabels(labels: Labels, classes: readonly string[]): void {
  if (labels.kind !== 'class' && labels.kind !== 'map') return;
  if (labels.kind === 'map') requireMaps(labels.labels);
  const numbers = labels.kind === 'class' ? labels.labels : numbersIn(labels.labels);
  const least = labels.kind === 'class' ? 0 : UNLABELLED;
  const most = Math.min(classes.length - 1, LARGEST);
  for (let i = 0; i < numbers.length; i++) {
    const label = Number(numbers[i]);
    if (Number.isInteger(label) && label >= least && label <= most) continue;
    throw new GnSwapError('invalid-data', `the label ${label} at ${i} is not a whole number from ${least} to ${most}`, {
      remedy: 'Give the positions of classes, counted from 0',
    });
  }
}

function requireMaps({ dims }: Value): void {
  if (dims.length === 3 || (dims.length === 4 && dims[1] === 1)) return;
  throw new GnSwapError('invalid-data', `the labels have the shape [${dims.join(', ')}]`, {
    remedy: 'Give class numbers in the shape [samples, height, width]',
  });
}

function countOf(labels: Labels): number | undefined {
  if (labels.kind === 'class') return labels.labels.length;
  if (labels.kind === 'map') return labels.labels.dims[0];
  if (labels.kind === 'values') return countIn(labels.values, 'labels');
  return undefined;
}

function classesOf(labels: Labels): readonly string[] | undefined {
  if (labels.kind !== 'class' && labels.kind !== 'map') return undefined;
  if (labels.classes !== undefined) return labels.classes;
  const numbers = labels.kind === 'class' ? labels.labels : numbersIn(labels.labels);
  let most = -1;
  for (let i = 0; i < numbers.length; i++) most = Math.max(most, Number(numbers[i]));
  return Array.from({ length: most + 1 }, (_, label) => String(label));
}

function targets(labels: Labels, count: number): (sample: number) => Target {
  if (labels.kind === 'class') return (sample) => ({ kind: 'class', label: Number(labels.labels[sample]) });
  if (labels.kind === 'values') {
    return (sample) => ({ kind: 'values', values: takeSamples(labels.values, count, sample, sample + 1) });
  }
  if (labels.kind === 'none') return () => ({ kind: 'none' });
  const [height = 1, width = 1] = labels.labels.dims.slice(-2);
  const numbers = Int16Array.from(numbersIn(labels.labels));
  const area = height * width;
  return (sample) => ({
    kind: 'map',
    labels: numbers.subarray(sample * area, (sample + 1) * area),
    height,
    width,
  });
}
