/** Proves a rewritten file: that it loads, keeps its interface, computes its norms, and how far it is from its source. */
import { GnSwapError } from '../errors.ts';
import { float32Twin, twinnedTypes } from '../graph/float32.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import { interfaceDifferences } from '../graph/interface.ts';
import { demandsOf } from '../inputs/demanded.ts';
import { type Feed, feedGiven, feedMade, fitInputs } from '../inputs/feed.ts';
import { type Drift, driftOf } from '../measure/drift.ts';
import type { Compared } from '../measure/held-out.ts';
import type { Kept } from '../measure/kept.ts';
import type { Observations, Observe } from '../measure/observe.ts';
import type { TaskOptions } from '../measure/tasks/types.ts';
import { normNamed } from '../norms/index.ts';
import { DataType, dataTypeName, isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/value-type.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { twinSite } from '../rewrite/twin.ts';
import { refuseHazards } from '../runtime/hazards.ts';
import { loadFailure } from '../runtime/load.ts';
import { defaultMemory } from '../runtime/memory.ts';
import {
  allFinite,
  lacksKernel,
  runtimeFailure,
  type Session,
  type SessionSettings,
  type Value,
  type Values,
  withSession,
} from '../runtime/session.ts';
import { sourceFault } from '../runtime/source-fault.ts';
import { isWithin } from './bounds.ts';
import { keptCheck, keptIn } from './kept.ts';
import { keepsPromise, sameFunction } from './same-function.ts';
import { type SiteCheck, type SiteVerification, verifySites } from './sites.ts';

/** What {@link verify} is given, and how it goes about it. */
export interface VerifyOptions {
  readonly source: Model;
  /** As read back from where it was written. */
  readonly written: Model;
  readonly sites: readonly RewrittenSite[];
  /** Whether the source normalised by its batch; default what the sites say, which a norm that is none over groups is not among. */
  readonly trains?: boolean;
  /** To run both models on; made from the seed where absent. */
  readonly inputs?: Values | undefined;
  /** Of every random choice; default 0. */
  readonly seed?: number | undefined;
  /** Bytes that fetched values and references may take; default a quarter of what is free. */
  readonly memory?: number | undefined;
  /** Largest relative drift of an output that passes; without it drift is only reported. */
  readonly maxDrift?: number | undefined;
  /** Least share of the behaviour that passes; without it what is kept is only reported. */
  readonly minKept?: number | undefined;
  /** What the outputs are used for, where the caller says so. */
  readonly tasks?: TaskOptions | undefined;
  /** Whether the source is another model, whose behaviour is to be kept; default true. */
  readonly hasSource?: boolean | undefined;
  /**
   * Compares both models in place of the one run on `inputs`; calibration does it on all samples that it kept for that. It gets
   * them as they are run: in types that the runtime computes, and the source in inference mode.
   */
  compare?(source: Model, written: Model, settings: SessionSettings): Promise<Compared>;
  /** What to look at for a report, beside the proof; nothing where absent. */
  readonly observe?: Observe | undefined;
  /** Told what goes on, and how much of it is done. */
  readonly onProgress?: (step: string, done: number, of: number) => void;
}

/** What is checked; `drift` and `kept` fail only beyond a limit that the caller sets. */
export type CheckName = 'loads' | 'interface' | 'runs' | 'reference' | 'independence' | 'forms' | 'drift' | 'kept';

/** One of the things that were to be proven. */
export interface Check {
  readonly name: CheckName;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was found, in a sentence. */
  readonly detail: string;
}

/** All that was found. */
export interface Verification {
  readonly passed: boolean;
  readonly seed: number;
  readonly inputs: 'given' | 'made';
  /** Dimensions of each input of the run. */
  readonly inputDims: Readonly<Record<string, readonly number[]>>;
  readonly checks: readonly Check[];
  readonly sites: readonly SiteVerification[];
  readonly drift: readonly Drift[];
  /** How much of the source's behaviour is kept; undefined if the models were run on random inputs alone. */
  readonly kept?: Kept;
  /** Whether the norm was shown to compute the source's own function. */
  readonly isSame: boolean;
  /** Where it was wanted, and both models ran. */
  readonly observed?: Observations;
}

/**
 * Runs the written model against its source and against the float64 reference of every norm in it.
 *
 * @throws GnSwapError `runtime-failed` where the *source* does not load, `invalid-data` where it runs on no input that is
 *   given or can be made, `runtime-missing` where there is no ONNX Runtime. What is wrong with the written model is no error
 *   but a failed check.
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { seed = 0, memory = defaultMemory(), onProgress } = options;
  const large = options.source.home.large || options.written.home.large;
  const settings: SessionSettings = large ? { optimize: false, keepMemory: false } : {};
  const checks: Check[] = [];
  const record = (name: CheckName, failure: string | undefined, success: string) =>
    checks.push({ name, status: failure === undefined ? 'passed' : 'failed', detail: failure ?? success });
  const found: {
    feed?: Feed;
    drift: readonly Drift[];
    kept?: Kept;
    isSame: boolean;
    sites: SiteVerification[];
    observed?: Observations;
  } = {
    drift: [],
    isSame: false,
    sites: [],
  };
  const finish = (): Verification => ({
    passed: checks.every(({ status }) => status !== 'failed'),
    seed,
    inputs: options.inputs === undefined ? 'made' : 'given',
    inputDims: Object.fromEntries(Object.entries(found.feed?.inputs ?? {}).map(([name, { dims }]) => [name, dims])),
    checks,
    sites: found.sites,
    drift: found.drift,
    ...(found.kept === undefined ? {} : { kept: found.kept }),
    isSame: found.isSame,
    ...(found.observed === undefined ? {} : { observed: found.observed }),
  });

  onProgress?.('load', 0, 1);
  const differences = interfaceDifferences(options.source, options.written);
  record('interface', differences[0], 'names, types and shapes of inputs and outputs are the source’s');
  const { trains = options.sites.some(({ plan }) => plan.site.training) } = options;
  refuseHazards(trains ? inInferenceMode(options.source) : options.source);
  const failure = await loadFailure(options.written, settings);
  const types = lacksKernel(failure) ? twinnedTypes(options.written) : [];
  // ONNX Runtime's CPU provider has every operator for float32, but not for the other float types.
  const twinned = failure !== undefined && types.length > 0;
  if (twinned) checks.push({ name: 'loads', status: 'skipped', detail: twinDetail(types, failure.message) });
  else record('loads', failure?.message, large ? LOADS_UNOPTIMISED : LOADS);
  if (failure !== undefined && !twinned) {
    const ofSource = await loadFailure(options.source, settings);
    if (ofSource !== undefined) blameSource(ofSource);
    return finish();
  }

  const source = twinned ? float32Twin(options.source) : options.source;
  const written = twinned ? float32Twin(options.written) : options.written;
  const sites = twinned ? options.sites.map(twinSite) : options.sites;

  onProgress?.('run the source', 0, 1);
  const reference = trains ? inInferenceMode(source) : source;
  const given = options.inputs && fitInputs(source, options.inputs);
  found.feed = await withSession(
    reference,
    async (session) => {
      if (given !== undefined) return feedGiven(session, given);
      const norms = sites.map(({ plan }) => plan.site);
      return feedMade(session, source, seed, demandsOf(source, norms));
    },
    settings,
  ).catch(blameSource);
  const { inputs, outputs } = found.feed;
  onProgress?.('run the rewritten model', 0, 1);
  const answers = await withSession(written, (session) => session.run(inputs), settings).catch(runtimeFailure);
  const wrong = answers instanceof GnSwapError ? answers.message : unlike(source, outputs, answers);
  const isEmpty = Object.values(inputs).every(({ dims }) => dims.includes(0)) && Object.keys(inputs).length > 0;
  const empty = isEmpty ? 'both models were run on no numbers at all, which proves nothing' : undefined;
  record('runs', wrong ?? empty, 'it runs on what the source ran on, and answers in the same types and shapes');
  if (answers instanceof GnSwapError) return finish();
  const compared = await options.compare?.(reference, written, settings);
  found.drift = compared?.drift ?? driftsOf(outputs, answers);
  const { tasks, hasSource = true } = options;
  if (compared !== undefined) found.kept = compared.kept;
  else if (hasSource && options.inputs !== undefined) {
    found.kept = keptIn(source, { inputs, source: outputs, rewritten: answers }, tasks);
  }

  const siteChecks = await verifySites({
    ...{ written, sites, inputs, memory, seed, settings },
    onSite: (done) => onProgress?.('verify sites', done, sites.length),
  }).catch(runtimeFailure);
  if (siteChecks instanceof GnSwapError) {
    record('reference', siteChecks.message, '');
    return finish();
  }
  found.sites = siteChecks;
  record('reference', failing(found.sites, 'reference'), 'every site is within its bound of the float64 reference');
  const dependent = sites.find(({ plan }) => !normNamed(plan.norm).independent)?.plan.norm;
  if (dependent === undefined) {
    record('independence', failing(found.sites, 'independence'), 'every sample is answered alone as in a batch');
  } else {
    checks.push({ name: 'independence', status: 'skipped', detail: `${dependent} is of the batch, not of a sample` });
  }
  record('forms', failing(found.sites, 'forms'), 'every legal form of the plan agrees with the reference');
  const { maxDrift } = options;
  // Text does not drift.
  const numeric = Object.keys(outputs).filter((name) => outputs[name]?.type !== DataType.STRING);
  const unknown = numeric.filter((name) => found.drift.every(({ output }) => output !== name));
  const same = sameFunction(
    options.sites.map(({ plan }) => plan),
    source,
  );
  const floats = found.drift.filter(({ output }) => isFloat(outputs[output]?.type));
  const otherwise = async () => {
    // Where operators were fused they are now run one by one, and the other way round.
    const other = { ...settings, optimize: settings.optimize === false };
    const run = (session: Session) => session.run(inputs);
    return driftsOf(outputs, await withSession(reference, run, other));
  };
  const promise = same && (await keepsPromise(same, floats, otherwise));
  found.isSame = promise?.kept === true;
  const overLimit = maxDrift === undefined ? undefined : tooFar(found.drift, unknown, maxDrift);
  if (maxDrift === undefined && promise === undefined) {
    checks.push({ name: 'drift', status: 'skipped', detail: driftDetail(unknown) });
  } else {
    const within = maxDrift === undefined ? (promise?.detail ?? '') : `no output drifted by more than ${maxDrift}`;
    record('drift', promise?.kept === false ? promise.detail : overLimit, within);
  }
  if (hasSource) checks.push(keptCheck({ kept: found.kept, isSame: found.isSame, least: options.minKept }));
  if (options.observe !== undefined) {
    const { observe } = await import('../measure/observe.ts');
    found.observed = await observe(options.observe, {
      ...{ written, sites, inputs, memory, settings, twinned },
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  }
  return finish();
}

function driftsOf(before: Values, after: Values): Drift[] {
  return Object.entries(before)
    .map(([name, value]) => after[name] && driftOf(name, value, after[name]))
    .filter((drift) => drift !== undefined);
}

/** How an output differs in what no rewrite changes; a dimension that the source leaves open may depend on the values. */
function unlike(source: Model, before: Values, after: Values): string | undefined {
  for (const { name, type } of source.proto.graph.output) {
    const [a, b] = [before[name], after[name]];
    const { shape } = declaredType(type);
    const isAlike =
      a?.type === b?.type &&
      a?.dims.length === b?.dims.length &&
      (shape?.every((dim, axis) => dim === undefined || a?.dims[axis] === b?.dims[axis]) ?? true);
    if (!isAlike) return `output ${JSON.stringify(name)} was ${typeText(a)} and is ${typeText(b)}`;
    if (a && b && allFinite(a) && !allFinite(b)) return `output ${JSON.stringify(name)} holds NaN or infinity now`;
  }
  return undefined;
}

function typeText(value: Value | undefined): string {
  return value === undefined ? 'absent' : `${dataTypeName(value.type)} [${value.dims.join(', ')}]`;
}

function tooFar(drift: readonly Drift[], unknown: readonly string[], most: number): string | undefined {
  const over = drift.find(({ relative }) => !(relative <= most));
  if (over !== undefined) {
    return `${JSON.stringify(over.output)} drifted by ${over.relative.toPrecision(3)}, more than ${most}`;
  }
  return unknown[0] === undefined ? undefined : `how far ${JSON.stringify(unknown[0])} drifted can't be told`;
}

function driftDetail(unknown: readonly string[]): string {
  const except = unknown.map((name) => JSON.stringify(name)).join(', ');
  return `not judged: --max-drift sets a limit${except === '' ? '' : `; of ${except} it is unknown`}`;
}

const LOADS = 'ONNX Runtime loads the file from where it was written';
const LOADS_UNOPTIMISED = `${LOADS}; as it is large, without optimising its graph`;

function blameSource(error: unknown): never {
  if (!(error instanceof GnSwapError) || error.code !== 'runtime-failed') throw error;
  throw sourceFault(error, 'pass --no-verify to only rewrite the model');
}

function twinDetail(types: readonly DataType[], failure: string): string {
  const names = types.map(dataTypeName).join(', ');
  return `verified through its float32 twin, as the runtime has no kernels for ${names} here (${failure})`;
}

function failing(sites: readonly SiteVerification[], check: SiteCheck): string | undefined {
  const names = sites.filter(({ failed }) => failed.includes(check)).map(({ name }) => name);
  if (names.length === 0) return undefined;
  const worst = sites.find(({ name }) => name === names[0]);
  const deviation = check === 'forms' ? worst?.forms.find((it) => !isWithin(it)) : worst?.[check];
  const figures =
    worst?.problem ?? `error ${deviation?.error.toExponential(1)}, bound ${deviation?.bound.toExponential(1)}`;
  const shown = names.slice(0, 3).map((name) => JSON.stringify(name));
  return `${names.length} of ${sites.length} sites fail: ${shown.join(', ')}${names.length > 3 ? ' …' : ''} (${figures})`;
}
