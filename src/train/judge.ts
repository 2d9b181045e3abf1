/** Runs a model over held-out samples: how well it does, and what it answers to those that are shown to a reader. */
import type { LabelledData } from '../inputs/labelled/types.ts';
import type { Model } from '../onnx/model.ts';
import { type Session, type Values, withSession } from '../runtime/session.ts';
import { ahead, samplesOf } from './batches.ts';
import type { Answer, PreparedTask, Score, Scorer } from './types.ts';

/** What a model did on held-out samples. */
export interface Judged {
  readonly score: Score;
  readonly scorer: Scorer;
  /** By number of the sample: of all if they are classes, else of those that are shown. */
  readonly answers: ReadonlyMap<number, Answer>;
}

/** Judges a model as a file, without a trainer. */
export function judge(
  model: Model,
  task: PreparedTask,
  data: LabelledData,
  shown: ReadonlySet<number>,
  onSample?: (done: number) => void,
): Promise<Judged> {
  return withSession(task.ending?.(model) ?? model, (session) => judgeIn(session, task, data, shown, onSample));
}

/** {@link judge} in a session that is open. */
export async function judgeIn(
  session: Session,
  task: PreparedTask,
  data: LabelledData,
  shown: ReadonlySet<number>,
  onSample?: (done: number) => void,
): Promise<Judged> {
  const scorer = task.scorer();
  const answers = new Map<number, Answer>();
  let sample = 0;
  onSample?.(sample);
  for await (const example of ahead(samplesOf(data), (it) => data.load(it))) {
    const outputs = await session.run(knownTo(session, example.inputs));
    await scorer.add(outputs, [example]);
    const isWanted = shown.has(sample) || example.target.kind === 'class';
    const answer = isWanted ? task.answerOf?.(outputs, example.inputs) : undefined;
    if (answer !== undefined) answers.set(sample, answer);
    // Apart: nobody counts in an argument of a call that is left out.
    sample++;
    onSample?.(sample);
  }
  return { score: scorer.result(), scorer, answers };
}

/** The inputs that a session takes. */
export function knownTo(session: Session, inputs: Values): Values {
  const known = new Set(session.inputs);
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => known.has(name)));
}
