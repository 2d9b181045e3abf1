/** A model and labelled samples → the same model with trained weights. */
import { GnSwapError } from '../errors.ts';
import type { Choice } from '../gradient/choose.ts';
import type { LossName, OptimizerName } from '../gradient/losses.ts';
import type { LabelledTask } from '../inputs/labelled/options.ts';
import type { Example, LabelledData, Skipped } from '../inputs/labelled/types.ts';
import type { Random } from '../inputs/random.ts';
import { classNames } from '../measure/class-names.ts';
import type { Model } from '../onnx/model.ts';
import { keepSession } from '../runtime/session.ts';
import { type AugmentationName, augment, DEFAULT_AUGMENTATIONS } from '../train/augment/index.ts';
import { confirm, scoreOf, takesBatches } from '../train/confirm.ts';
import { withParameters } from '../train/deliver.ts';
import { forgotten } from '../train/detect/forgetting.ts';
import { withKept } from '../train/detect/mixed.ts';
import { checkGradient } from '../train/detect/self-check.ts';
import type { DetectorOptions } from '../train/detect/types.ts';
import { runEpochs } from '../train/fit.ts';
import type { EpochFacts, FitEvent, FitState, Fitted, TriedRate } from '../train/fit-types.ts';
import { needsClasses, withClasses } from '../train/head/index.ts';
import { setUp } from '../train/setup.ts';
import { Trainer } from '../train/trainer.ts';
import type { PreparedTask, Score } from '../train/types.ts';

/** What {@link finetune} is told; each with its default. */
export interface FinetuneOptions {
  /** `classify`, `segment`, `detect`, `regress` or `distill`. */
  readonly task: LabelledTask;
  /** Held-out samples, which choose the rate and the epoch, and measure; without them the last epoch is kept. */
  readonly held?: LabelledData | undefined;
  /** 10. */
  readonly epochs?: number | undefined;
  /** Samples that share a run and a step. 1. */
  readonly batch?: number | undefined;
  /** Batches whose gradients are averaged for a step. 1. */
  readonly accumulate?: number | undefined;
  /** Highest learning rate; `auto` tries some. `auto`. */
  readonly rate?: number | 'auto' | undefined;
  /** `adamw`. */
  readonly optimizer?: OptimizerName | undefined;
  /** Of weights; not of biases and norms. 0.01. */
  readonly weightDecay?: number | undefined;
  /** The largest norm of a step's gradient. 10. */
  readonly clip?: number | undefined;
  /** What to train: `all`, `norms`, `head`, or regular expressions; behind `!` what to leave. `all`. */
  readonly train?: readonly string[] | undefined;
  readonly lossOf?: string | undefined;
  readonly losses?: readonly LossName[] | undefined;
  /** How samples are varied. By task. */
  readonly augment?: readonly AugmentationName[] | undefined;
  /** Names of the layers whose channels are the classes, if they are not found. */
  readonly head?: RegExp | undefined;
  /** Names of the classes that the file has now, in their order, if it does not hold them. */
  readonly oldClasses?: readonly string[] | undefined;
  /** What outputs of a detector are. */
  readonly detection?: DetectorOptions | undefined;
  /** Pictures of what a detector finds already: it goes on finding its classes beside the new ones. */
  readonly keep?: LabelledData | undefined;
  /** The model that answers for `distill`. */
  readonly teacher?: Model | undefined;
  /** Epochs without a better score before training stops. A third of all, at least 3. */
  readonly patience?: number | undefined;
  readonly seed?: number | undefined;
  readonly resume?: FitState | undefined;
  /** Ends training behind the step that is under way; the best so far is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Told what goes on. */
  readonly onEvent?: ((event: FitEvent) => void) | undefined;
  /** Called behind each epoch with all that `resume` needs. */
  readonly onEpoch?: ((state: FitState) => Promise<void>) | undefined;
}

