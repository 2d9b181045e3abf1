/** Calibration inputs: samples that are loaded when a run wants them. */
import { sizeOf, takeSamples } from '../verify/inputs.ts';
import type { Value, Values } from '../verify/runtime.ts';

/** Unlabelled inputs. One sample is what a batch of 1 is fed. */
export interface Dataset {
  readonly count: number;
  /** Samples with equal keys have inputs of equal shapes, and may share a run. */
  keyOf(sample: number): string;
  /** The inputs of samples of one key, joined along the batch. */
  load(samples: readonly number[]): Promise<Values>;
}

/** A dataset in memory: every array's first dimension counts samples, or else belongs to all of them. */
export function datasetOf(values: Values): Dataset {
  const count = Math.max(0, ...Object.values(values).map(({ dims }) => dims[0] ?? 0));
  return {
    count,
    keyOf: () => '',
    load: async (samples) => joinSamples(samples.map((index) => takeSamples(values, count, index, index + 1))),
  };
}

/** Joins equally shaped samples, of one batch entry each, along the batch. */
export function joinSamples(samples: readonly Values[]): Values {
  const [first = {}] = samples;
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, join(samples.map((sample) => sample[name] as Value))]),
  );
}

function join(values: readonly Value[]): Value {
  const [first] = values as [Value, ...Value[]];
  // An input without a batch, such as a threshold, is the same for all.
  if (values.length === 1 || first.dims[0] !== 1) return first;
  const size = sizeOf(first);
  if (Array.isArray(first.data))
    return {
      ...first,
      dims: [values.length, ...first.dims.slice(1)],
      data: values.flatMap(({ data }) => [...(data as string[])]),
    };
  const all = new (first.data.constructor as Float32ArrayConstructor)(size * values.length);
  for (const [index, { data }] of values.entries()) all.set(data as ArrayLike<number>, index * size);
  return { type: first.type, dims: [values.length, ...first.dims.slice(1)], data: all };
}
