/** The whole job on a model in memory, and the part of it that the command line shares. */

import type { Calibration } from '../calibrate/calibration.ts';
import { GnSwapError } from '../errors.ts';
import { countFoldedConv, findSites, type Search } from '../find/index.ts';
import { foldedWords, type SiteKind } from '../find/kinds.ts';
import { NO_NORM, type Refusal, type Site } from '../find/types.ts';
import { liftConstants } from '../graph/lift.ts';
import { asMeant, type MeantOptions } from '../inputs/as-meant.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { type ByteSource, MemorySource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import { type Model, opsetVersion, readModel, writeModel } from '../onnx/model.ts';
import { normFor, type PlanOptions } from '../plan/choices.ts';
import { consumerFor } from '../plan/consumers.ts';
import { type Plan, plan } from '../plan/index.ts';
import { absorbAffine } from '../rewrite/absorb.ts';
import { type Rewritten, rewrite } from '../rewrite/index.ts';
import { provenanceOf, sealed, withProvenance } from '../rewrite/record.ts';
import type { Verification, VerifyOptions } from '../verify/verification.ts';
import { VERSION } from '../version.ts';

/** Options of {@link swap}; named as on the command line. */
export interface SwapOptions
  extends PlanOptions,
    Pick<VerifyOptions, 'inputs' | 'seed' | 'memory' | 'maxDrift' | 'minKept' | 'tasks' | 'onProgress'> {
  /** Which places to rewrite; `folded` and `all` need `calibrate`. Default `batchnorm`. */
  readonly sites?: SiteKind | undefined;
  /** Whether Mul and Add of constants right before or behind a norm are merged into γ′ and β′; default false. */
  readonly absorbAffine?: boolean | undefined;
  /** Whether `spatial=0` with one number per channel is read as `spatial=1`; default false. */
  readonly assumeSpatial?: boolean | undefined;
  /** Whether the first axis of the inputs counts samples; default what the graph tells. */
  readonly batchAxis?: MeantOptions['batchAxis'];
  /** Unlabelled inputs to solve γ′ and β′ from; see {@link datasetOf}. */
  readonly calibrate?: Dataset | undefined;
  /** Whether to run the result in ONNX Runtime; default true. */
  readonly verify?: boolean | undefined;
  /** Whether a site that can't be rewritten is an error; default false. */
  readonly strict?: boolean | undefined;
}

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
  const model = asMeant(readModel(source), options);
  const all = await findAllSites(model, {
    ...options,
    run: options.verify !== false || options.calibrate !== undefined,
  });
  if (options.calibrate === undefined) refuseWithoutData(all, options);
  const search = options.calibrate === undefined ? withoutLost(all, options) : all;
  const { plan: planned, calibration } = await solved(search, planAll(search, options), options);
  const { model: result, sites } = rewriteAll(search, planned, new MemorySource(source), options.for);
  const bytes = writeModel(result);
  if (options.verify === false) return { model: bytes, plan: planned, calibration, verification: undefined };
  const { verify } = await import('../verify/index.ts');
  const { seed, memory, maxDrift, minKept, tasks, onProgress } = options;
  const proof = calibration && (await heldOutProof(model, calibration, options));
  const verification = await verify({
    source: model,
    written: readModel(bytes),
    sites,
    seed,
    memory,
    maxDrift,
    minKept,
    tasks,
    inputs: options.inputs ?? proof?.inputs,
    ...(options.inputs === undefined && proof !== undefined ? { compare: proof.compare } : {}),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return { model: bytes, plan: planned, calibration, verification };
}

/** A plan by {@link planAll}, solved from data where the options bring some. Loads ONNX Runtime then. */
export async function solved(
  search: Search,
  planned: Plan,
  options: SwapOptions,
): Promise<{ plan: Plan; calibration: Calibration | undefined }> {
  const { calibrate: data, init = 'statistics', onProgress } = options;
  if (data === undefined) return { plan: planned, calibration: undefined };
  refuseUnusedData(options);
  if (init !== 'statistics') {
    throw new GnSwapError('invalid-arguments', `both calibrate and the init ${init} are given`, {
      remedy: 'Give one of them',
    });
  }
  const { calibrate } = await import('../calibrate/index.ts');
  const { chooseSolution } = await import('./choose.ts');
  const { memory, tasks, seed = 0 } = options;
  const progress = onProgress === undefined ? {} : { onProgress };
  const chooseGroups = !groupsAsked(options);
  const solutions = await calibrate(search, planned, { data, memory, seed, chooseGroups, ...progress });
  const calibration = await chooseSolution(search, solutions, { data, memory, tasks, ...progress });
  return { plan: calibration.plan, calibration };
}

/** Whether G is settled: by the user, or by the norm. */
export function groupsAsked({ to, groups = 'auto', channelsPerGroup }: PlanOptions): boolean {
  return !normFor(to).freeGroups || groups !== 'auto' || channelsPerGroup !== undefined;
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
  calibration: Calibration,
  options: SwapOptions,
): Promise<Required<Pick<VerifyOptions, 'inputs' | 'compare'>>> {
  const data = options.calibrate as Dataset;
  const samples = measuredOn(calibration);
  const { compareHeldOut, siteInputs } = await import('../measure/held-out.ts');
  const { memory, tasks } = options;
  return {
    inputs: await siteInputs(model, data, samples),
    compare: (source, written, settings) => compareHeldOut(source, written, data, samples, { memory, tasks, settings }),
  };
}

/**
 * {@link findSites}, with constant expressions computed where `run` allows to load ONNX Runtime and one needs it. Where that
 * fails, it is why those sites are refused; the others can be rewritten all the same.
 */
export async function findAllSites(model: Model, options: FindOptions): Promise<Search> {
  const search = await findEvaluated(model, options);
  if (options.absorbAffine !== true) return search;
  const all = await mergedSearch(search, search.sites, options);
  // Some can be rewritten only once it is merged, so that tells; around those that are left it stays.
  const { sites } = plan(all.sites, opsetVersion(search.model.proto) ?? 0, options);
  const rewritten = new Set(sites.map(({ site }) => site.name));
  const kept = search.sites.filter(({ name }) => rewritten.has(name));
  return kept.length === search.sites.length ? all : mergedSearch(search, kept, options);
}

/** What is found once the arithmetic around the given sites is merged into them. */
async function mergedSearch(search: Search, sites: readonly Site[], options: FindOptions): Promise<Search> {
  const { model, merged: operators } = absorbAffine(search.model, sites);
  const found = await findEvaluated(model, options);
  const marked = found.sites.map((site) => {
    const own = operators.get(site.name);
    return own === undefined ? site : { ...site, merged: own };
  });
  return { ...found, early: search.early, sites: marked };
}

/** How {@link findAllSites} goes about it. */
export interface FindOptions extends PlanOptions {
  /** Whether ONNX Runtime may be loaded. */
  readonly run: boolean;
  readonly sites?: SiteKind | undefined;
  /** Whether the arithmetic around the sites that will be rewritten is merged into them first. */
  readonly absorbAffine?: boolean | undefined;
}

async function findEvaluated(model: Model, { run, sites, include }: FindOptions): Promise<Search> {
  const search = findSites(model, undefined, sites, include);
  if (!run || search.unevaluated.length === 0) return search;
  try {
    const { evaluateConstants } = await import('../runtime/evaluate.ts');
    const evaluated = await evaluateConstants(search.model, search.unevaluated);
    return findSites(model, evaluated, sites, include);
  } catch (error) {
    if (!(error instanceof GnSwapError) || !error.code.startsWith('runtime-')) throw error;
    const { message, remedy = 'Export the model with its parameters stored' } = error;
    const reason = `its parameters can't be computed: ${message}`;
    const refusals = search.refusals.map((it) =>
      it.code === 'parameters-need-running' ? { ...it, reason, remedy } : it,
    );
    return { ...search, refusals };
  }
}

/**
 * Some norms are made from data alone, and nothing is known of a norm that was folded away, so γ and β can only be solved from
 * data.
 */
export function refuseWithoutData({ sites }: Search, { to }: PlanOptions): void {
  const { name, data } = normFor(to);
  if (data === 'required') {
    throw new GnSwapError('invalid-arguments', `--to ${name} takes its numbers from data`, {
      remedy: 'Give a few inputs with --calibrate',
    });
  }
  const folded = sites.find(({ kept }) => kept !== undefined);
  if (folded === undefined) return;
  if (data === 'unused') {
    throw new GnSwapError(
      'invalid-arguments',
      `--to ${name} is made from a BatchNormalization, and a folded one is gone`,
      {
        node: folded.name,
        remedy: 'Leave --sites out',
      },
    );
  }
  throw new GnSwapError('invalid-arguments', 'what a folded norm was is not in the model, so data must tell', {
    node: folded.name,
    remedy: 'Give a few inputs with --calibrate',
  });
}

const LOST = 'Use --calibrate DIR to solve γ and β from data, or export the model with its norms kept';

/**
 * Leaves out the sites that only data could tell, of norms whose numbers the exporter multiplied together: a swap without data
 * can still do the others.
 */
export function withoutLost(search: Search, { to }: PlanOptions): Search {
  if (normFor(to).data !== 'optional') return search;
  const lost = search.sites.filter(({ needsData, kept }) => needsData === true && kept === undefined);
  if (lost.length === 0) return search;
  const refusals = lost.map(({ name, path, node }): Refusal => {
    const reason = 'it is frozen as Mul and Add, and its μ and σ² are not in the file';
    return {
      name,
      path,
      op: node.opType,
      code: 'no-statistics',
      reason,
      remedy: LOST,
    };
  });
  const sites = search.sites.filter((site) => !lost.includes(site));
  return { ...search, sites, refusals: [...search.refusals, ...refusals] };
}

/**
 * Refuses data where there is nothing to solve from them.
 *
 * @throws GnSwapError `invalid-arguments`
 */
export function refuseUnusedData({ to }: PlanOptions): void {
  const { name, data } = normFor(to);
  if (data !== 'unused') return;
  throw new GnSwapError('invalid-arguments', `--to ${name} has nothing to solve from data`, {
    remedy: 'Leave --calibrate out; --inputs gives inputs to verify on',
  });
}

/** {@link plan} for what a search found, be it nothing. */
export function planSearch({ model, sites, refusals, early }: Search, options: PlanOptions): Plan {
  return { ...plan(sites, opsetVersion(model.proto) ?? 0, options, refusals), early };
}

/**
 * {@link planSearch}, which must leave something to do.
 *
 * @throws GnSwapError `nothing-to-swap` where no site can be rewritten, `refused` where one can't and that is not allowed
 */
export function planAll(search: Search, options: SwapOptions): Plan {
  const { model } = search;
  const planned = planSearch(search, options);
  const unwanted = planned.refusals.filter(({ code }) => code !== 'excluded' && !NO_NORM.has(code));
  const [first] = unwanted;
  if (options.strict === true && first !== undefined) {
    throw new GnSwapError('refused', `${unwanted.length} can't be swapped, and --strict is set; ${first.reason}`, {
      node: first.name,
      remedy: first.remedy,
    });
  }
  if (planned.sites.length === 0) throw nothingToSwap(model, planned, options.sites);
  return planned;
}

function nothingToSwap(model: Model, { refusals }: Plan, sites: SiteKind = 'batchnorm'): GnSwapError {
  const norms = refusals.filter(({ code }) => !NO_NORM.has(code));
  const [first] = norms;
  if (first !== undefined) {
    const what = norms.every(({ op }) => op === 'Add') ? 'frozen norm' : 'BatchNormalization node';
    const count = `${norms.length} ${what}${norms.length === 1 ? '' : 's'}`;
    return new GnSwapError('nothing-to-swap', `${count}, and none can be swapped: ${first.reason}`, {
      node: first.name,
      remedy: first.remedy,
    });
  }
  if (sites === 'folded' && refusals.length === 0) {
    return new GnSwapError('nothing-to-swap', 'there is no Conv that a norm could have been folded into', {
      remedy: 'Leave --sites out, to rewrite BatchNormalization',
    });
  }
  if (sites === 'folded') {
    return new GnSwapError('nothing-to-swap', `none of ${refusals.length} Conv looks as if a norm was folded into it`, {
      remedy: 'See why with gn-swap inspect --sites folded; --include names Conv outright',
    });
  }
  const folded = countFoldedConv(model);
  const instead = folded === 0 ? '' : `; ${foldedWords(folded)}`;
  return new GnSwapError('nothing-to-swap', `0 BatchNormalization nodes${instead}`, {
    remedy:
      folded === 0
        ? 'Give a model that has BatchNormalization'
        : 'Try --sites folded --calibrate DIR, or export the model with its norms kept',
  });
}

/**
 * {@link rewrite} with provenance (the fingerprint of the source and the version of this package), and with the constants
 * lifted that a consumer wants as initializers.
 *
 * @param consumer name of one; none where absent
 */
export function rewriteAll(search: Search, planned: Plan, source: ByteSource, consumer?: string): Rewritten {
  const rewritten = rewrite(search.model, planned);
  const lift = consumer === undefined ? 'none' : consumerFor(consumer, opsetVersion(search.model.proto) ?? 0).lift;
  const lifted = { ...rewritten, model: liftConstants(rewritten.model, lift) };
  // Last, as the record says what was written.
  const provenance = sealed(lifted, provenanceOf(planned, digestOf(source), VERSION));
  return { ...lifted, model: withProvenance(lifted.model, provenance) };
}
