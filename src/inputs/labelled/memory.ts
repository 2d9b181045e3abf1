/** Labelled samples in memory. */
import { GnSwapError } from '../../errors.ts';
import { numbersIn, type Value, type Values } from '../../runtime/session.ts';
import { takeSamples } from '../generated.ts';
import type { LabelledData, Target } from './types.ts';

/** What the samples should be answered with. */
export type Labels =
  /** A class number for each sample. */
  | { readonly kind: 'class'; readonly labels: ArrayLike<number>; readonly classes?: readonly string[] | undefined }
  /** Class numbers [n, h, w]; −1 is left out. */
  | { readonly kind: 'map'; readonly labels: Value; readonly classes?: readonly string[] | undefined }
  /** Numbers for outputs, by their names; the first dimension counts samples. */
  | { readonly kind: 'values'; readonly values: Values }
  | { readonly kind: 'none' };

/**
 * Makes a data set of arrays: every array's first dimension counts samples.
 *
 * @throws GnSwapError `invalid-data` if inputs and labels do not have the same number of samples
 */
export function labelledOf(inputs: Values, labels: Labels = { kind: 'none' }): LabelledData {
  const count = Math.max(0, ...Object.values(inputs).map(({ dims }) => dims[0] ?? 0));
  const given = countOf(labels);
  if (given !== undefined && given !== count) {
    throw new GnSwapError('invalid-data', `there are ${count} samples and ${given} labels`, {
      remedy: 'Give one label for each sample',
    });
  }
  const targetOf = targets(labels, count);
  return {
    count,
    names: Array.from({ length: count }, (_, sample) => `#${sample}`),
    strata: Array.from({ length: count }, (_, sample) => (labels.kind === 'class' ? Number(labels.labels[sample]) : 0)),
    classes: classesOf(labels),
    skipped: [],
    image: undefined,
    keyOf: () => '',
    load: async (sample) => ({ inputs: takeSamples(inputs, count, sample, sample + 1), target: targetOf(sample) }),
  };
}

function countOf(labels: Labels): number | undefined {
  if (labels.kind === 'class') return labels.labels.length;
  if (labels.kind === 'map') return labels.labels.dims[0];
  if (labels.kind === 'values') return Math.max(0, ...Object.values(labels.values).map(({ dims }) => dims[0] ?? 0));
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
  const [, height = 1, width = 1] = labels.labels.dims;
  const numbers = Int16Array.from(numbersIn(labels.labels));
  const area = height * width;
  return (sample) => ({
    kind: 'map',
    labels: numbers.subarray(sample * area, (sample + 1) * area),
    height,
    width,
  });
}
