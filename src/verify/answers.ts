/** What sites' nodes answer when they are run alone, and what other forms of the same plan answer. */
import { GnSwapError } from '../errors.ts';
import type { Form } from '../forms/types.ts';
import { float32Twin } from '../graph/float32.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { SitePlan } from '../plan/index.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { twinSite } from '../rewrite/twin.ts';
import {
  lacksKernel,
  numbersIn,
  numbersOf,
  runtimeFailure,
  type Session,
  type SessionSettings,
  type Value,
  type Values,
  withSession,
} from '../runtime/session.ts';
import { SharedModel } from './same-sites.ts';
import { sample } from './site-inputs.ts';
import { type SiteNames, siteModel, type WantedSite } from './site-model.ts';

/** What the nodes of a site answer to two samples, to the first one alone, and what other forms answer to that one. */
export interface Answers {
  readonly pair: ArrayLike<number>;
  readonly first: ArrayLike<number>;
  readonly others: readonly OtherAnswer[];
}

export interface OtherAnswer {
  readonly form: Form;
  /** What the form was run on: in float32 where the runtime has no kernels for the site's type. */
  readonly on: Value;
  readonly site: SitePlan;
  /** `undefined` where it does not run. */
  readonly numbers: ArrayLike<number> | undefined;
}

/** A site, and two samples to ask it. */
export interface AskedSite extends WantedSite {
  readonly pair: Value;
}

/**
 * Sites that share a session. The runtime takes time that grows with the square of the number of nodes where the batch is open:
 * 8 sites in 3 forms load in 0.8 ms a site, 64 in 3.4 ms, 256 in 14 ms.
 */
const SITES_PER_SESSION = 8;

/** A session that runs twice gains nothing from an optimised graph, memory that it keeps, or threads that wait for more. */
const SETTINGS: SessionSettings = { optimize: false, keepMemory: false, spin: 'briefly' };

/** A site, and its answers; the runtime's words for one whose own nodes do not run. */
export type Answered = readonly [AskedSite, Answers | string];

/**
 * Runs each site's own nodes on both samples, and other forms of its plan on the first. Sites share sessions; when one fails, its
 * sites are run in halves, down to each alone, so that no site is blamed for another.
 *
 * A few are asked at a time, and handed over: samples and answers of all norms of RetinaFace are 90 MB.
 */
export async function* answersOf(asked: Iterable<AskedSite>, written: Model): AsyncGenerator<Answered> {
  const shared = new SharedModel(written, SETTINGS);
  // Where one fails, others are likely to.
  let isUsable = true;
  try {
    for (const part of parts(asked)) {
      const fed: Answers[] | GnSwapError | undefined = isUsable
        ? await answersFed(part, shared).catch(runtimeFailure)
        : undefined;
      isUsable &&= !(fed instanceof GnSwapError);
      const isAnswered = fed !== undefined && !(fed instanceof GnSwapError);
      const answers = isAnswered ? fed : await answersTogether(part, written);
      for (const [index, it] of part.entries()) yield [it, answers[index] as Answers | string];
    }
  } finally {
    await shared.close();
  }
}

