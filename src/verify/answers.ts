/** What a site's nodes answer when they are run alone, and what other forms of the same plan answer. */
import { GnSwapError } from '../errors.ts';
import type { Form } from '../forms/types.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { SitePlan } from '../plan.ts';
import type { RewrittenSite } from '../rewrite.ts';
import { inMemory } from './materialize.ts';
import { siteModel } from './models.ts';
import { lacksKernel, numbersOf, type Session, type Value, withSession } from './runtime.ts';
import { sample } from './site-inputs.ts';
import { float32Twin, twinSite } from './twin.ts';

/** What the nodes of a site answer to two samples, to the first one alone, and what other forms answer to that one. */
export interface Answers {
  readonly pair: ArrayLike<number>;
  readonly first: ArrayLike<number>;
  readonly others: readonly {
    readonly form: Form;
    /** What the form was run on: in float32 where it has no kernels for the site's type. */
    readonly on: Value;
    readonly site: SitePlan;
    readonly numbers: ArrayLike<number>;
  }[];
}

/** @returns the runtime's words where it does not run the site's own nodes */
export async function answersOf(
  rewritten: RewrittenSite,
  pair: Value,
  others: readonly Form[],
  written: Model,
): Promise<Answers | string> {
  const alone = siteModel(written, rewritten, others);
  const first = sample(pair, 0);
  const ownAnswers = async (session: Session) => ({
    pair: await runSite(session, rewritten.plan, pair, alone.written),
    first: await runSite(session, rewritten.plan, first, alone.written),
  });
  const otherAnswers = async (session: Session, site: SitePlan, on: Value) => {
    const answers: Answers['others'][number][] = [];
    for (const form of others) {
      const numbers = await runSite(session, site, on, alone.others.get(form.name) as string);
      answers.push({ form, on, site, numbers });
    }
    return answers;
  };
  const together = withSession(inMemory(alone.model), async (session) => ({
    ...(await ownAnswers(session)),
    others: await otherAnswers(session, rewritten.plan, first),
  }));
  try {
    return await together.catch(async (error: unknown) => {
      if (!lacksKernel(error)) throw error;
      const own = await withSession(inMemory(siteModel(written, rewritten, []).model), ownAnswers);
      const twin = twinSite(rewritten).plan;
      const narrow = { ...first, type: DataType.FLOAT, data: Float32Array.from(numbersOf(first) ?? []) };
      const inTwin = withSession(inMemory(float32Twin(alone.model)), (session) => otherAnswers(session, twin, narrow));
      return { ...own, others: await inTwin };
    });
  } catch (error) {
    if (error instanceof GnSwapError && error.code === 'runtime-failed') return error.message;
    throw error;
  }
}

async function runSite(session: Session, { site }: SitePlan, x: Value, output: string): Promise<ArrayLike<number>> {
  const value = (await session.run({ [site.input]: x }, [output]))[output];
  const numbers = value && numbersOf(value);
  if (numbers !== undefined && value?.dims.join() === x.dims.join()) return numbers;
  throw new GnSwapError('runtime-failed', `the norm answers [${value?.dims}] to [${x.dims}]`, { node: site.name });
}
