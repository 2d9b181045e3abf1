/** What a model that is learned from answers, under the names of the model that learns. */
import { GnSwapError } from '../errors.ts';
import type { Example } from '../inputs/labelled/types.ts';
import { isFloat } from '../onnx/data-type.ts';
import type { Session, Values } from '../runtime/session.ts';
import { joinInputs } from './feed.ts';
import { knownTo } from './judge.ts';
import type { TrainedOutput } from './types.ts';

/**
 * A large network and a small one rarely call their input and output alike, so where each has one, it is taken for the other's.
 *
 * @param outputs of the model that learns
 */
export function teacherOf(
  session: Session,
  outputs: readonly TrainedOutput[],
): (batch: readonly Example[]) => Promise<Values> {
  const own = outputs.filter(({ type }) => isFloat(type)).map(({ name }) => name);
  const theirs = session.outputs.filter((name) => isFloat(session.types.get(name)));
  return async (batch) => renamed(await run(session, renamed(joinInputs(batch), session.inputs)), own, theirs);
}

/** The values, the only one of them under the only name that is wanted. */
function renamed(values: Values, wanted: readonly string[], from: readonly string[] = Object.keys(values)): Values {
  const [[to, ...others], [name, ...more]] = [wanted, from];
  if (to === undefined || name === undefined || others.length + more.length > 0 || to === name) return values;
  const value = values[name];
  return value === undefined ? values : { ...values, [to]: value };
}

async function run(teacher: Session, values: Values): Promise<Values> {
  try {
    return await teacher.run(knownTo(teacher, values));
  } catch (cause) {
    if (!(cause instanceof GnSwapError)) throw cause;
    throw new GnSwapError('invalid-arguments', `the teacher does not run on these samples (${cause.message})`, {
      node: '--teacher',
      remedy: 'Give a model that takes the same inputs',
      cause,
    });
  }
}
