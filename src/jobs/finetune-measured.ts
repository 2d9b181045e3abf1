/** What a training run is told of: its gradient before, its scores and its memory behind. */
import type { Example, LabelledData } from '../inputs/labelled/types.ts';
import type { Model } from '../onnx/model.ts';
import { forgotten } from '../train/detect/forgetting.ts';
import type { KeptParts } from '../train/detect/mixed.ts';
import { checkGradient } from '../train/detect/self-check.ts';
import type { DetectorOptions } from '../train/detect/types.ts';
import { type ShownExample, showExamples } from '../train/examples.ts';
import type { FitEvent, FitPhase } from '../train/fit-types.ts';
import { type Gain, gainOf } from '../train/gain.ts';
import { type Judged, judge } from '../train/judge.ts';
import type { Trainer } from '../train/trainer.ts';
import type { PreparedTask, Score } from '../train/types.ts';
import { plural } from '../words.ts';

/** What is known of a model before training and after, from held-out samples. */
export interface Measured {
  /** On held-out samples, of the model as it was; `null` if there are none. */
  readonly before: Score | null;
  /** The same of the written file. */
  readonly after: Score | null;
  /** From before to after, with the range that chance allows; `null` if there are too few held-out samples to tell. */
  readonly gain: Gain | null;
  /** Some held-out samples with what was answered before and after. */
  readonly examples: readonly ShownExample[];
  /** On samples that chose nothing, of the model as it was and of the one that is returned; `null` if there are none. */
  readonly test: { readonly before: Score; readonly after: Score } | null;
  /** Of the written file, by classes: rows are what is right, columns what was answered; `null` if the task has none. */
  readonly confusion: NonNullable<Score['confusion']> | null;
}

/** Tells that something begins whose parts are not counted. */
export function beginPhase(
  phase: FitPhase,
  { onEvent }: { readonly onEvent?: ((event: FitEvent) => void) | undefined },
) {
  onEvent?.({ kind: 'phase', phase, done: 0, of: 0, epoch: 0 });
}

interface MeasuredOptions {
  /** Held-out samples whose answers are wanted. */
  readonly shown: ReadonlySet<number>;
  readonly after: Judged | undefined;
  readonly seed: number;
  readonly onEvent?: ((event: FitEvent) => void) | undefined;
}

/** How well held-out samples were answered before, and are now. */
export async function measured(
  model: Model,
  task: PreparedTask,
  held: LabelledData | undefined,
  { shown, after, seed, onEvent }: MeasuredOptions,
): Promise<Omit<Measured, 'test'>> {
  if (held === undefined) return { before: null, after: null, gain: null, confusion: null, examples: [] };
  const before = await judge(model, task, held, shown, (done) =>
    onEvent?.({ kind: 'phase', phase: 'compare', done, of: held.count, epoch: 0 }),
  );
  const gain = after && gainOf(before.scorer, after.scorer, held.count, seed);
  return {
    before: before.score,
    after: after?.score ?? null,
    gain: gain ?? null,
    confusion: counted(after?.score.confusion),
    examples: await showExamples(held, shown, before, after),
  };
}

/** None if nothing was counted, as where no labelled sample is held out. */
function counted(rows: Score['confusion']): Measured['confusion'] {
  return rows?.some((row) => row.some((count) => count > 0)) ? rows : null;
}

/** How well samples that chose nothing were answered before, and are now. */
export async function tested(
  before: Model,
  after: Model,
  task: PreparedTask,
  test: LabelledData | undefined,
): Promise<Measured['test']> {
  if (test === undefined) return null;
  const scoreOf = async (model: Model) => (await judge(model, task, test, new Set())).score;
  return { before: await scoreOf(before), after: await scoreOf(after) };
}

/** Beyond this a reader is told: kinks of ReLU cost a few per cent, and more in small or untrained models. */
const WORST_SLOPE = 0.3;

/** Tries the gradient of a loss outside the graph on one sample, before it is trained with. */
export async function tryGradient(trainer: Trainer, task: PreparedTask, example: Example): Promise<string[]> {
  const check = await checkGradient(trainer, task, example);
  if (check === undefined || check.promised === 0) return [];
  const { promised, measured, error } = check;
  if (error <= WORST_SLOPE) {
    return [`tried on one sample, the gradient predicts the slope of the loss within ${(100 * error).toFixed(1)} %`];
  }
  const slopes = `${measured.toPrecision(3)}, and the gradient says ${promised.toPrecision(3)}`;
  return [
    `the slope of the loss on the first sample is ${slopes}: if nothing is learned, check --boxes, --scores, --box-format and --score-kind`,
  ];
}

/** What tells which classes a detector had, and which pictures show them. */
interface Remembering {
  readonly task: string;
  readonly kept: KeptParts | undefined;
  readonly detection?: DetectorOptions | undefined;
  readonly oldClasses?: readonly string[] | undefined;
  readonly onEvent?: ((event: FitEvent) => void) | undefined;
}

/** Pictures that a detector before and after training is compared on. */
const COMPARED = 50;

/** What a detector still finds of what it found before, in a sentence. */
export async function memoryOf(
  source: Model,
  written: Model,
  labelled: LabelledData,
  { task, kept: parts, detection, oldClasses, onEvent }: Remembering,
): Promise<string[]> {
  if (task !== 'detect') return [];
  beginPhase('forgotten', { onEvent });
  const data = parts?.counted ?? labelled;
  async function* pictures() {
    for (let sample = 0; sample < Math.min(COMPARED, data.count); sample++) yield data.load(sample);
  }
  const found = await forgotten(source, written, pictures(), detection, oldClasses);
  const { boxes, kept, gone, others, pictures: count } = found;
  if (boxes === 0) return [];
  const lost = gone === 0 ? '' : `; classes that it does not have any more: ${gone}`;
  const where = `${plural(count, 'picture')}${parts?.isApart ? ' of --keep that were not trained on' : ''}`;
  // In labelled pictures, the others are what was to be learnt.
  const more = parts === undefined ? '' : `, and ${others} that the source does not find`;
  const all = boxes === 1 ? '1 box' : `${boxes} boxes`;
  return [`Of ${all} that the source finds in ${where}, the trained model finds ${kept}${more}${lost}.`];
}