/** What a report says of training. */
export interface FinetuneFacts {
  readonly task: string;
  /** Name of the measure. */
  readonly measure: string;
  readonly samples: { readonly train: number; readonly heldOut: number };
  readonly skipped: readonly Skipped[];
  readonly classes: readonly string[] | null;
  /** Every stored float tensor, whether it was trained, and why. */
  readonly parameters: readonly Choice[];
  /** How many numbers were trained. */
  readonly trained: number;
  readonly epochs: number;
  readonly batch: number;
  readonly accumulate: number;
  readonly rate: number;
  readonly tried: readonly TriedRate[];
  readonly optimizer: OptimizerName;
  readonly augment: readonly AugmentationName[];
  readonly seed: number;
  readonly history: readonly EpochFacts[];
  readonly bestEpoch: number;
  readonly steps: number;
  readonly stopped: Fitted['stopped'] | null;
  /** On held-out samples, of the model as it was; `null` if there are none. */
  readonly before: Score | null;
  /** The same of the written file. */
  readonly after: Score | null;
  /** Of the written file, by classes: rows are what is right, columns what was answered; `null` if the task has none. */
  readonly confusion: NonNullable<Score['confusion']> | null;
  /** What was found when the file was read back; `null` if nothing was written. */
  readonly proof: { readonly changed: number; readonly difference: number } | null;
  readonly seconds: number;
  readonly notes: readonly string[];
}

/** What {@link finetune} returns. */
export interface Finetuned {
  /** With trained weights; `undefined` if no epoch was better than the model as it was. */
  readonly model: Model | undefined;
  readonly facts: FinetuneFacts;
}

const EPOCHS = 10;

/**
 * Trains a model on labelled samples, with ONNX Runtime alone. The graph, its names and its opset stay as they are.
 *
 * @param write writes the trained model, and reads back what was written
 * @throws GnSwapError `invalid-data`, `invalid-arguments` if model, samples and options do not go together, `unsupported-model` if a
 *   node between what is trained and the loss has no gradient, `verification-failed` if the written file is not what was trained
 */
export async function finetune(
  source: Model,
  labelled: LabelledData,
  options: FinetuneOptions,
  write: (trained: Model) => Promise<Model> = async (trained) => trained,
): Promise<Finetuned> {
  const teacher = options.teacher === undefined ? undefined : await keepSession(options.teacher);
  let trainer: Trainer | undefined;
  let prepared: PreparedTask | undefined;
  try {
    const { task: name, lossOf, losses, held, detection } = options;
    const { model, notes, data, keep } = await withOwnClasses(source, labelled, options);
    const setup = { task: name, lossOf, losses, teacher: teacher?.session, detection, keep };
    const { task, example } = await setUp(model, data, setup);
    prepared = task;
    const body = task.ending?.(model) ?? model;
    const started = performance.now();
    const used = settled(model, data, options);
    const { clip, weightDecay, train: wrt } = options;
    trainer = await Trainer.open(body, task.objective, example, { wrt, optimizer: used.optimizer, clip, weightDecay });
    const tried = await tryGradient(trainer, task, example);
    const { signal, onEvent, onEpoch, resume } = options;
    const { change, rate, patience, epochs, batch, accumulate, seed } = used;
    const steps = { epochs, batch, accumulate, seed };
    const told = { rate, patience, held, resume, signal, onEvent, onEpoch, augment: change };
    const fitted = await runEpochs(trainer, task, data, { ...steps, ...told });
    const before = held === undefined ? null : await scoreOf(model, task, held);
    trainer.restore({ theta: fitted.best });
    const trained = withParameters(model, trainer.layout.parts, fitted.best);
    const written = fitted.bestEpoch === 0 ? undefined : await write(trained);
    const proof = written && (await confirm(model, written, trainer, task, data, held));
    const facts: FinetuneFacts = {
      task: name,
      measure: task.measure,
      samples: { train: labelled.count, heldOut: held?.count ?? 0 },
      skipped: [...new Set([...data.skipped, ...(held?.skipped ?? [])])],
      classes: data.classes ?? null,
      parameters: trainer.parameters,
      trained: fitted.best.length,
      epochs: steps.epochs,
      batch: steps.batch,
      accumulate: steps.accumulate,
      rate: fitted.rate,
      tried: fitted.tried,
      optimizer: used.optimizer,
      augment: used.names,
      seed: steps.seed,
      history: fitted.history,
      bestEpoch: fitted.bestEpoch,
      steps: fitted.steps,
      stopped: fitted.stopped ?? null,
      before,
      after: proof?.score ?? null,
      confusion: proof?.score?.confusion ?? null,
      proof: proof === undefined ? null : { changed: proof.changed, difference: proof.difference },
      seconds: (performance.now() - started) / 1000,
      notes: [
        ...notes,
        ...(task.notes ?? []),
        ...trainer.notes,
        ...tried,
        ...(written ? await memoryOf(source, written, labelled, options) : []),
      ],
    };
    return { model: written, facts };
  } finally {
    await trainer?.close();
    await prepared?.close?.();
    await teacher?.close();
  }
}

