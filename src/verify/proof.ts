/** The steps of a verification, each of which adds to what was found. */
import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import { float32Twin, twinnedTypes } from '../graph/float32.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import { interfaceDifferences } from '../graph/interface.ts';
import { demandsOf } from '../inputs/demanded.ts';
import { type Feed, feedGiven, feedMade, fitInputs } from '../inputs/feed.ts';
import { type Drift, driftsOf } from '../measure/drift.ts';
import { rowsByData } from '../measure/evidence.ts';
import type { Kept } from '../measure/kept.ts';
import type { Observations } from '../measure/observe.ts';
import { normNamed } from '../norms/index.ts';
import { DataType, isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { twinSite } from '../rewrite/twin.ts';
import { refuseHazards } from '../runtime/hazards.ts';
import { loadFailure } from '../runtime/load.ts';
import { defaultMemory } from '../runtime/memory.ts';
import {
  keepSession,
  lacksKernel,
  type OpenSession,
  runtimeFailure,
  type Session,
  type SessionSettings,
  type Values,
  withSession,
} from '../runtime/session.ts';
import { sourceFault } from '../runtime/source-fault.ts';
import { comparableDrift, driftCheck, isCompared } from './drift.ts';
import { emptyFailure } from './empty.ts';
import { keptCheck, keptIn } from './kept.ts';
import { keepsPromise, sameFunction } from './same-function.ts';
import { failing, twinDetail, unlike } from './sentences.ts';
import { isLarge, isTimed, type Opened, runSettings, settingsFor } from './settings.ts';
import { type SiteVerification, verifySites } from './sites.ts';
import { Stopwatch } from './stopwatch.ts';
import type { Check, CheckName, Verification, VerifyOptions } from './verification.ts';
import { runWritten } from './written-run.ts';

/** The models as they are run: in types that the runtime computes. */
interface Runs {
  readonly source: Model;
  /** The source in inference mode, if it was exported in training mode. */
  readonly reference: Model;
  readonly written: Model;
  readonly sites: readonly RewrittenSite[];
  /** Whether the models are float32 twins. */
  readonly twinned: boolean;
  /** The written file, as it was loaded to see whether it loads; undefined if it is too large to keep, or a twin is run. */
  readonly loaded: OpenSession | undefined;
}

/** A verification under way. */
export class Proof {
  readonly #options: VerifyOptions & Opened;
  readonly #settings: SessionSettings;
  readonly #sessionSettings: SessionSettings;
  readonly #large: boolean;
  readonly #checks: Check[] = [];
  #feed: Feed | undefined;
  #drift: readonly Drift[] = [];
  #kept: Kept | undefined;
  #isSame = false;
  /** Outputs without drift, because the data decide how many rows they have. */
  #byData: ReadonlySet<string> = new Set();
  #latency: Verification['latency'];
  #sites: readonly SiteVerification[] = [];
  #observed: Observations | undefined;
  /** What reached the sites of a large model in its run. */
  #seen: Values | undefined;

  constructor(options: VerifyOptions & Opened) {
    this.#options = options;
    this.#large = isLarge(options);
    this.#settings = settingsFor(options);
    this.#sessionSettings = runSettings(options);
  }

  /** All that was found so far. */
  result(): Verification {
    const { seed = 0, inputs } = this.#options;
    const dims = Object.entries(this.#feed?.inputs ?? {}).map(([name, value]) => [name, value.dims]);
    return {
      passed: this.#checks.every(({ status }) => status !== 'failed'),
      seed,
      inputs: inputs === undefined ? 'made' : 'given',
      inputDims: Object.fromEntries(dims),
      checks: this.#checks,
      sites: this.#sites,
      drift: this.#drift,
      ...defined({ kept: this.#kept }),
      isSame: this.#isSame,
      ...defined({ latency: this.#latency, observed: this.#observed }),
    };
  }

  /** Checks the interface, and that the file loads. @returns what to run; undefined if the written file does not load */
  async load(): Promise<Runs | undefined> {
    const { source, written, sites, onProgress } = this.#options;
    onProgress?.('load', 0, 1);
    this.#record(
      'interface',
      interfaceDifferences(source, written)[0],
      'names, types and shapes of inputs and outputs match the source',
    );
    const { trains = sites.some(({ plan }) => plan.site.training) } = this.#options;
    refuseHazards(trains ? inInferenceMode(source) : source);
    const given = this.#options.loaded;
    const loaded = given ?? (await keepSession(written, this.#sessionSettings, true).catch(runtimeFailure));
    const failure = loaded instanceof GnSwapError ? loaded : undefined;
    const types = lacksKernel(failure) ? twinnedTypes(written) : [];
    if (failure !== undefined && types.length > 0) {
      // ONNX Runtime's CPU provider has every operator for float32, but not for the other float types.
      this.#checks.push({ name: 'loads', status: 'skipped', detail: twinDetail(types, failure.message) });
      const twin = float32Twin(source);
      const reference = trains ? inInferenceMode(twin) : twin;
      const own = { source: twin, reference, written: float32Twin(written), sites: sites.map(twinSite) };
      return { ...own, twinned: true, loaded: undefined };
    }
    this.#record('loads', failure?.message, this.#large ? LOADS_UNOPTIMISED : LOADS);
    if (loaded instanceof GnSwapError) {
      const ofSource = await loadFailure(source, this.#settings);
      if (ofSource !== undefined) blameSource(ofSource);
      return undefined;
    }
    // Two large models at once may be more than fits.
    if (this.#large) await loaded.close();
    const reference = trains ? inInferenceMode(source) : source;
    return { source, reference, written, sites, twinned: false, loaded: this.#large ? undefined : loaded };
  }

  /** Runs both models. @returns whether the written one runs */
  async run(runs: Runs): Promise<boolean> {
    const { onProgress, memory = defaultMemory() } = this.#options;
    const timed = isTimed(this.#options) && !runs.twinned;
    const watch = new Stopwatch(timed, this.#large, () => onProgress?.('measure latency', 0, 1));
    let source: OpenSession | undefined;
    let written = runs.loaded;
    try {
      onProgress?.('run the source', 0, 1);
      // A file that is checked without its source is its own, and need not be opened twice.
      const own = runs.reference === runs.written ? runs.loaded : undefined;
      source = own ?? (await keepSession(runs.reference, this.#sessionSettings).catch(blameSource));
      this.#feed = await this.#runSource(runs, watch.noting('source', source.session));
      const { inputs, outputs } = this.#feed;
      await watch.timeSource(source.session, inputs);
      // Two large models at once may be more than fits.
      if (this.#large) await source.close();
      onProgress?.('run the rewritten model', 0, 1);
      const checks = { ...runs, inputs, memory, settings: this.#sessionSettings };
      const noting = (session: Session) => watch.noting('written', session);
      const ran = await runWritten(checks, runs.loaded, this.#large, noting);
      const wrong = ran instanceof GnSwapError ? ran.message : unlike(runs.source, outputs, ran.answers);
      const given = Object.values(inputs);
      const isEmpty = given.length > 0 && given.every(({ dims }) => dims.includes(0));
      const empty = isEmpty ? 'the inputs hold 0 numbers, so nothing was tested' : undefined;
      this.#record('runs', wrong ?? empty, 'runs on the same inputs; output types and shapes match');
      if (ran instanceof GnSwapError) return false;
      [written, this.#seen] = [ran.open, ran.seen];
      this.#latency = await watch.timeBoth(source.session, written.session, inputs);
      await source.close();
      await written.close();
      await this.#compare(runs, this.#feed, ran.answers);
      return true;
    } finally {
      await source?.close();
      await written?.close();
    }
  }

  /** Proves each site, alone and in a batch, and in every form. @returns whether the sites could be run */
  async proveSites({ source, written, sites }: Runs): Promise<boolean> {
    const { seed = 0, memory = defaultMemory(), onProgress } = this.#options;
    const results = await verifySites({
      source,
      written,
      sites,
      inputs: this.#ran().inputs,
      memory,
      seed,
      settings: this.#settings,
      seen: this.#seen,
      onSite: (done) => onProgress?.('verify sites', done, sites.length),
    }).catch(runtimeFailure);
    if (results instanceof GnSwapError) {
      this.#record('reference', results.message, '');
      return false;
    }
    this.#sites = results;
    const empty = this.#options.empty === true ? await emptyFailure(written, sites) : undefined;
    this.#record('reference', failing(results, 'reference') ?? empty, 'the error of every site is within its bound');
    const dependent = sites.find(({ plan }) => !normNamed(plan.norm).independent)?.plan.norm;
    if (dependent === undefined) {
      this.#record(
        'independence',
        failing(results, 'independence'),
        'each sample gives the same result alone and in a batch',
      );
    } else {
      const detail = `--to ${dependent} depends on the whole batch`;
      this.#checks.push({ name: 'independence', status: 'skipped', detail });
    }
    this.#record('forms', failing(results, 'forms'), 'all legal forms agree with the reference');
    return true;
  }

  /** Judges how far the outputs are from the source's, and how much of its behaviour is kept. */
  async judgeDrift({ source, reference }: Runs): Promise<void> {
    const { maxDrift, minKept, hasSource = true } = this.#options;
    const { inputs, outputs } = this.#ran();
    // Text does not drift.
    const numeric = Object.keys(outputs).filter((name) => outputs[name]?.type !== DataType.STRING);
    const unknown = numeric.filter(
      (name) => !this.#byData.has(name) && this.#drift.every(({ output }) => output !== name),
    );
    const plans = this.#options.sites.map(({ plan }) => plan);
    const same = sameFunction(plans, source);
    const floats = this.#drift.filter(({ output }) => isFloat(outputs[output]?.type));
    const otherwise = async () => {
      // Where operators were fused they are now run one by one, and the other way round.
      const other = { ...this.#settings, optimize: this.#settings.optimize === false };
      const run = (session: Session) => session.run(inputs);
      return driftsOf(outputs, await withSession(reference, run, other));
    };
    const promise = same && (await keepsPromise(same, floats.filter(isCompared), otherwise));
    this.#isSame = promise?.kept === true && floats.every(isCompared);
    const [drift, byData, isMade] = [this.#drift, this.#byData, this.#options.inputs === undefined];
    this.#checks.push(driftCheck({ drift, unknown, byData, most: maxDrift, promise, isMade }));
    if (hasSource) this.#checks.push(keptCheck({ kept: this.#kept, isSame: this.#isSame, least: minKept }));
  }

  /** Looks at what a report wants to show. */
  async observe({ written, sites, twinned }: Runs): Promise<void> {
    const { observe: wanted, memory = defaultMemory(), onProgress } = this.#options;
    if (wanted === undefined) return;
    const { observe } = await import('../measure/observe.ts');
    this.#observed = await observe(wanted, {
      written,
      sites,
      inputs: this.#ran().inputs,
      memory,
      settings: this.#settings,
      twinned,
      ...defined({ onProgress }),
    });
  }

  #record(name: CheckName, failure: string | undefined, success: string): void {
    this.#checks.push({ name, status: failure === undefined ? 'passed' : 'failed', detail: failure ?? success });
  }

  /** What the source was run on, and what it answered. */
  #ran(): Feed {
    if (this.#feed === undefined) throw new RangeError('the source has not been run');
    return this.#feed;
  }

  /** Runs the source on what was given, or on made inputs that it and its norms run on. */
  async #runSource({ source, sites }: Runs, session: Session): Promise<Feed> {
    const { inputs, seed = 0 } = this.#options;
    const given = inputs && fitInputs(source, inputs);
    const norms = sites.map(({ plan }) => plan.site);
    const feed =
      given === undefined ? feedMade(session, source, seed, demandsOf(source, norms)) : feedGiven(session, given);
    return feed.catch(blameSource);
  }

  async #compare({ source, reference, written }: Runs, { inputs, outputs }: Feed, answers: Values): Promise<void> {
    const { compare, tasks, hasSource = true } = this.#options;
    const compared = await compare?.(reference, written, this.#settings);
    if (compared !== undefined) this.#kept = compared.kept;
    else if (hasSource && this.#options.inputs !== undefined) {
      this.#kept = keptIn(source, { inputs, source: outputs, rewritten: answers }, tasks);
    }
    const drift = compared?.drift ?? driftsOf(outputs, answers);
    const sites = this.#options.sites.map(({ plan }) => plan);
    if (sameFunction(sites, source) === undefined) this.#byData = rowsByData(source);
    this.#drift = comparableDrift(drift, this.#byData, this.#kept);
  }
}

const LOADS = 'ONNX Runtime loads the written file';
const LOADS_UNOPTIMISED = `${LOADS}, without graph optimisation because it is large`;

function blameSource(error: unknown): never {
  if (!(error instanceof GnSwapError) || error.code !== 'runtime-failed') throw error;
  throw sourceFault(error, 'use --no-verify to only rewrite the model');
}
