/** Calibration inputs: samples that are loaded when a run wants them. */

import type { Values } from '../runtime/session.ts';
import { takeSamples } from './generated.ts';
import { requireValues } from './given.ts';

/** How the numbers of a picture's channels, in the order that they are fed, were brought to the model's range: (v − mean)/std. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Unlabelled inputs. One sample is what a batch of 1 is fed. */
export interface Dataset {
  readonly count: number;
  /** Samples with equal keys have inputs of equal shapes, and may share a run. */
  keyOf(sample: number): string;
  /** The inputs of one sample, batches of 1. */
  load(sample: number): Promise<Values>;
  /** Where samples are pictures that were read from files. */
  readonly normalized?: Normalization | undefined;
}

/**
 * A dataset in memory: every array's first dimension counts samples, or else belongs to all of them.
 *
 * @param values an array with its type and its shape, by the name of the input
 * @throws GnSwapError `invalid-data` for an array that does not have as many numbers as its shape says
 */
export function datasetOf(values: Values): Dataset {
  requireValues(values, 'datasetOf');
  const count = Math.max(0, ...Object.values(values).map(({ dims }) => dims[0] ?? 0));
  return { count, keyOf: () => '', load: async (sample) => takeSamples(values, count, sample, sample + 1) };
}
