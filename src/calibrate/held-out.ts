/** Drift on samples that nothing was solved on. */
import type { Model } from '../onnx/model.ts';
import { type Drift, DriftMeter } from '../verify/drift.ts';
import { takeSamples } from '../verify/inputs.ts';
import type { Materialized } from '../verify/materialize.ts';
import { type Session, type SessionSettings, type Value, type Values, withSession } from '../verify/runtime.ts';
import { batchOf, joinSamples, loadSamples } from './batch.ts';
import type { Dataset } from './dataset.ts';
import { type Run, type RunLimits, runsFor, samplesByKey } from './runs.ts';
import { survey } from './survey.ts';

/** {@link RunLimits}, and how the runtime goes about both models. */
export interface HeldOutOptions extends RunLimits {
  readonly settings?: SessionSettings | undefined;
}

/**
 * Runs both models over the samples.
 *
 * @param model of the source, in types that the runtime computes
 * @param source what the runtime loads the source from
 * @param rewritten what it loads the rewritten model from
 */
export async function heldOutDrift(
  model: Model,
  source: Promise<Materialized>,
  rewritten: Promise<Materialized>,
  data: Dataset,
  samples: readonly number[],
  { materialize, memory, settings = {} }: HeldOutOptions,
): Promise<Drift[]> {
  const { bytes } = await survey(model, data, samples, { materialize, memory, sites: [], chooseGroups: false });
  const { size } = batchOf(model);
  const meters = new Map<string, DriftMeter>();
  const addRun = async (run: Run, before: Session, after: Session) => {
    const inputs = await loadSamples(model, data, run.samples);
    const own = (values: Values) => takeSamples(values, run.samples.length, 0, run.count);
    const answers = own(await after.run(inputs));
    for (const [name, value] of Object.entries(own(await before.run(inputs)))) {
      const meter = meters.get(name) ?? new DriftMeter(name);
      meters.set(name, meter);
      meter.add(value, answers[name] as Value);
    }
  };
  const runs = [...samplesByKey(data, samples)].flatMap(([key, list]) =>
    runsFor(list, size, bytes.get(key) ?? 1, memory),
  );
  // Memory that a session kept would not be there for the other's runs.
  const own = { ...settings, keepMemory: false };
  const withBoth = (before: Session) =>
    withSession(
      rewritten,
      async (after) => {
        for (const run of runs) await addRun(run, before, after);
      },
      own,
    );
  await withSession(source, withBoth, own);
  return [...meters.values()].map((meter) => meter.result()).filter((drift) => drift !== undefined);
}

/** Inputs to check sites on, as they were given: the first two samples that may share a run, or as many as the model's batch is. */
export async function siteInputs(model: Model, data: Dataset, samples: readonly number[]): Promise<Values> {
  const [first = 0] = samples;
  const alike = samples.filter((sample) => data.keyOf(sample) === data.keyOf(first));
  const count = batchOf(model).size ?? Math.min(2, alike.length);
  const chosen = Array.from({ length: count }, (_, index) => alike[index % alike.length] as number);
  return joinSamples(model, data, chosen);
}
