/** Examples → the inputs of one run. */
import { GnSwapError } from '../errors.ts';
import { join } from '../inputs/batch.ts';
import type { Example } from '../inputs/labelled/types.ts';
import type { Value, Values } from '../runtime/session.ts';

/**
 * Joins the inputs of examples along the first axis. One example is fed as it is.
 *
 * @param shared inputs that are the same for all examples, such as a threshold: the first one's are taken
 */
export function joinInputs(batch: readonly Example[], shared: ReadonlySet<string> = new Set()): Values {
  const [first] = batch;
  if (first === undefined || batch.length === 1) return first?.inputs ?? {};
  return Object.fromEntries(
    Object.entries(first.inputs).map(([name, value]) => {
      if (shared.has(name)) return [name, value];
      return [name, stack(batch.map(({ inputs }) => inputs[name] as Value))];
    }),
  );
}

/** Joins values of one shape along the first axis. @throws GnSwapError `invalid-data` if their shapes differ */
export function stack(values: readonly Value[]): Value {
  const [first] = values as [Value, ...Value[]];
  if (values.length === 1) return first;
  if (values.some(({ dims }) => dims.join() !== first.dims.join())) {
    throw new GnSwapError('invalid-data', 'samples of different shapes are in one batch', {
      remedy: 'Give --size, or --batch 1',
    });
  }
  return join(values);
}

/** One sample of what a batch gave: the values whose first axis counts samples are cut, others are the same for all. */
export function sampleOf(values: Values, index: number, count: number): Values {
  if (count === 1) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const [entries = 0, ...rest] = value.dims;
      if (entries % count !== 0 || entries === 0) return [name, value];
      const size = value.data.length / count;
      const data = (value.data as Float32Array).subarray(index * size, (index + 1) * size);
      return [name, { type: value.type, dims: [entries / count, ...rest], data }];
    }),
  );
}
