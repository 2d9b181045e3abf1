/** A model and labelled samples → a task that can be trained. */
import { GnSwapError } from '../errors.ts';
import type { LossName } from '../gradient/losses.ts';
import type { Example, LabelledData } from '../inputs/labelled/types.ts';
import { Evidence } from '../measure/evidence.ts';
import type { Model } from '../onnx/model.ts';
import type { Session } from '../runtime/session.ts';
import type { DetectorOptions, Keep } from './detect/types.ts';
import { firstAnswer, forgetAnswers } from './first-answer.ts';
import { TRAIN_TASKS } from './tasks/index.ts';
import { teacherOf } from './teacher.ts';
import type { PreparedTask, TrainedOutput } from './types.ts';

/** What a task is chosen by. */
export interface SetupOptions {
  /** Name of the task. */
  readonly task: string;
  readonly lossOf?: string | undefined;
  readonly losses?: readonly LossName[] | undefined;
  /** A loss as a model, for `own`. */
  readonly lossModel?: Model | undefined;
  /** A session of the model that answers for `distill`. */
  readonly teacher?: Session | undefined;
  /** What the caller says of a detector's outputs. */
  readonly detection?: DetectorOptions | undefined;
  /** The model before training, whose classes a detector shall keep. */
  readonly keep?: Keep | undefined;
  /** The first sample, if it is loaded already. */
  readonly example?: Example | undefined;
}

/** A task with the sample that a trainer is opened with. */
export interface Setup {
  readonly task: PreparedTask;
  readonly example: Example;
  readonly outputs: readonly TrainedOutput[];
}

/** Samples that are looked at for the spread of targets. */
const LOOKED_AT = 64;

/**
 * Fits a task to a model and its data.
 *
 * @throws GnSwapError `invalid-data`, `invalid-arguments` if they do not go together, `runtime-failed` if the model does not run on a sample
 */
export async function setUp(model: Model, data: LabelledData, options: SetupOptions): Promise<Setup> {
  const task = TRAIN_TASKS.find(({ name }) => name === options.task);
  if (task === undefined) {
    throw new GnSwapError('invalid-arguments', `${JSON.stringify(options.task)} is not a task`, {
      node: '--task',
      remedy: `Give ${TRAIN_TASKS.map(({ name }) => name).join(', ')}`,
    });
  }
  if (data.count === 0) throw new GnSwapError('invalid-data', 'there are no samples', { remedy: 'Use another --data' });
  const example = options.example ?? (await data.load(0));
  const outputs = await outputsOf(model, example);
  const { lossOf, losses, lossModel, teacher, detection, keep } = options;
  const prepared = await task.prepare({
    model,
    first: example,
    outputs,
    evidence: new Evidence(model),
    data,
    examples: () => spreadOver(data, example),
    lossOf,
    losses,
    lossModel,
    detection,
    keep,
    teacher: teacher === undefined ? undefined : teacherOf(teacher, outputs),
  });
  forgetAnswers(example.inputs);
  return { task: prepared, example, outputs };
}

/** Samples from all over the data, the first among them. */
async function spreadOver(data: LabelledData, first: Example): Promise<Example[]> {
  const examples = [first];
  const count = Math.min(LOOKED_AT, data.count);
  for (let index = 1; index < count; index++) {
    examples.push(await data.load(Math.floor((index * data.count) / count)));
  }
  return examples;
}

/** What the model gives for one sample. */
async function outputsOf(model: Model, { inputs }: Example): Promise<TrainedOutput[]> {
  const values = await firstAnswer(model, inputs);
  return Object.entries(values).map(([name, { type, dims }]) => ({ name, type, dims }));
}
