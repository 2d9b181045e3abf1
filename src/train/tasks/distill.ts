/**
 * No labels: a teacher answers. Values before a Sigmoid or Softmax get the cross-entropy of its probabilities, others the squared
 * difference in units of the teacher's variance. What is measured is what the outputs are used for: boxes matched, classes agreed,
 * maps overlapped; see `measure/kept.ts`.
 */
import { GnSwapError } from '../../errors.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { KeptMeter } from '../../measure/kept.ts';
import { samplesFirst, type Turn } from '../../measure/samples-first.ts';
import { isFloat } from '../../onnx/data-type.ts';
import type { Value, Values } from '../../runtime/session.ts';
import { joinInputs, sampleOf } from '../feed.ts';
import type { Scorer, TrainedOutput, TrainTask } from '../types.ts';
import { probabilities } from './outputs.ts';
import { varianceOf } from './variance.ts';

export const distill: TrainTask = {
  name: 'distill',
  async prepare({ model, outputs, evidence, teacher, examples, lossOf, losses }) {
    if (teacher === undefined) {
      throw new GnSwapError('invalid-arguments', '--task distill needs a model that answers', {
        node: '--task',
        remedy: 'Give it with --teacher SOURCE.onnx',
      });
    }
    const trained = outputs.filter(({ name, type }) => isFloat(type) && (lossOf === undefined || name === lossOf));
    if (trained.length === 0) {
      throw new GnSwapError('invalid-arguments', 'no output of the model is trained', {
        node: '--loss-of',
        remedy: `Name one of ${outputs.map(({ name }) => name).join(', ')}`,
      });
    }
    const answers = await Promise.all((await examples()).map((example) => teacher([example])));
    for (const output of trained) refuseOther(output, answers[0]);
    const terms = trained.map(({ name, dims }) => {
      const made = evidence.made(name, Math.min(1, dims.length - 1));
      const own = made === 'softmax' ? 'kl' : made === 'sigmoid' ? 'bce' : 'mse';
      const loss = losses?.[0] ?? own;
      const variance = loss === 'mse' ? varianceOf(answers.map((it) => it[name])) : 0;
      return { output: name, loss, weight: variance > 0 ? 1 / variance : 1, ...probabilities(made) };
    });
    return {
      measure: 'kept of the teacher',
      objective: {
        kind: 'graph',
        terms,
        async targets(batch) {
          const answers = await teacher(batch);
          return terms.map(({ output }) => answers[output] as Value);
        },
      },
      scorer: () => new TeacherScorer(new KeptMeter(model), samplesFirst(model), teacher),
    };
  },
};

/** @throws GnSwapError `invalid-arguments` if the teacher does not answer what the output does, in its shape */
function refuseOther({ name, dims }: TrainedOutput, answer: Values | undefined): void {
  const made = answer?.[name];
  if (made === undefined) {
    throw new GnSwapError('invalid-arguments', `the teacher has no output ${JSON.stringify(name)}`, {
      node: '--teacher',
      remedy: 'Give the model that this one was made from',
    });
  }
  if (made.dims.join() === dims.join()) return;
  const message = `the teacher answers [${made.dims.join(', ')}], and output ${JSON.stringify(name)} is [${dims.join(', ')}]`;
  throw new GnSwapError('invalid-arguments', message, {
    node: '--teacher',
    remedy: 'Give a model that answers in the same shape, such as one of the same classes',
  });
}

/** Compares with the teacher's answers, sample by sample. */
class TeacherScorer implements Scorer {
  readonly #meter: KeptMeter;
  readonly #turn: Turn;
  readonly #teacher: (batch: readonly Example[]) => Promise<Values>;

  constructor(meter: KeptMeter, turn: Turn, teacher: (batch: readonly Example[]) => Promise<Values>) {
    this.#meter = meter;
    this.#turn = turn;
    this.#teacher = teacher;
  }

  async add(outputs: Values, batch: readonly Example[]): Promise<void> {
    const source = this.#turn(await this.#teacher(batch), batch.length);
    const rewritten = this.#turn(outputs, batch.length);
    const inputs = joinInputs(batch);
    for (const index of batch.keys()) {
      const of = (values: Values) => sampleOf(values, index, batch.length);
      this.#meter.add({ inputs: of(inputs), source: of(source), rewritten: of(rewritten) }, 1);
    }
  }

  result() {
    const { kept, tasks } = this.#meter.result();
    return { value: kept ?? undefined, detail: tasks.map(({ detail }) => detail).join('; '), figures: {} };
  }
}
