/** What a site's nodes answer when they are run alone, and what other forms of the same plan answer. */
import { GnSwapError } from '../errors.ts';
import type { Form } from '../forms/types.ts';
import { float32Twin } from '../graph/float32.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { SitePlan } from '../plan/index.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { twinSite } from '../rewrite/twin.ts';
import { lacksKernel, numbersOf, runtimeFailure, type Session, type Value, withSession } from '../runtime/session.ts';
import { sample } from './site-inputs.ts';
import { siteModel } from './site-model.ts';

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

/**
 * Runs a site's own nodes on both samples, and other forms of its plan on the first. All in one session where that works:
 * what is wrong with one of them must not be blamed on another.
 *
 * @returns the runtime's words where it does not run the site's own nodes
 */
export async function answersOf(
  rewritten: RewrittenSite,
  pair: Value,
  forms: readonly Form[],
  written: Model,
): Promise<Answers | string> {
  const { plan } = rewritten;
  const first = sample(pair, 0);
  const alone = siteModel(written, rewritten, forms);
  const own = async (session: Session) => ({
    pair: await runSite(session, plan, pair, alone.written),
    first: await runSite(session, plan, first, alone.written),
  });
  const others = async (session: Session, site: SitePlan, on: Value) => {
    const answers: OtherAnswer[] = [];
    for (const form of forms) {
      const numbers = await runSite(session, site, on, alone.others.get(form.name) as string).catch(runtimeFailure);
      answers.push({ form, on, site, numbers: numbers instanceof GnSwapError ? undefined : numbers });
    }
    return answers;
  };
  const together = await withSession(alone.model, async (session) => ({
    ...(await own(session)),
    others: await others(session, plan, first),
  })).catch(runtimeFailure);
  if (!(together instanceof GnSwapError)) return together;
  const ownAnswers = await withSession(siteModel(written, rewritten, []).model, own).catch(runtimeFailure);
  if (ownAnswers instanceof GnSwapError) return ownAnswers.message;
  const twin = twinSite(rewritten).plan;
  const narrow = { ...first, type: DataType.FLOAT, data: Float32Array.from(numbersOf(first) ?? []) };
  const inTwin = lacksKernel(together)
    ? await withSession(float32Twin(alone.model), (session) => others(session, twin, narrow)).catch(runtimeFailure)
    : together;
  const failed = () => forms.map((form) => ({ form, on: first, site: plan, numbers: undefined }));
  return { ...ownAnswers, others: inTwin instanceof GnSwapError ? failed() : inTwin };
}

async function runSite(session: Session, { site }: SitePlan, x: Value, output: string): Promise<ArrayLike<number>> {
  const value = (await session.run({ [site.input]: x }, [output]))[output];
  const numbers = value && numbersOf(value);
  if (numbers !== undefined && value?.dims.join() === x.dims.join()) return numbers;
  throw new GnSwapError('runtime-failed', `the norm answers [${value?.dims}] to [${x.dims}]`, { node: site.name });
}
