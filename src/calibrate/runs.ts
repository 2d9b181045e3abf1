/** Which samples share a run: of one shape each, as many as model and memory allow. */
import { freemem } from 'node:os';
import { GnSwapError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/shapes.ts';
import { fitInputs } from '../verify/feed.ts';
import { requiredInputs, sizeOf } from '../verify/inputs.ts';
import type { Materialize } from '../verify/materialize.ts';
import { shapesOnly } from '../verify/models.ts';
import { numbersOf, type Session, type Values, withSession } from '../verify/runtime.ts';
import type { Dataset } from './dataset.ts';

/** What bounds a run. */
export interface RunLimits {
  readonly materialize: Materialize;
  /** Bytes that the values of a run may take; default a quarter of what is free. */
  readonly memory?: number | undefined;
}

/**
 * The samples of each run: of one shape each, as many as fit, or exactly as many as the model takes. Runs are in the order of
 * their first samples, so that those of a list's parts, one part after the other, are in the order of the whole list's.
 */
export async function runsFor(
  model: Model,
  data: Dataset,
  samples: readonly number[],
  limits: RunLimits,
): Promise<number[][]> {
  const byKey = new Map<string, number[]>();
  for (const sample of samples) {
    const key = data.keyOf(sample);
    byKey.set(key, [...(byKey.get(key) ?? []), sample]);
  }
  const { memory = freemem() / 4 } = limits;
  const fixed = fixedBatch(model);
  const position = new Map(samples.map((sample, index) => [sample, index]));
  const runs: number[][] = [];
  for (const group of byKey.values()) {
    const size =
      fixed ?? Math.max(1, Math.floor(memory / (await bytesPerSample(model, data, group[0] as number, limits))));
    for (let at = 0; at < group.length; at += size) {
      const run = group.slice(at, at + size);
      // A fixed batch is filled up from the start, so that every sample counts.
      while (fixed !== undefined && run.length < fixed) run.push(group[run.length % group.length] as number);
      runs.push(run);
    }
  }
  const first = (run: readonly number[]) => position.get(run[0] as number) as number;
  return runs.sort((a, b) => first(a) - first(b));
}

/** The batch that a model's first input fixes; `undefined` where it is open. */
export function fixedBatch(model: Model): number | undefined {
  return declaredType(requiredInputs(model)[0]?.type).shape?.[0];
}

/** Values that are no tensors, or whose size says nothing. */
const NOT_MEASURED = /^(Sequence|Split|Optional|If$|Loop$|Scan$|Constant)/;

/**
 * Bytes of all values of both paths for one sample: more than a runtime that frees them holds at a time, so a bound.
 */
async function bytesPerSample(
  model: Model,
  data: Dataset,
  sample: number,
  { materialize }: RunLimits,
): Promise<number> {
  const inputs = fitInputs(model, await data.load([sample]));
  const names = model.proto.graph.node
    .filter(({ opType, domain }) => domain === '' && !NOT_MEASURED.test(opType))
    .map(({ output }) => output[0] ?? '')
    .filter((name) => name !== '');
  const shapes = await withSession(materialize(shapesOnly(model, names)), (session: Session) =>
    session.run(inputs).catch(blameInputs(inputs)),
  );
  let elements = 0;
  for (const value of Object.values(shapes)) elements += sizeOf({ dims: Array.from(numbersOf(value) ?? []) });
  if (elements === 0) throw new GnSwapError('invalid-data', 'the model answers nothing on the calibration inputs');
  return 2 * 4 * elements;
}

/** What the runtime says where the model does not take the samples, as the data's fault. */
export function blameInputs(inputs: Values) {
  return (error: unknown): never => {
    if (!(error instanceof GnSwapError) || error.code !== 'runtime-failed') throw error;
    const shapes = Object.entries(inputs).map(([name, { dims }]) => `${JSON.stringify(name)} [${dims.join(', ')}]`);
    throw new GnSwapError(
      'invalid-data',
      `the source does not run on calibration inputs ${shapes.join(', ')} (${error.message})`,
      {
        remedy: 'Give the size that the model was made for with --size; many take only multiples of 32',
        cause: error,
      },
    );
  };
}
