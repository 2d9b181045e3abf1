/** Plan → plan with γ and β solved from data, of this machine or of several, and what verification takes from them. */
import type { BatchMoments } from '../calibrate/batch-moments.ts';
import type { Calibration } from '../calibrate/calibration.ts';
import type { Fields } from '../calibrate/shards.ts';
import type { SiteStatistics } from '../calibrate/statistics.ts';
import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import type { Search } from '../find/index.ts';
import type { Dataset } from '../inputs/dataset.ts';
import type { OpenedData } from '../inputs/open.ts';
import type { ByteSource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import type { Model } from '../onnx/model.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import { groupsAsked, refuseUnusedData } from '../plan/refuse.ts';
import type { VerifyOptions } from '../verify/verification.ts';
import { plural } from '../words.ts';
import type { SwapOptions } from './options.ts';
import type { CalibrationFacts } from './outcome.ts';

/** Inputs to solve from, open. */
export interface JobData extends OpenedData {
  /** What a report calls them. */
  readonly path: string;
}

/** What `gn-swap moments` wrote on one machine. */
export interface ShardFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** A plan, and what it was solved from. */
export interface Solved {
  readonly plan: Plan;
  /** `undefined` where nothing was calibrated here. */
  readonly calibration?: Calibration | undefined;
}

/**
 * Solves a plan from data. Loads ONNX Runtime.
 *
 * @throws GnSwapError `invalid-arguments` where an init is asked for too, or the norm has nothing to solve
 */
export async function solve(search: Search, planned: Plan, data: Dataset, options: SwapOptions): Promise<Calibration> {
  const { init = 'statistics', memory, seed = 0, tasks, refine: steps = 0, onProgress } = options;
  refuseUnusedData(options);
  if (init !== 'statistics') {
    throw new GnSwapError('invalid-arguments', `both calibrate and the init ${init} are given`, {
      remedy: 'Use only one of them',
    });
  }
  const [{ calibrate }, { chooseSolution }] = await Promise.all([
    import('../calibrate/index.ts'),
    import('./choose.ts'),
  ]);
  const chooseGroups = !groupsAsked(options);
  if (options.reference === 'adapted') {
    const { calibrateAdapted } = await import('./adapt.ts');
    const adapting = defined({
      data,
      memory,
      seed,
      chooseGroups,
      compares: true,
      tasks,
      planning: options,
      onProgress,
    });
    return calibrateAdapted(search, planned, adapting);
  }
  const calibrating = defined({ data, memory, seed, chooseGroups, compares: true, onProgress });
  const solutions = await calibrate(search, planned, calibrating);
  const chosen = await chooseSolution(search, solutions, defined({ data, memory, tasks, onProgress }));
  if (steps === 0) return chosen;
  const { refineSolution } = await import('./refine.ts');
  return refineSolution(search, chosen, defined({ data, steps, seed, memory, tasks, onProgress }));
}

/** Solves a plan from data in one pass, without comparing solutions. Loads ONNX Runtime. */
export async function solveOnce(
  search: Search,
  planned: Plan,
  data: Dataset,
  options: Pick<SwapOptions, 'memory' | 'seed' | 'to' | 'groups' | 'channelsPerGroup' | 'onProgress'>,
): Promise<Calibration> {
  const { memory, seed = 0, onProgress } = options;
  const { calibrate } = await import('../calibrate/index.ts');
  return calibrate(search, planned, defined({ data, memory, seed, chooseGroups: !groupsAsked(options), onProgress }));
}

/** The samples that drift is measured on: those that were held out; of a single one, that. */
export function measuredOn({ heldOut, solvedOn }: Pick<Calibration, 'heldOut' | 'solvedOn'>): readonly number[] {
  return heldOut.length > 0 ? heldOut : solvedOn;
}

/**
 * What verification takes from a calibration: inputs to check sites on, and a comparison of both models over {@link measuredOn}.
 */
export async function heldOutProof(
  model: Model,
  data: Dataset,
  calibration: Calibration,
  { memory, tasks }: Pick<SwapOptions, 'memory' | 'tasks'>,
): Promise<Required<Pick<VerifyOptions, 'inputs' | 'compare'>>> {
  const samples = measuredOn(calibration);
  const { bytes } = calibration;
  const { compareHeldOut, siteInputs } = await import('../measure/held-out.ts');
  return {
    inputs: await siteInputs(model, data, samples),
    compare: (source, written, settings) =>
      compareHeldOut(source, written, data, samples, { memory, tasks, settings, bytes }),
  };
}

/** What a report says of a calibration. */
export function calibrationFacts(
  { fits, mismatch, moved, reading, choice, refined, solvedOn, heldOut }: Calibration,
  { path, skipped, pictures, isOrderAssumed }: JobData,
  seed: number,
  measured: boolean,
): CalibrationFacts {
  return defined({
    path,
    seed,
    fits,
    mismatch,
    skipped,
    pictures,
    isOrderAssumed,
    measured,
    solvedOn: solvedOn.length,
    heldOut: heldOut.length,
    moved,
    reading,
    choice,
    refined,
  });
}

/**
 * Solves a plan from the files of all shards. There are no samples on this machine to measure drift on.
 *
 * @param planned with the `statistics` init
 * @param source the bytes of the model's file
 */
export async function solveShards(
  planned: Plan,
  files: readonly ShardFile[],
  source: ByteSource,
  options: SwapOptions,
): Promise<{ readonly plan: Plan; readonly facts: CalibrationFacts }> {
  const { unpackMoments } = await import('../calibrate/shards.ts');
  const wanted = { plan: planned, source: digestOf(source), groupsAsked: groupsAsked(options) };
  const unpacked = unpackMoments(files, wanted);
  const { plan, ...found } = await solveFields(unpacked.plan, unpacked.collected);
  const { seed, samples: solvedOn, heldOut } = unpacked.header;
  const path = plural(files.length, 'shard');
  return { plan, facts: { path, seed, solvedOn, heldOut, ...found, skipped: [], measured: false } };
}

async function solveFields(
  planned: Plan,
  collected: ReadonlyMap<SitePlan, Fields>,
): Promise<Pick<Calibration, 'plan' | 'fits' | 'mismatch' | 'moved'>> {
  const { isReEstimated, solvePlan } = await import('../calibrate/index.ts');
  if (!isReEstimated(planned)) return solvePlan(planned, collected as ReadonlyMap<SitePlan, SiteStatistics>);
  const { mergeMoments } = await import('../calibrate/batch-moments.ts');
  const { reEstimatedPlan } = await import('../calibrate/re-estimated.ts');
  const moments = [...(collected as ReadonlyMap<SitePlan, BatchMoments>)];
  return reEstimatedPlan(planned, new Map(moments.map(([it, own]) => [it, mergeMoments([own], it.channels)])));
}
