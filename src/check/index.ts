/** Proves a file with norms still valid, without trusting it: what it says of itself, what its graph is, what it computes. */

import { GnSwapError } from '../errors.ts';
import type { Search } from '../find/index.ts';
import { standingNorms } from '../find/standing/index.ts';
import type { StandingNorm } from '../find/standing/types.ts';
import { viewOf } from '../graph/view.ts';
import type { Drift } from '../measure/drift.ts';
import { fileOf, inFile, type Model } from '../onnx/model.ts';
import { readProvenance } from '../rewrite/record.ts';
import type { OpenSession } from '../runtime/session.ts';
import { runSettings } from '../verify/settings.ts';
import type { Verification, VerifyOptions } from '../verify/verification.ts';
import { wrong } from './finding.ts';
import { openBatch } from './open-batch.ts';
import { CHECKS } from './registry.ts';
import { siteOf } from './site.ts';
import type { CheckedSite, CheckResult, CheckRun, CheckSource, Finding, ParameterState, Subject } from './types.ts';

/** What {@link checkModel} is given. */
export interface CheckOptions
  extends Pick<
    VerifyOptions,
    'inputs' | 'seed' | 'memory' | 'maxDrift' | 'minKept' | 'tasks' | 'time' | 'observe' | 'onProgress'
  > {
  /** As read from its file. */
  readonly written: Model;
  /** Whether a file without a record of a rewrite fails, as one that was never swapped does; default false. */
  readonly requireRecord?: boolean | undefined;
  /** Whether to run it in ONNX Runtime; default true. */
  readonly run?: boolean | undefined;
  /** What it is said to have been made from. */
  readonly source?: GivenSource | undefined;
}

/** A source to check against. */
export interface GivenSource {
  readonly model: Model;
  /** Path, or what else to call it. */
  readonly label: string;
  /** As a record has it: `sha256:…`. */
  readonly digest: string;
  /** All places where a norm stands, or was folded into a Conv. */
  readonly search: Search;
  /** The same where the arithmetic around these sites was merged into them first. */
  absorbed(names: readonly string[]): Promise<Search>;
  /** All places where a norm could be put, those among them that do not look like one: `--include` takes them in. */
  everywhere(): Promise<Search>;
}

/** What was found in a file. */
export interface CheckReport {
  /** Whether no finding is an error. */
  readonly passed: boolean;
  readonly checks: readonly CheckResult[];
  readonly sites: readonly ReportedSite[];
  /** `undefined` where the model could not be run. */
  readonly verification: Verification | undefined;
  readonly drift: readonly Drift[];
  /** What it is said to have been made from. */
  readonly against: string | undefined;
}

/** A norm in the file, and what became of it. */
export interface ReportedSite extends CheckedSite {
  readonly state: ParameterState;
}

/**
 * Runs all checks on a model.
 *
 * @throws GnSwapError `runtime-missing` where there is no ONNX Runtime; what is wrong with the model is a finding
 */
export async function checkModel(options: CheckOptions): Promise<CheckReport> {
  const { written, source } = options;
  const provenance = readProvenance(written);
  const standing = standingNorms(written);
  const sites = namedSites(standing.norms, provenance);
  const given: CheckSource | undefined = source && {
    model: source.model,
    file: source.label,
    digest: source.digest,
    search: await searchFor(provenance, source, standing.norms),
  };
  const opening = once(() => openFile(options));
  const proof = once(async () => prove(options, standing.model, sites, await opening()));
  const subject: Subject = {
    model: written,
    provenance,
    standing,
    sites,
    source: given,
    maxDrift: options.maxDrift,
    hasInputs: options.inputs !== undefined,
    requireRecord: options.requireRecord ?? false,
    load: async () => {
      const opened = await opening();
      return opened instanceof GnSwapError ? opened : undefined;
    },
    prove: proof,
    states: new Map(),
  };
  const checks: CheckResult[] = [
    { name: 'readable', perSite: false, status: 'passed', detail: 'the file is a complete ONNX model', findings: [] },
  ];
  const seen = new Set<string>();
  for (const { name, run, perSite = false, loadsRuntime = false } of CHECKS) {
    const result = loadsRuntime && options.run === false ? NOT_RUN : await run(subject);
    // What two checks see is said once.
    const findings = result.findings.filter((finding) => isNew(finding, seen));
    const failed = result.findings.some(({ severity }) => severity === 'error');
    const status = failed ? 'failed' : result.skipped ? 'skipped' : 'passed';
    checks.push({ ...result, name, perSite, findings, status, detail: detailOf(result) });
  }
  const verified = options.run === false ? undefined : await proof();
  const verification = verified instanceof GnSwapError ? undefined : verified;
  return {
    passed: checks.every(({ status }) => status !== 'failed'),
    checks,
    sites: sites.map((site) => ({ ...site, state: subject.states.get(site) ?? 'unknown' })),
    verification,
    drift: source === undefined ? [] : (verification?.drift ?? []),
    against: source?.label,
  };
}

