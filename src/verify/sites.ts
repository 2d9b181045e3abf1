/**
 * Every site against its norm's float64 reference: what the written file's nodes answer, alone and in a batch, and what
 * the other forms of the same plan answer.
 *
 * A site of the main graph is fed its real input, fetched from a run of the written model; as many sites a run as memory
 * allows. A site in a subgraph can't be reached from outside, and one whose real input is not finite says nothing: those get
 * a made input with the running statistics of the source's norm.
 */
import { GnSwapError } from '../errors.ts';
import { formNamed } from '../forms/index.ts';
import type { Form } from '../forms/types.ts';
import { sizeOf } from '../inputs/generated.ts';
import { bytesAt, type PartLimits, partsThatFit, valueNames, valuesAt } from '../measure/parts.ts';
import { sumTerms } from '../norms/grouped.ts';
import { normNamed } from '../norms/index.ts';
import { SampleReferences } from '../norms/references.ts';
import { part } from '../norms/roundoff.ts';
import type { Computed, GroupedNorm, Norm } from '../norms/types.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, opsetOf } from '../onnx/model.ts';
import { formSiteOf, legalForms, type SitePlan, storedNumbers } from '../plan/index.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { allFinite, numbersOf, runtimeFailure, type Value, type Values } from '../runtime/session.ts';
import { type Answers, type AskedSite, answersOf, type OtherAnswer } from './answers.ts';
import { type Deviation, deviation, deviations, isWithin, NO_DEVIATION, UNKNOWN, worse } from './bounds.ts';
import { madeInput, Noise, pairOf } from './site-inputs.ts';
import { takenInDeviation } from './taken-in.ts';

/** What was found at one site. */
export interface SiteVerification {
  readonly name: string;
  /** Whether the site was fed what reaches it in the model, or a made input. */
  readonly input: 'real' | 'made';
  /** Of the site's input in this run. */
  readonly dims: readonly number[];
  /** The file's own nodes against the reference. */
  readonly reference: Deviation;
  /** A sample alone against the same sample in a batch of two. */
  readonly independence: Deviation;
  /** Each other legal form of the same plan against the reference. */
  readonly forms: readonly (Deviation & { readonly form: string })[];
  /** Names of the checks that failed. */
  readonly failed: readonly SiteCheck[];
  /** Why there are no figures, where the file's nodes can't be run. */
  readonly problem?: string;
}

/** What is checked at every site. */
export type SiteCheck = 'reference' | 'independence' | 'forms';

/** What {@link verifySites} needs. */
export interface SiteChecks extends PartLimits {
  /** As read back from the file, or that model's float32 twin. */
  readonly written: Model;
  readonly sites: readonly RewrittenSite[];
  readonly seed: number;
  /** Inputs and outputs of all sites, if a run has fetched them already. */
  readonly seen?: Values | undefined;
  onSite?(done: number): void;
}

/** Verifies all sites, in the order given. */
export async function verifySites(checks: SiteChecks): Promise<SiteVerification[]> {
  const results = new Map<RewrittenSite, SiteVerification>();
  const record = (site: RewrittenSite, result: SiteVerification) => {
    results.set(site, result);
    checks.onSite?.(results.size);
  };
  const known = valueNames(checks.written);
  for (const site of checks.sites) {
    const { input, output, path } = site.plan.site;
    const missing = path === '' ? [input, output].find((name) => !known.has(name)) : undefined;
    if (formNamed(site.plan.form).takesIn) record(site, await verifyTakenIn(site, checks.written));
    else if (missing !== undefined) record(site, unrunnable(site, `the file has no value ${JSON.stringify(missing)}`));
  }
  const reachable = checks.sites.filter((site) => site.plan.site.path === '' && !results.has(site));
  const { seen } = checks;
  const parts = seen === undefined ? await partsThatFit(checks.written, reachable, bytesOf, checks) : [reachable];
  for (const chunk of parts) {
    const values = seen ?? (await valuesOf(chunk, checks));
    const reached: ReachedSite[] = [];
    for (const site of chunk) {
      const [x, y] = [values[site.plan.site.input], values[site.plan.site.output]];
      if (x === undefined || y === undefined || sizeOf(x) === 0 || !allFinite(x)) continue;
      if (x.dims.join() === y.dims.join()) reached.push({ site, x, y });
      else record(site, unrunnable(site, `the output of the norm has the shape [${y.dims}], its input [${x.dims}]`));
    }
    await verifyReached(reached, checks, record);
  }
  const others = checks.sites.filter((site) => !results.has(site));
  const made = others.map((site) => ({ site, x: madeInput(site.plan, checks.seed), y: undefined }));
  await verifyReached(made, checks, record);
  return checks.sites.map((site) => results.get(site) as SiteVerification);
}