/** Beyond this a reader is told: kinks of ReLU cost a few per cent, and more in small or untrained models. */
const WORST_SLOPE = 0.3;

/** Tries the gradient of a loss outside the graph on one sample, before it is trained with. */
async function tryGradient(trainer: Trainer, task: PreparedTask, example: Example): Promise<string[]> {
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

/** Pictures that a detector before and after training is compared on. */
const COMPARED = 50;

/** What a detector still finds of what it found before, in a sentence. */
async function memoryOf(
  source: Model,
  written: Model,
  labelled: LabelledData,
  { task, keep, detection, oldClasses }: FinetuneOptions,
): Promise<string[]> {
  if (task !== 'detect') return [];
  const data = keep ?? labelled;
  async function* pictures() {
    for (let sample = 0; sample < Math.min(COMPARED, data.count); sample++) yield data.load(sample);
  }
  const { boxes, kept, gone, pictures: count } = await forgotten(source, written, pictures(), detection, oldClasses);
  if (boxes === 0) return [];
  const lost = gone === 0 ? '' : `; ${gone} are of classes that it does not have any more`;
  return [`Of ${boxes} boxes that the source finds in ${count} pictures, the trained model finds ${kept}${lost}.`];
}

/** The model with the classes of the data, if it has others, and the data with the pictures of what it shall keep. */
async function withOwnClasses(source: Model, labelled: LabelledData, options: FinetuneOptions) {
  const { task, head, oldClasses, detection, lossOf: output, seed, keep: kept } = options;
  const keep = kept === undefined ? undefined : { source, classes: oldClasses };
  const data = kept === undefined ? labelled : withKept(labelled, kept);
  const classes = labelled.classes ?? [];
  const isHeaded = (task === 'classify' || task === 'segment' || task === 'detect') && classes.length > 0;
  if (!isHeaded || labelled.count === 0) return { model: source, notes: [], data, keep };
  const told = { kind: task, example: await labelled.load(0), head, seed, oldClasses, output, detection };
  if (!(await needsClasses(source, classes, told))) return { model: source, notes: [], data, keep };
  const old = kept === undefined ? [] : (oldClasses ?? classNames(source) ?? []);
  const all = [...old, ...classes.filter((name) => !old.includes(name))];
  const { model, notes } = await withClasses(source, all, told);
  return { model, notes, data, keep };
}

/** The options with their defaults, as far as model and data decide them. */
function settled(model: Model, { image }: LabelledData, options: FinetuneOptions) {
  const { task, optimizer = 'adamw', rate = 'auto', epochs = EPOCHS, seed = 0 } = options;
  const names = image === undefined ? [] : (options.augment ?? DEFAULT_AUGMENTATIONS[task]);
  const change =
    image === undefined || names.length === 0
      ? undefined
      : (example: Example, random: Random) => augment(example, image, names, random);
  const patience = options.patience ?? Math.max(3, Math.ceil(epochs / 3));
  return { optimizer, rate, epochs, seed, names, change, patience, ...sizesOf(model, options) };
}

/** A model that takes one sample at a time gets the samples of a step one after the other. */
function sizesOf(model: Model, { batch = 1, accumulate = 1 }: FinetuneOptions): { batch: number; accumulate: number } {
  for (const [name, value] of Object.entries({ batch, accumulate })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new GnSwapError('invalid-arguments', `--${name} is ${value}`, { remedy: 'Use a positive whole number' });
  }
  return takesBatches(model) ? { batch, accumulate } : { batch: 1, accumulate: batch * accumulate };
}
