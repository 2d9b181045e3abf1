/**
 * μ and σ² of every BatchNormalization as the calibration inputs have them: "precise BN" (Y. Wu and J. Johnson, *Rethinking
 * "Batch" in BatchNorm*, 2021, arXiv:2105.07576). Each site's are those of its input with everything upstream already
 * re-estimated, over all samples and positions, as if all samples were one batch.
 *
 * 1. Where all samples fit a run, that run tells them all: each site normalises by the statistics of the samples themselves.
 * 2. Else site by site: those that no other comes before, then those behind them with the new statistics in place, and so on,
 *    with a pass over the samples for each. Nothing is approximated, and the model is run as often as sites follow one another,
 *    half of it on average.
 * 3. A machine that sees only its part of the samples normalises each run by the run's own statistics, and all runs of all
 *    machines are merged. Measured (docs/norms/batch.md), runs of 16 samples come nearer to (2) than runs of one.
 *
 * Sites that share one μ and one σ², as those of a head on several levels, go on sharing them: all of their inputs are one batch. They are
 * re-estimated in one step, behind all that comes before any of them, so that a single run (1) is not enough.
 *
 * Refining all sites at once, from the statistics of the pass before, was tried: on 40 lines the largest error over the
 * classifier grew from 45 to 55 times σ or σ² in two further passes, and over the detector NaN or infinity came up.
 *
 * Nothing hangs on the μ and σ² that the model had, so a second time over the same inputs gives the same.
 */

import { batchOf, loadSamples } from '../inputs/batch.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { blame, orderedRuns, ownRows, type Run, samplesByKey, WORTH_OPTIMIZING } from '../inputs/runs.ts';
import type { Model } from '../onnx/model.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import { numbersIn, type Session, type Values, withSession } from '../runtime/session.ts';
import { type BatchOutputs, batchGraph } from './batch-graph.ts';
import { type BatchMoments, mergeMoments, pooled } from './batch-moments.ts';
import { allFinite, notFinite, type PassOptions } from './collect.ts';
import { inOrder } from './steps.ts';
import { survey } from './survey.ts';
import { withKernels } from './twin.ts';

/** How {@link reEstimate} goes about it. */
export interface ReEstimateOptions extends PassOptions {
  readonly data: Dataset;
  /** Whether these are a part of the samples, so that (3) is all that can be done. Default false. */
  readonly partly?: boolean;
}

/** What was found. */
export interface ReEstimated {
  /** Of each site, over all samples: [1, C]. */
  readonly moments: ReadonlyMap<SitePlan, BatchMoments>;
  /** Passes over the samples. */
  readonly passes: number;
}

/**
 * @param planned sites of the main graph, with γ and β
 * @throws GnSwapError `invalid-data` where NaN or infinity reaches a site, or the model does not take the samples
 */
export async function reEstimate(
  model: Model,
  planned: Plan,
  samples: readonly number[],
  options: ReEstimateOptions,
): Promise<ReEstimated> {
  const { moments, passes } = await withKernels(model, planned, (own, plan) =>
    estimateIn(own, plan.sites, samples, options),
  );
  return { passes, moments: new Map(planned.sites.map((it, index) => [it, moments[index] as BatchMoments])) };
}

async function estimateIn(
  given: Model,
  sites: readonly SitePlan[],
  samples: readonly number[],
  { data, memory, onProgress, allSamples = samples.length, partly = false }: ReEstimateOptions,
): Promise<{ readonly passes: number; readonly moments: readonly BatchMoments[] }> {
  const { model, bytes } = await survey(given, data, samples, { memory, sites, chooseGroups: false });
  // What a site adds is about as much again.
  const twice = new Map([...bytes].map(([key, size]) => [key, 2 * size]));
  const { size } = batchOf(model);
  const whole = orderedRuns(data, samples, size, twice, memory, samples.length);
  const runs = whole.length === 1 && !partly ? whole : orderedRuns(data, samples, size, twice, memory);
  const first = await loadSamples(model, data, (runs[0] as Run).samples);
  const sized = samplesByKey(data, samples).size === 1 ? first : undefined;
  const optimize = Math.max(...bytes.values()) * allSamples > WORTH_OPTIMIZING;
  const { steps: inTurn, ties } = inOrder(model.proto.graph, sites);
  // (1), (3): all at once; (2): one after the other.
  const isWhole = runs.length === 1 && ties.length === 0;
  const steps = isWhole || partly ? [sites] : inTurn;
  const known = new Map<SitePlan, BatchMoments>();
  for (const [step, wanted] of steps.entries()) {
    const graph = batchGraph(model, sites, known, wanted, sized);
    const parts = new Map(wanted.map((it) => [it, [] as BatchMoments[]]));
    let inputs: Values = first;
    const pass = async (session: Session) => {
      for (const [index, run] of runs.entries()) {
        onProgress?.('calibrate', step * runs.length + index, steps.length * runs.length);
        inputs = index === 0 ? first : await loadSamples(model, data, run.samples);
        const results = await session.run(inputs);
        for (const [it, names] of graph.outputs) parts.get(it)?.push(momentsOf(results, it, names, run));
      }
    };
    await withSession(graph.model, pass, { optimize, keepMemory: false, spin: 'briefly' }).catch((error: unknown) =>
      blame(model, inputs)(error),
    );
    for (const [it, list] of parts) known.set(it, mergeMoments(list, it.channels));
    // Those of a part of the samples are pooled when all parts are together.
    if (!partly) for (const [it, moments] of pooled(ties, known)) known.set(it, moments);
  }
  return { passes: steps.length, moments: sites.map((it) => known.get(it) as BatchMoments) };
}

/** A site's part of a run's results, without samples that only fill the run up. */
function momentsOf(results: Values, { site, channels }: SitePlan, names: BatchOutputs, run: Run): BatchMoments {
  const mean = ownRows(results[names.mean], channels, run);
  const variance = ownRows(results[names.variance], channels, run);
  if (!allFinite(mean) || !allFinite(variance)) throw notFinite(site.name);
  const shape = results[names.shape];
  const positions = Number(numbersIn(shape)[2] ?? 0);
  return { count: new Float64Array(mean.length).fill(positions), mean, variance };
}
