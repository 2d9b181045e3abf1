/** Runs the calibration graph over a dataset, as many samples at a time as model and memory allow. */
import { GnSwapError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/shapes.ts';
import type { Plan, SitePlan } from '../plan.ts';
import { fitInputs } from '../verify/feed.ts';
import { requiredInputs, sizeOf } from '../verify/inputs.ts';
import type { Materialize } from '../verify/materialize.ts';
import { shapesOnly } from '../verify/models.ts';
import { numbersOf, type Session, type Value, withSession } from '../verify/runtime.ts';
import type { Dataset } from './dataset.ts';
import { calibrationGraph } from './graph.ts';
import { joinStatistics, type SiteStatistics, STATISTICS } from './statistics.ts';

/** What a pass over the data needs. */
export interface PassOptions {
  readonly materialize: Materialize;
  /** Bytes that the values of a run may take. */
  readonly memory: number;
  onProgress?(step: string, done: number, of: number): void;
}

/** Statistics of every site that can be solved, over the given samples. */
export async function collect(
  model: Model,
  plan: Plan,
  data: Dataset,
  samples: readonly number[],
  options: PassOptions,
): Promise<Map<SitePlan, SiteStatistics>> {
  const { model: graph, outputs } = calibrationGraph(model, plan);
  if (outputs.size === 0) return new Map();
  const runs = await runsFor(model, data, samples, options);
  return withSession(options.materialize(graph), async (session) => {
    const parts = new Map([...outputs.keys()].map((site) => [site, [] as SiteStatistics[]]));
    for (const [index, run] of runs.entries()) {
      options.onProgress?.('calibrate', index, runs.length);
      const results = await session.run(fitInputs(model, await data.load(run)));
      for (const [site, names] of outputs) {
        const fields = names.map((name, i) => [
          STATISTICS[i],
          Float64Array.from(numbersOf(results[name] as Value) ?? []),
        ]);
        parts.get(site)?.push(Object.fromEntries(fields) as SiteStatistics);
      }
    }
    return new Map([...parts].map(([site, list]) => [site, joinStatistics(list)]));
  });
}

/** The samples of each run: of one shape each, as many as fit, or exactly as many as the model takes. */
async function runsFor(
  model: Model,
  data: Dataset,
  samples: readonly number[],
  options: PassOptions,
): Promise<number[][]> {
  const byKey = new Map<string, number[]>();
  for (const sample of samples) {
    const key = data.keyOf(sample);
    byKey.set(key, [...(byKey.get(key) ?? []), sample]);
  }
  const fixed = fixedBatch(model);
  const runs: number[][] = [];
  for (const group of byKey.values()) {
    const size =
      fixed ??
      Math.max(1, Math.floor(options.memory / (await bytesPerSample(model, data, group[0] as number, options))));
    for (let at = 0; at < group.length; at += size) {
      const run = group.slice(at, at + size);
      // A fixed batch is filled up from the start, so that every sample counts.
      while (fixed !== undefined && run.length < fixed) run.push(group[run.length % group.length] as number);
      runs.push(run);
    }
  }
  return runs;
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
  { materialize }: PassOptions,
): Promise<number> {
  const inputs = fitInputs(model, await data.load([sample]));
  const names = model.proto.graph.node
    .filter(({ opType, domain }) => domain === '' && !NOT_MEASURED.test(opType))
    .map(({ output }) => output[0] ?? '')
    .filter((name) => name !== '');
  const shapes = await withSession(materialize(shapesOnly(model, names)), (session: Session) => session.run(inputs));
  let elements = 0;
  for (const value of Object.values(shapes)) elements += sizeOf({ dims: Array.from(numbersOf(value) ?? []) });
  if (elements === 0) throw new GnSwapError('invalid-data', 'the model answers nothing on the calibration inputs');
  return 2 * 4 * elements;
}
