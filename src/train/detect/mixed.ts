/** Labelled pictures and pictures of what a detector shall keep, in one data set. */
import type { LabelledData } from '../../inputs/labelled/types.ts';

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
