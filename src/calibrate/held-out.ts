/** Drift on samples that nothing was solved on. */
import type { Model } from '../onnx/model.ts';
import { type Drift, DriftMeter } from '../verify/drift.ts';
import { fitInputs } from '../verify/feed.ts';
import type { Materialized } from '../verify/materialize.ts';
import { type Value, type Values, withSession } from '../verify/runtime.ts';
import type { Dataset } from './dataset.ts';
import { fixedBatch, type RunLimits, runsFor } from './runs.ts';

/**
 * Runs both models over the samples.
 *
 * @param model of the source, whose inputs the samples are
 * @param source what the runtime loads the source from
 * @param rewritten what it loads the rewritten model from
 */
export async function heldOutDrift(
  model: Model,
  source: Promise<Materialized>,
  rewritten: Promise<Materialized>,
  data: Dataset,
  samples: readonly number[],
  limits: RunLimits,
): Promise<Drift[]> {
  const runs = await runsFor(model, data, samples, limits);
  const meters = new Map<string, DriftMeter>();
  await withSession(source, (before) =>
    withSession(rewritten, async (after) => {
      for (const run of runs) {
        const inputs = fitInputs(model, await data.load(run));
        const answers = await after.run(inputs);
        for (const [name, value] of Object.entries(await before.run(inputs))) {
          const meter = meters.get(name) ?? new DriftMeter(name);
          meters.set(name, meter);
          meter.add(value, answers[name] as Value);
        }
      }
    }),
  );
  return [...meters.values()].map((meter) => meter.result()).filter((drift) => drift !== undefined);
}

/** Inputs to check sites on: the first two samples that may share a run, or as many as the model's batch is. */
export async function siteInputs(model: Model, data: Dataset, samples: readonly number[]): Promise<Values> {
  const [first = 0] = samples;
  const alike = samples.filter((sample) => data.keyOf(sample) === data.keyOf(first));
  const count = fixedBatch(model) ?? Math.min(2, alike.length);
  return data.load(Array.from({ length: count }, (_, index) => alike[index % alike.length] as number));
}