/**
 * What a run has at the inputs and outputs of sites. An optimised graph takes half as long again to open, and computes what is
 * between them by the same kernels where no form says otherwise.
 */
async function valuesOf(sites: readonly RewrittenSite[], checks: SiteChecks): Promise<Values> {
  const { written, settings } = checks;
  const names = namesOf(sites);
  if (sites.every(({ plan }) => formNamed(plan.form).otherwise !== true)) {
    const plain = { ...checks, settings: { ...settings, optimize: false } };
    const values = await valuesAt(written, names, plain).catch(runtimeFailure);
    // Some models load only where operators are fused.
    if (!(values instanceof GnSwapError)) return values;
  }
  return valuesAt(written, names, checks);
}

/** Names of the inputs and outputs of the sites in the main graph; none if they do not all fit the memory at a time. */
export async function namesIfAllFit(checks: Omit<SiteChecks, 'seed'>): Promise<string[]> {
  const known = valueNames(checks.written);
  const reachable = checks.sites.filter(
    ({ plan: { site, form } }) =>
      site.path === '' && formNamed(form).takesIn !== true && known.has(site.input) && known.has(site.output),
  );
  const sizes = await bytesAt(checks.written, reachable, bytesOf, checks);
  return sizes.reduce((sum, bytes) => sum + bytes, 0) <= checks.memory ? namesOf(reachable) : [];
}

function namesOf(sites: readonly RewrittenSite[]): string[] {
  return sites.flatMap(({ plan }) => [plan.site.input, plan.site.output]);
}

/** A site with what reaches it, and what it made of that in the whole model, if it was run there. */
interface ReachedSite {
  readonly site: RewrittenSite;
  readonly x: Value;
  readonly y: Value | undefined;
}

async function verifyReached(
  reached: readonly ReachedSite[],
  { written, seed }: SiteChecks,
  record: (site: RewrittenSite, result: SiteVerification) => void,
): Promise<void> {
  const opset = opsetOf(written);
  const noise = new Noise(seed);
  const asked = function* (): Generator<AskedSite> {
    for (const { site, x } of reached) {
      const isOther = ({ name, takesIn }: Form) => name !== site.plan.form && takesIn !== true;
      yield { site, forms: legalForms(site.plan, opset).filter(isOther), pair: pairOf(x, noise) };
    }
  };
  let next = 0;
  for await (const [{ site, pair }, answer] of answersOf(asked(), written)) {
    const it = reached[next++] as ReachedSite;
    record(site, typeof answer === 'string' ? unrunnable(site, answer) : judge(it, pair, answer));
  }
}

/** x and y at their own width, and for one sample a float64 reference, its magnitude, and the answers of other forms. */
function bytesOf(dims: readonly number[]): number {
  return 2 * 8 * sizeOf({ dims }) + (8 * 8 * sizeOf({ dims })) / (dims[0] || 1);
}

function unrunnable({ plan }: RewrittenSite, problem: string): SiteVerification {
  const failed = ['reference', 'independence', 'forms'] as const;
  const { name } = plan.site;
  return { name, input: 'made', dims: [], reference: UNKNOWN, independence: UNKNOWN, forms: [], failed, problem };
}

/** A norm that is in the weight of the layer before it has no input of its own: its sample is answered as the layer's is. */
async function verifyTakenIn(site: RewrittenSite, written: Model): Promise<SiteVerification> {
  const reference = await takenInDeviation(site, written);
  if (typeof reference === 'string') return unrunnable(site, reference);
  const failed = isWithin(reference) ? [] : (['reference'] as const);
  const { name } = site.plan.site;
  return { name, input: 'made', dims: [], reference, independence: NO_DEVIATION, forms: [], failed };
}

