/** Runs the calibration graph over a dataset, as many samples at a time as model and memory allow. */
import type { Model } from '../onnx/model.ts';
import type { Plan, SitePlan } from '../plan.ts';
import { fitInputs } from '../verify/feed.ts';
import { numbersOf, type Value, withSession } from '../verify/runtime.ts';
import type { Dataset } from './dataset.ts';
import { calibrationGraph } from './graph.ts';
import { blameInputs, type RunLimits, runsFor } from './runs.ts';
import { joinStatistics, type SiteStatistics, STATISTICS } from './statistics.ts';

/** What a pass over the data needs. */
export interface PassOptions extends RunLimits {
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
      const inputs = fitInputs(model, await data.load(run));
      const results = await session.run(inputs).catch(blameInputs(inputs));
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
