/** One pipeline for a swap: find → plan → solve → rewrite → write → verify. The library and the command line call it. */
import type { Calibration } from '../calibrate/calibration.ts';
import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import { countFoldedConv, type Search } from '../find/index.ts';
import { censusOf } from '../graph/census.ts';
import { asMeant } from '../inputs/as-meant.ts';
import { type Model, readModel, sourceOf, writeModel } from '../onnx/model.ts';
import { normFor } from '../plan/choices.ts';
import type { Plan } from '../plan/index.ts';
import { planAll, refuseUnusedData, refuseWithoutData, withoutLost } from '../plan/refuse.ts';
import { findAllSites } from '../rewrite/merged-sites.ts';
import { type Recorder, rewriteRecorded } from '../rewrite/recorded.ts';
import type { Verification, VerifyOptions } from '../verify/verification.ts';
import { untilAborted } from './given/abort.ts';
import { requireOptions } from './given/rules.ts';
import { SWAP } from './given/swap.ts';
import { Job } from './job.ts';
import type { SwapOptions } from './options.ts';
import { shownSite } from './shown-site.ts';
import {
  calibrationFacts,
  heldOutProof,
  type JobData,
  type ShardFile,
  type Solved,
  solve,
  solveShards,
} from './solve.ts';

export type { SwapOptions } from './options.ts';

/** What {@link swap} returns. */
export interface SwapResult {
  /** The rewritten model's bytes. */
  readonly model: Uint8Array;
  readonly plan: Plan;
  /** `undefined` where nothing was calibrated. */
  readonly calibration: Calibration | undefined;
  /** `undefined` where verification was not wanted. */
  readonly verification: Verification | undefined;
}

/**
 * Rewrites a model: finds its norms, plans, rewrites, writes, verifies.
 *
 * @param source the bytes of an `.onnx` file without external data
 * @returns also where a check failed: see `verification.passed`
 * @throws GnSwapError `invalid-model`, `invalid-arguments`, `nothing-to-swap`, `refused`, and what {@link verify} throws
 */
export async function swap(source: Uint8Array, options: SwapOptions = {}): Promise<SwapResult> {
  requireOptions(options, SWAP);
  return untilAborted(options, (told) => swapBytes(source, told));
}

async function swapBytes(source: Uint8Array, options: SwapOptions): Promise<SwapResult> {
  const { calibrate: data } = options;
  const job = new Job('', 'swap');
  let bytes: Uint8Array = new Uint8Array();
  const write = async (model: Model) => {
    bytes = writeModel(model);
    return () => readModel(bytes);
  };
  const host: SwapHost = {
    openData: data && (async () => ({ data, path: '', names: [], skipped: [], isOrderAssumed: false })),
    begin: async () => ({ write }),
  };
  const { plan, calibration } = await swapModel(job, readModel(source), options, host);
  return { model: bytes, plan, calibration, verification: job.draft.verification };
}

/** What a swap takes from whoever runs it. */
export interface SwapHost {
  /** Opens the inputs to solve from, once it is known that there is something to solve. */
  readonly openData?: ((model: Model) => Promise<JobData>) | undefined;
  /** What other machines gathered, in place of inputs. */
  readonly shards?: (() => readonly ShardFile[]) | undefined;
  /** Begins the output, before anything is solved; without one, nothing is written. */
  readonly begin?: ((search: Search) => Promise<Output | undefined>) | undefined;
  /** Whether Conv are counted that look as if a norm was folded into them; takes another search. */
  readonly countsFolded?: boolean | undefined;
  /** Makes the record of a large model beside the rest. */
  readonly record?: Recorder | undefined;
  /** Bytes of all files of the source, if a report shows what the rewritten model does. */
  readonly observe?: (() => number) | undefined;
}

/** Where the rewritten model goes. */
export interface Output {
  /** Writes it. @returns reads back what was written, if that is wanted: a large graph takes as long to read as to write */
  write(model: Model): Promise<() => Model>;
}

/**
 * {@link swap} for a model that lives anywhere. What becomes known goes into the job's draft.
 *
 * @param given as read from its file
 * @param options without `calibrate`: the host opens data
 */