function isNew({ rule, node }: Finding, seen: Set<string>): boolean {
  const key = JSON.stringify([rule, node]);
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

const NOT_RUN: CheckRun = { findings: [], skipped: true, detail: 'not run because of --no-verify' };

function detailOf({ detail, findings }: CheckRun): string {
  const [first, ...others] = findings;
  if (first === undefined) return detail;
  const place = first.node === '' ? '' : `${JSON.stringify(first.node)}: `;
  return `${place}${first.message}${others.length > 0 ? `, and ${others.length} more` : ''}`;
}

/**
 * Where the norms of the file were in the source.
 *
 * 1. A norm that makes what a Conv of the source makes, which does not look like a place of one: the user named it.
 * 2. Where a recorded norm makes what no norm of the source makes, the arithmetic behind it was merged into it.
 */
async function searchFor(
  provenance: Subject['provenance'],
  { search: likely, absorbed, everywhere }: GivenSource,
  norms: readonly StandingNorm[],
): Promise<Search> {
  // (1)
  const found = new Set(likely.sites.map(({ output }) => output));
  const others = new Set(norms.flatMap(({ output }) => (found.has(output) ? [] : [output])));
  const search = others.size === 0 ? likely : withSites(likely, await everywhere(), others);
  if (typeof provenance !== 'object') return search;
  // (2)
  const made = new Map(search.sites.map((site) => [site.name, site]));
  const isMerged = provenance.sites.some(({ name, input, output }) => {
    const site = made.get(name);
    return site !== undefined && (site.output !== output || (site.kept === undefined && site.input !== input));
  });
  return isMerged ? absorbed(provenance.sites.map(({ name }) => name)) : search;
}

/** The likely sites of a source, and of all others those that make these values. */
function withSites(likely: Search, all: Search, outputs: ReadonlySet<string>): Search {
  const found = new Set(likely.sites.map(({ output }) => output));
  const sites = all.sites.filter(({ output }) => found.has(output) || outputs.has(output));
  return sites.length > likely.sites.length ? { ...all, sites } : likely;
}

/** The report on bytes that are no whole model. */
export function unreadable({ message, remedy = 'Restore the file' }: GnSwapError): CheckReport {
  const finding = wrong('unreadable', '', message, remedy);
  const check = { name: 'readable', perSite: false, status: 'failed', detail: message, findings: [finding] } as const;
  return { passed: false, checks: [check], sites: [], verification: undefined, drift: [], against: undefined };
}

/** Each record goes with the norm that makes its output; in branches of one name, in the graph that it names. */
function namedSites(norms: readonly StandingNorm[], provenance: Subject['provenance']): CheckedSite[] {
  const records = typeof provenance === 'object' ? [...provenance.sites] : [];
  const used = new Set<string>();
  return norms.map((norm) => {
    const candidates = records.filter(({ output }) => output === norm.output);
    const record = candidates.find(({ path = '' }) => path === norm.path) ?? candidates[0];
    if (record !== undefined) records.splice(records.indexOf(record), 1);
    const wanted = record?.name ?? norm.name;
    const name = used.has(wanted) ? `${wanted} (${norm.output})` : wanted;
    used.add(name);
    return { name, norm, record };
  });
}

/** Opens the file as its proof will run it, which then need not open it again; or why it does not load. */
async function openFile(options: CheckOptions): Promise<OpenSession | GnSwapError> {
  const { written } = options;
  const { keepSession, runtimeFailure } = await import('../runtime/session.ts');
  const { refuseHazards } = await import('../runtime/hazards.ts');
  try {
    refuseHazards(written);
  } catch (error) {
    if (error instanceof GnSwapError) return error;
    throw error;
  }
  return keepSession(written, runSettings(ownRun(options)), true).catch(runtimeFailure);
}

/** A file without a source is run as its own. */
function ownRun({ written, source, observe, time }: CheckOptions): Parameters<typeof runSettings>[0] {
  return { source: source?.model ?? written, written, observe, time };
}

/** A file without a source is run as its own: what is compared then is equal. */
async function prove(
  options: CheckOptions,
  named: Model,
  sites: readonly CheckedSite[],
  session: OpenSession | GnSwapError,
): Promise<Verification | GnSwapError> {
  const { written, source, ...rest } = options;
  const { verify } = await import('../verify/index.ts');
  const graphs = new Map(viewOf(named).scopes.map(({ path, graph }) => [path, graph]));
  const training = source?.search.sites.some((site) => site.training) ?? false;
  const opened = openBatch(
    named,
    sites.map(({ norm }) => norm),
  );
  // On the batch that the file is for it is the same model, so the file itself is run.
  const file = fileOf(written);
  const model = file === undefined ? opened : inFile(opened, file);
  const loaded = session instanceof GnSwapError ? undefined : session;
  const isSame = file !== undefined || model === written;
  try {
    if (!isSame) await loaded?.close();
    return await verify({
      ...rest,
      loaded: isSame ? loaded : undefined,
      source: source?.model ?? model,
      written: model,
      sites: sites.map((site) => siteOf(site, model, graphs, training)),
      trains: training,
      hasSource: source !== undefined,
    });
  } catch (error) {
    if (error instanceof GnSwapError && error.code !== 'runtime-missing') return error;
    throw error;
  } finally {
    await loaded?.close();
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
