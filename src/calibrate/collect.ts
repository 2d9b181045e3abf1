/** Runs the calibration graph over a dataset, as many samples at a time as model and memory allow. */
import { GnSwapError } from '../errors.ts';
import { batchOf, loadSamples } from '../inputs/batch.ts';
import type { Dataset } from '../inputs/dataset.ts';
import {
  blame,
  orderedRuns,
  ownRows,
  type Run,
  type RunLimits,
  samplesByKey,
  WORTH_OPTIMIZING,
} from '../inputs/runs.ts';
import type { KnownAnswers } from '../measure/known-answers.ts';
import type { Model } from '../onnx/model.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import { type Session, type SessionSettings, type Values, withSession } from '../runtime/session.ts';
import { calibrationGraph } from './graph.ts';
import { unsolvable } from './solvable.ts';
import { joinStatistics, type SiteStatistics } from './statistics.ts';
import { type Survey, survey } from './survey.ts';

/** What a pass over the data needs. */
export interface PassOptions extends RunLimits {
  onProgress?(step: string, done: number, of: number): void;
  /** Samples of all machines that share the work, so that each makes its runs as one would make all; default those given. */
  readonly allSamples?: number | undefined;
  /** Where answers of the source are kept that a run gives beside. */
  readonly answers?: KnownAnswers | undefined;
}

/**
 * Statistics of every site that can be solved, over the given samples.
 *
 * @param surveyed what {@link survey} found, where it was asked before
 * @throws GnSwapError `invalid-data` where NaN or infinity reaches a site, or the source does not take the samples
 */
export async function collect(
  model: Model,
  plan: Plan,
  data: Dataset,
  samples: readonly number[],
  options: PassOptions,
  surveyed?: Survey,
): Promise<Map<SitePlan, SiteStatistics>> {
  const { memory, onProgress, allSamples = samples.length, answers } = options;
  const unsolved = unsolvable(model, plan.sites);
  const sites = plan.sites.filter((it) => !unsolved.has(it));
  if (sites.length === 0 || samples.length === 0) return new Map();
  const known = surveyed ?? (await survey(model, data, samples, { memory, sites, chooseGroups: false }));
  const { model: source, bytes } = known;
  const runs = runsOver(known, data, samples, memory);
  const load = ({ samples }: Run) => loadSamples(source, data, samples);
  const first = await load(runs[0] as Run);
  const perSample = Math.max(...bytes.values());
  const optimize = perSample * allSamples > WORTH_OPTIMIZING;
  const beside = !optimize && answers?.model === source ? answers : undefined;
  const sized = samplesByKey(data, samples).size === 1 ? first : undefined;
  const { model: graph, outputs } = calibrationGraph(source, plan, sized, beside?.outputs);
  const parts = new Map([...outputs.keys()].map((site) => [site, [] as SiteStatistics[]]));
  let inputs = first;
  const work = async (session: Session) => {
    for (const [index, run] of runs.entries()) {
      onProgress?.('calibrate', index, runs.length);
      if (index > 0) inputs = await load(run);
      const results = await session.run(inputs);
      for (const [it, names] of outputs) parts.get(it)?.push(statisticsOf(results, it, names, run));
      beside?.add(results, run);
    }
  };
  const settings: SessionSettings = { optimize, keepMemory: false, spin: 'briefly' };
  await withSession(graph, work, settings).catch((error: unknown) => blame(source, inputs)(error));
  return new Map([...parts].map(([site, list]) => [site, joinStatistics(list)]));
}

function runsOver({ model, bytes }: Survey, data: Dataset, samples: readonly number[], memory: number | undefined) {
  // Both paths of the graph hold values.
  const twice = new Map([...bytes].map(([key, size]) => [key, 2 * size]));
  return orderedRuns(data, samples, batchOf(model).size, twice, memory);
}

/** The samples in the order that {@link collect} has them in its statistics. */
export function collectedOrder(
  surveyed: Survey,
  data: Dataset,
  samples: readonly number[],
  { memory }: RunLimits,
): number[] {
  return runsOver(surveyed, data, samples, memory).flatMap((run) => run.samples.slice(0, run.count));
}

/** A site's part of a run's results. */
function statisticsOf(
  results: Values,
  { site, channels }: SitePlan,
  names: readonly string[],
  run: Run,
): SiteStatistics {
  const fields = names.map((name) => ownRows(results[name], channels, run)) as Five;
  if (!fields.every(allFinite)) throw notFinite(site.name);
  const [meanX, varianceX, meanY, varianceY, covariance] = fields;
  return { meanX, varianceX, meanY, varianceY, covariance };
}

/** What is said where a site's numbers can't be told. */
export function notFinite(node: string): GnSwapError {
  return new GnSwapError('invalid-data', 'its input holds NaN or infinity on the calibration inputs', {
    node,
    remedy: 'Check the inputs and --scale, or skip the site with --exclude',
  });
}

type Five = [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];

export function allFinite(numbers: Float64Array): boolean {
  for (const number of numbers) if (!Number.isFinite(number)) return false;
  return true;
}