/** As many as share a session. */
function* parts(asked: Iterable<AskedSite>): Generator<readonly AskedSite[]> {
  let part: AskedSite[] = [];
  for (const it of asked) {
    part.push(it);
    if (part.length < SITES_PER_SESSION) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** Everything that is asked of the sites, in a session that others like them may use too. */
async function answersFed(asked: readonly AskedSite[], shared: SharedModel): Promise<Answers[]> {
  const { session, sites } = await shared.of(asked);
  return runBoth(session, asked, sites);
}

async function answersTogether(asked: readonly AskedSite[], written: Model): Promise<(Answers | string)[]> {
  const [first, ...more] = asked;
  if (first === undefined) return [];
  const together = await runAll(asked, written);
  if (!(together instanceof GnSwapError)) return together;
  if (more.length === 0) return [await ownAnswers(first, written)];
  const half = Math.ceil(asked.length / 2);
  return [
    ...(await answersTogether(asked.slice(0, half), written)),
    ...(await answersTogether(asked.slice(half), written)),
  ];
}

/** Everything that is asked of the sites, or why some of it fails. */
async function runAll(asked: readonly AskedSite[], written: Model): Promise<Answers[] | GnSwapError> {
  const { model, sites } = siteModel(written, asked);
  const all = await withSession(model, (session) => runBoth(session, asked, sites), SETTINGS).catch(runtimeFailure);
  if (!(all instanceof GnSwapError) || !lacksKernel(all)) return all;
  // Other forms may lack kernels for a type that the site's own nodes are computed in.
  const alone = siteModel(
    written,
    asked.map((it) => ({ ...it, forms: [] })),
  );
  const own = await withSession(alone.model, (session) => runOwn(session, asked, alone.sites), SETTINGS).catch(
    runtimeFailure,
  );
  if (own instanceof GnSwapError) return own;
  const narrow = asked.map(inFloat32);
  const others = await withSession(float32Twin(model), (session) => runOthers(session, narrow, sites), SETTINGS).catch(
    runtimeFailure,
  );
  if (others instanceof GnSwapError) return others;
  return own.map((it, index) => ({ ...it, others: others[index] ?? [] }));
}

/** What one site's own nodes answer, where other forms of it do not run; those are without numbers then. */
async function ownAnswers(asked: AskedSite, written: Model): Promise<Answers | string> {
  const { model, sites } = siteModel(written, [{ ...asked, forms: [] }]);
  const own = await withSession(model, (session) => runOwn(session, [asked], sites), SETTINGS).catch(runtimeFailure);
  const [answers] = own instanceof GnSwapError ? [] : own;
  if (own instanceof GnSwapError || answers === undefined) return own instanceof GnSwapError ? own.message : '';
  const on = sample(asked.pair, 0);
  const others = asked.forms.map((form) => ({ form, on, site: asked.site.plan, numbers: undefined }));
  return { ...answers, others };
}

/** All answers. What is asked of the first sample is asked in one run: the runtime computes everything in each, whatever is fetched. */
async function runBoth(session: Session, asked: readonly AskedSite[], names: readonly SiteNames[]): Promise<Answers[]> {
  const ofPairs = await runPairs(session, asked, names);
  const firsts = firstsOf(asked);
  const ofFirsts = await run(session, names, firsts, [...ownOutputs(names), ...otherOutputs(names)]);
  const others = othersIn(ofFirsts, firsts, asked, names);
  return ownIn(ofPairs, ofFirsts, firsts, asked, names).map((it, index) => ({ ...it, others: others[index] ?? [] }));
}

/** What the sites' own nodes answer to both samples, and to the first. */
async function runOwn(
  session: Session,
  asked: readonly AskedSite[],
  names: readonly SiteNames[],
): Promise<Omit<Answers, 'others'>[]> {
  const ofPairs = await runPairs(session, asked, names);
  const firsts = firstsOf(asked);
  const ofFirsts = await run(session, names, firsts, ownOutputs(names));
  return ownIn(ofPairs, ofFirsts, firsts, asked, names);
}

/** What the other forms answer to the first sample. */
async function runOthers(
  session: Session,
  asked: readonly AskedSite[],
  names: readonly SiteNames[],
): Promise<OtherAnswer[][]> {
  const firsts = firstsOf(asked);
  const outputs = otherOutputs(names);
  const answers = outputs.length === 0 ? {} : await run(session, names, firsts, outputs);
  return othersIn(answers, firsts, asked, names);
}

/** What the sites' own nodes answer to both samples. */
function runPairs(session: Session, asked: readonly AskedSite[], names: readonly SiteNames[]): Promise<Values> {
  const pairs = asked.map(({ pair }) => pair);
  return run(session, names, pairs, ownOutputs(names));
}

function firstsOf(asked: readonly AskedSite[]): Value[] {
  return asked.map(({ pair }) => sample(pair, 0));
}

function ownOutputs(names: readonly SiteNames[]): string[] {
  return names.map(({ written }) => written);
}

function otherOutputs(names: readonly SiteNames[]): string[] {
  return names.flatMap(({ others }) => [...others.values()]);
}

function ownIn(
  ofPairs: Values,
  ofFirsts: Values,
  firsts: readonly Value[],
  asked: readonly AskedSite[],
  names: readonly SiteNames[],
): Omit<Answers, 'others'>[] {
  return asked.map(({ site, pair }, index) => {
    const { written = '' } = names[index] ?? {};
    return {
      pair: numbersLike(ofPairs[written], pair, site),
      first: numbersLike(ofFirsts[written], firsts[index] as Value, site),
    };
  });
}

function othersIn(
  answers: Values,
  firsts: readonly Value[],
  asked: readonly AskedSite[],
  names: readonly SiteNames[],
): OtherAnswer[][] {
  return asked.map(({ site, forms }, index) => {
    const on = firsts[index] as Value;
    const others = names[index]?.others;
    return forms.map((form) => ({
      form,
      on,
      site: site.plan,
      numbers: numbersLike(answers[others?.get(form.name) ?? ''], on, site),
    }));
  });
}

function run(session: Session, names: readonly SiteNames[], given: readonly Value[], outputs: readonly string[]) {
  const inputs = Object.fromEntries(names.map(({ input }, index) => [input, given[index] as Value]));
  return session.run(inputs, outputs);
}

/** The numbers of an answer, which must have the shape of what was asked. */
function numbersLike(value: Value | undefined, x: Value, { plan }: RewrittenSite): ArrayLike<number> {
  const numbers = value && numbersOf(value);
  if (numbers !== undefined && value?.dims.join() === x.dims.join()) return numbers;
  throw new GnSwapError(
    'runtime-failed',
    `the output of the norm has the shape [${value?.dims}], its input [${x.dims}]`,
    { node: plan.site.name },
  );
}

/** A site in its model's float32 twin. */
function inFloat32({ site, forms, pair }: AskedSite): AskedSite {
  const narrow = { ...pair, type: DataType.FLOAT, data: Float32Array.from(numbersIn(pair)) };
  return { site: twinSite(site), forms, pair: narrow };
}
