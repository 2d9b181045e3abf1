/** Which samples share a run: of one shape each, as many as model and memory allow. */
import { GnSwapError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { defaultMemory } from '../runtime/memory.ts';
import { lacksKernel, numbersIn, type Session, type Value, type Values, withSession } from '../runtime/session.ts';
import { remedyFor, sourceFault } from '../runtime/source-fault.ts';
import type { Dataset } from './dataset.ts';

/** What bounds a run. */
export interface RunLimits {
  /** Bytes that the values of a run may take; default a quarter of what is free. */
  readonly memory?: number | undefined;
}

/** What is fed at a time. */
export interface Run {
  readonly samples: readonly number[];
  /** How many of them count: the last run is filled up with samples that others have, so that all are equally large. */
  readonly count: number;
}

/** Larger runs solve no better (docs/measurements/calibration.md), and outgrow the processor's caches. */
const MOST_A_RUN = 16;

/** Bytes of values over all samples from which on an optimised graph gains more time than optimising takes. */
export const WORTH_OPTIMIZING = 2 ** 30;

/** Samples by the shapes of their inputs. */
export function samplesByKey(data: Dataset, samples: readonly number[]): Map<string, number[]> {
  const byKey = new Map<string, number[]>();
  for (const sample of samples) {
    const key = data.keyOf(sample);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [sample]);
    else known.push(sample);
  }
  return byKey;
}

/**
 * The runs for samples of one shape. As few as memory allows, and of one size, so that a session can be made for it.
 *
 * @param fixed how many samples the model takes at a time, where that is not open
 * @param bytes that the values of one sample take
 */
export function runsFor(
  samples: readonly number[],
  fixed: number | undefined,
  bytes: number,
  memory: number = defaultMemory(),
  most: number = MOST_A_RUN,
): Run[] {
  const fitting = Math.max(1, Math.min(most, Math.floor(memory / bytes)));
  const size = fixed ?? Math.ceil(samples.length / Math.ceil(samples.length / fitting));
  const runs: Run[] = [];
  for (let at = 0; at < samples.length; at += size) {
    const own = samples.slice(at, at + size);
    const filling = Array.from({ length: size - own.length }, (_, index) => samples[index % samples.length] as number);
    runs.push({ samples: [...own, ...filling], count: own.length });
  }
  return runs;
}

/**
 * The runs for all samples, those of one shape together, in the order of each run's first sample: shards are contiguous, so
 * the runs of all, one shard after the other, are in this order too.
 *
 * @param bytes that the values of one sample take, by key
 * @param most samples in a run
 */
export function orderedRuns(
  data: Dataset,
  samples: readonly number[],
  fixed: number | undefined,
  bytes: ReadonlyMap<string, number>,
  memory: number | undefined,
  most?: number,
): Run[] {
  const runs = [...samplesByKey(data, samples)].flatMap(([key, list]) =>
    runsFor(list, fixed, bytes.get(key) ?? 1, memory, most),
  );
  const position = new Map(samples.map((sample, index) => [sample, index]));
  const positionOf = ({ samples: [first] }: Run) => position.get(first as number) as number;
  return runs.sort((a, b) => positionOf(a) - positionOf(b));
}

/**
 * A site's numbers per sample and channel, without those of samples that only fill the run up. A site may see several rows a
 * sample, such as the frames of a film.
 */
export function ownRows(value: Value | undefined, channels: number, { samples, count }: Run): Float64Array {
  const numbers = new Float64Array(numbersIn(value));
  const rows = numbers.length / channels;
  return rows % samples.length === 0 ? numbers.subarray(0, (rows / samples.length) * count * channels) : numbers;
}

/**
 * For the `catch` of a run of more than the source: tells the data's fault from that of what was added, and the source alone
 * is the judge.
 *
 * @param inputs that were run; of a session that did not open, those that it was to be run on
 * @throws GnSwapError `invalid-data` where the source does not take the inputs either, `runtime-failed` where it does, or does
 *   not even load
 */
export function blame(source: Model, inputs: Values) {
  return async (error: unknown): Promise<never> => {
    if (!isRefusal(error)) throw error;
    let loaded = false;
    const run = (session: Session) => {
      loaded = true;
      return session.run(inputs);
    };
    await withSession(source, run).catch((cause: unknown) => {
      if (!isRefusal(cause)) throw cause;
      const isDatas = loaded && remedyFor(cause.message) === undefined;
      throw isDatas ? notTaken(inputs, cause) : sourceFault(cause, 'drop --calibrate and use --no-verify');
    });
    throw new GnSwapError(
      'runtime-failed',
      `the source runs on the calibration inputs, but the calibration graph does not (${error.message})`,
      { remedy: 'Skip sites with --exclude, or drop --calibrate', cause: error },
    );
  };
}

function notTaken(inputs: Values, cause: GnSwapError): GnSwapError {
  const shapes = Object.entries(inputs).map(([name, { dims }]) => `${JSON.stringify(name)} [${dims.join(', ')}]`);
  const message = `the source does not run on calibration inputs ${shapes.join(', ')} (${cause.message})`;
  const isPicture = Object.values(inputs).some(({ dims }) => dims.length === 4);
  const remedy = isPicture
    ? 'Set the size that the model was trained for with --size; many take only multiples of 32'
    : 'Check the arrays: samples are along the first axis, and an array with a different first axis goes whole into every run';
  const sides = Object.values(inputs).flatMap(({ dims }) =>
    dims.length === 4 ? dims.slice(1).filter((it) => it > 4) : [],
  );
  const side = 32 * Math.ceil(Math.max(...sides) / 32);
  const next = isPicture && sides.some((it) => it % 32 !== 0) ? { set: { size: `${side}x${side}` } } : undefined;
  return new GnSwapError('invalid-data', message, { remedy, cause, ...(next === undefined ? {} : { next }) });
}

/** Whether the runtime refuses these inputs, and not the model's types. */
function isRefusal(error: unknown): error is GnSwapError {
  const refused = error instanceof GnSwapError && error.code === 'runtime-failed';
  return refused && !lacksKernel(error);
}