/** What a site answered, against the reference. */
function judge({ site: { plan }, x, y }: ReachedSite, pair: Value, answers: Answers): SiteVerification {
  const [norm, own] = [normNamed(plan.norm), formNamed(plan.form)];
  const [stored, references] = [storedNorm(plan), new SampleReferences()];
  const computed = (on: Value, form: Form, site = plan): Computed => ({
    norm: site === plan ? stored : storedNorm(site),
    x: numbersOf(on) as ArrayLike<number>,
    dims: on.dims,
    type: on.type,
    oneStage: form.oneStage(formSiteOf(site)),
    // The file's own form is held to what a careful computation achieves; others, that nobody chose, to what their kernel does.
    bySquares: form !== own && form.bySquares?.includes(site.norm) === true,
    references,
  });
  const answered = y && (numbersOf(y) as ArrayLike<number>);
  const size = answers.pair.length / 2;
  // Then x is the first sample of the pair, of which the reference is known.
  const isFirst = norm.independent && x.dims[0] === 1;
  const real = answered === undefined || isFirst ? NO_DEVIATION : deviation(norm, computed(x, own), answered);
  // Forms answer the first sample of the pair: its reference is known then.
  const forms = judgeForms(norm, answers.others, computed);
  const [ofPair = UNKNOWN, independence = NO_DEVIATION, ofFirst = NO_DEVIATION] = deviations(
    norm,
    computed(pair, own),
    [
      { y: answers.pair },
      ...(norm.independent ? [{ y: part(answers.pair, 0, size), other: answers.first, ofFirst: true }] : []),
      ...(isFirst && answered !== undefined ? [{ y: answered, ofFirst: true }] : []),
    ],
  );
  const reference = worse(worse(real, ofFirst), ofPair);
  const failed: SiteCheck[] = [];
  if (!isWithin(reference)) failed.push('reference');
  if (!isWithin(independence)) failed.push('independence');
  if (!forms.every(isWithin)) failed.push('forms');
  const input = y === undefined ? 'made' : 'real';
  return { name: plan.site.name, input, dims: x.dims, reference, independence, forms, failed };
}

/** What other forms answered to one x. Those that are held to the same bounds are judged together. */
function judgeForms(
  norm: Norm,
  others: readonly OtherAnswer[],
  computed: (on: Value, form: Form, site: SitePlan) => Computed,
): SiteVerification['forms'] {
  const found = new Map<OtherAnswer, Deviation>();
  const largest = new Map<Value, number>();
  const alike = new Map<string, { readonly of: Computed; readonly answers: OtherAnswer[] }>();
  for (const it of others) {
    const of = computed(it.on, it.form, it.site);
    const most = largest.get(it.on) ?? largestOf(of.x);
    largest.set(it.on, most);
    if (leavesRange(of, most)) continue;
    found.set(it, UNKNOWN);
    const key = `${of.oneStage} ${of.bySquares}`;
    const known = alike.get(key);
    if (it.numbers === undefined) continue;
    if (known === undefined) alike.set(key, { of, answers: [it] });
    else known.answers.push(it);
  }
  for (const { of, answers } of alike.values()) {
    const all = deviations(
      norm,
      of,
      answers.map(({ numbers = [] }) => ({ y: numbers })),
    );
    for (const [index, it] of answers.entries()) found.set(it, all[index] as Deviation);
  }
  return [...found].map(([{ form }, deviation]) => ({ form: form.name, ...deviation }));
}

/**
 * Whether sums of squares may be more than float32 holds. Of numbers so large a form that nobody chose need not say anything: the
 * file's own is judged all the same.
 */
function leavesRange({ dims, norm, type, oneStage }: Computed, largest: number): boolean {
  return type !== DataType.DOUBLE && sumTerms(dims, norm, oneStage) * largest ** 2 >= 2 ** 128;
}

function largestOf(x: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i] as number));
  return largest;
}

/** The plan's norm with γ′ and β′ as the file must hold them: rounded to their type. */
function storedNorm(plan: SitePlan): GroupedNorm {
  const { channels, groups, epsilon } = plan;
  return { channels, groups, epsilon: Math.fround(epsilon), ...storedNumbers(plan) };
}