export async function swapModel(job: Job, given: Model, options: SwapOptions, host: SwapHost): Promise<Solved> {
  const { draft } = job;
  if (options.reference === 'adapted') refuseReference(options, host);
  if (options.refine !== undefined) refuseRefine(options, host);
  const model = asMeant(given, options);
  const source = sourceOf(given);
  const search = await findFor(model, options, host);
  job.lap('find');
  // Before anything is solved: what the plan refuses needs no data.
  const planned = planAll(search, options);
  // Not where these are sites anyway, or can be none of this norm.
  const mayBeFolded = (options.sites ?? 'batchnorm') === 'batchnorm' && normFor(options.to).data === 'optional';
  if (host.countsFolded === true && mayBeFolded) draft.foldedConv = countFoldedConv(search.model);
  const data = await host.openData?.(model);
  const output = await host.begin?.(search);
  const measured = data !== undefined && options.verify !== false && options.inputs === undefined;
  const { plan, calibration, facts } = await solveFor(search, planned, options, { data, shards: host.shards, source });
  draft.plan = plan;
  const told = facts ?? (calibration && data && calibrationFacts(calibration, data, options.seed ?? 0, measured));
  if (told !== undefined) {
    draft.calibration = told;
    job.lap('calibrate');
  }
  const rewritten = await rewriteRecorded(search, plan, source, options.for, host.record);
  draft.change = { before: censusOf(given), after: censusOf(rewritten.model) };
  job.lap('rewrite');
  if (output === undefined) return { plan, calibration };
  const readBack = await output.write(rewritten.model);
  job.lap('write');
  if (options.verify !== false) {
    const written = readBack();
    const proof = measured && calibration ? await heldOutProof(model, data.data, calibration, options) : undefined;
    const observe = host.observe && { source: search.model, plan, bytes: host.observe() };
    draft.verification = await prove(options, { source: model, written, sites: rewritten.sites, observe }, proof);
    job.lap('verify');
  }
  if (host.observe !== undefined) {
    const shown = shownSite(search.model, rewritten.model, plan, draft);
    if (shown !== undefined) draft.shown = shown;
  }
  return { plan, calibration };
}

/** The sites that a swap may rewrite, as far as it may load ONNX Runtime. */
async function findFor(model: Model, options: SwapOptions, { openData, shards }: SwapHost): Promise<Search> {
  const all = await findAllSites(model, { ...options, run: options.verify !== false || openData !== undefined });
  if (openData !== undefined || shards !== undefined) {
    refuseUnusedData(options);
    return all;
  }
  refuseWithoutData(all, options);
  return withoutLost(all, options);
}

/** The statistics of inputs are those of norms that are solved from inputs here. */
function refuseReference({ to }: SwapOptions, { openData }: SwapHost): void {
  const { name, data } = normFor(to);
  if (data !== 'optional') {
    throw new GnSwapError('invalid-arguments', `--reference and --to ${name} are both given`, {
      remedy: 'Drop --reference; that norm is computed from statistics alone',
      next: { drop: ['reference'] },
    });
  }
  if (openData !== undefined) return;
  throw new GnSwapError('invalid-arguments', '--reference adapted needs inputs', {
    remedy: 'Use --calibrate DIR',
    next: { set: { calibrate: 'DIR' } },
  });
}

/** What is refined is what inputs solved here, and what it learns from is the source. */
function refuseRefine({ refine, to, reference }: SwapOptions, { openData }: SwapHost): void {
  const { name, data } = normFor(to);
  const refuse = (problem: string, remedy: string) =>
    new GnSwapError('invalid-arguments', `--refine ${problem}`, { remedy });
  if (!Number.isInteger(refine) || (refine ?? 0) < 1) {
    throw refuse(`is ${refine}`, 'Give a positive whole number of steps, or --refine alone for 200');
  }
  if (data !== 'optional') {
    throw refuse(`and --to ${name} are both given`, 'Leave --refine out: that norm is made of statistics alone');
  }
  if (reference === 'adapted') {
    throw refuse(
      'and --reference adapted are both given',
      'Leave one out: refined norms learn from the source as it is',
    );
  }
  if (openData === undefined) throw refuse('learns from inputs, and none are given', 'Give some with --calibrate DIR');
}

interface Material {
  readonly data: JobData | undefined;
  readonly shards: SwapHost['shards'];
  readonly source: Parameters<typeof solveShards>[2];
}

async function solveFor(
  search: Search,
  planned: Plan,
  options: SwapOptions,
  { data, shards, source }: Material,
): Promise<Solved & Partial<Awaited<ReturnType<typeof solveShards>>>> {
  if (shards !== undefined) return solveShards(planned, shards(), source, options);
  if (data === undefined) return { plan: planned };
  const calibration = await solve(search, planned, data.data, options);
  return { plan: calibration.plan, calibration };
}

async function prove(
  { inputs, seed, memory, maxDrift, minKept, tasks, time, onProgress }: SwapOptions,
  what: Pick<VerifyOptions, 'source' | 'written' | 'sites' | 'observe'>,
  proof: Partial<Pick<VerifyOptions, 'inputs' | 'compare'>> | undefined,
): Promise<Verification> {
  const { verify } = await import('../verify/index.ts');
  const options = { inputs, seed, memory, maxDrift, minKept, tasks, time, onProgress, empty: true, ...proof };
  return verify({ ...what, ...defined(options) });
}
