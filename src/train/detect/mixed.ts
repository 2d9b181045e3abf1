/** Labelled pictures and pictures of what a detector shall keep, in one data set. */
import { splitShare } from '../../inputs/labelled/split.ts';
import type { LabelledData } from '../../inputs/labelled/types.ts';

/** Pictures of what a detector shall keep. */
export interface KeptParts {
  readonly taught: LabelledData;
  /** What is still found is counted in these. */
  readonly counted: LabelledData;
  /** Whether these are others than those that are taught. */
  readonly isApart: boolean;
}

/** Of fewer pictures, a fifth would be too few to count in. */
const LEAST = 20;
const SHARE = 0.2;

/** Holds a fifth of the pictures out, if there are enough: what is found in those that were taught says little about others. */
export function keptParts(keep: LabelledData, seed: number): KeptParts {
  if (keep.count < LEAST) return { taught: keep, counted: keep, isApart: false };
  const { train, val } = splitShare(keep, SHARE, seed);
  return { taught: train, counted: val, isApart: true };
}

/**
 * Puts pictures without labels behind labelled ones. They are taken again and again until they are as many, so that half of the steps
 * teach what is new and half what was there.
 */
export function withKept(data: LabelledData, keep: LabelledData): LabelledData {
  if (keep.count === 0) return data;
  const more = Math.max(data.count, keep.count);
  const places = Array.from({ length: more }, (_, index) => index % keep.count);
  return {
    ...data,
    count: data.count + more,
    names: [...data.names, ...places.map((place, index) => `${keep.names[place]}#${Math.floor(index / keep.count)}`)],
    strata: [...data.strata, ...places.map(() => 0)],
    skipped: [...data.skipped, ...keep.skipped],
    keyOf: (sample) => (sample < data.count ? data.keyOf(sample) : keep.keyOf(places[sample - data.count] as number)),
    async load(sample) {
      if (sample < data.count) return data.load(sample);
      const { inputs } = await keep.load(places[sample - data.count] as number);
      return { inputs, target: { kind: 'none' } };
    },
  };
}
