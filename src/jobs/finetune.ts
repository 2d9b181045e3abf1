/** A model and labelled samples → the same model with trained weights. */
import type { TrainedBatchNorm } from '../gradient/batch-norm.ts';
import type { Choice } from '../gradient/choose.ts';
import type { LossName, OptimizerName } from '../gradient/losses.ts';
import type { RenormLimits } from '../gradient/renorm.ts';
import { availableMemory } from '../host/node.ts';
import { describePictures } from '../inputs/images.ts';
import type { LabelledTask } from '../inputs/labelled/options.ts';
import type { Example, LabelledData, Skipped } from '../inputs/labelled/types.ts';
import type { Random } from '../inputs/random.ts';
import { classNames } from '../measure/class-names.ts';
import { fileOf, type Model } from '../onnx/model.ts';
import type { Device } from '../runtime/device.ts';
import { keepSession } from '../runtime/session.ts';
import { alikeClasses } from '../train/alike-classes.ts';
import { type AugmentationName, augment, chosenAugmentations } from '../train/augment/index.ts';
import { withoutBfloat16 } from '../train/bfloat16.ts';
import { confirm } from '../train/confirm.ts';
import { withParameters } from '../train/deliver.ts';
import { keptParts, withKept } from '../train/detect/mixed.ts';
import type { DetectorOptions } from '../train/detect/types.ts';
import { pick } from '../train/examples.ts';
import { runEpochs } from '../train/fit.ts';
import type { EpochFacts, FitEvent, FitState, Fitted, StepFacts, TriedRate } from '../train/fit-types.ts';
import { unitsOf } from '../train/head/begin-numbers.ts';
import { headOf, needsClasses, withClasses } from '../train/head/index.ts';
import { type MemoryPlan, planMemory } from '../train/memory/plan.ts';
import { setUp } from '../train/setup.ts';
import { Trainer } from '../train/trainer.ts';
import type { PreparedTask } from '../train/types.ts';
import { type Opened, sizesOf, type Write, withOpenBatch } from './finetune-batch.ts';
import { begin, isGained } from './finetune-begin.ts';
import { hintsOf } from './finetune-hints.ts';
import { beginPhase, type Measured, measured, memoryOf, tested, tryGradient } from './finetune-measured.ts';

/** What {@link finetune} is told; each with its default. */
export interface FinetuneOptions {
  /** `classify`, `segment`, `detect`, `regress` or `distill`; `own` for a loss that is a model. */
  readonly task: LabelledTask;
  /** Held-out samples, which choose the rate and the epoch, and measure; without them the last epoch is kept. */
  readonly held?: LabelledData | undefined;
  /** Samples that choose nothing: the model is measured on them before and after training. */
  readonly test?: LabelledData | undefined;
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
  /**
   * What BatchNormalization does while training: `frozen` keeps its running statistics; `train` takes the statistics of each step's samples,
   * and moves the running ones; `renorm` does so, corrected towards the running ones (batch renormalization). `frozen`.
   */
  readonly batchNorm?: TrainedBatchNorm | undefined;
  /** Of `renorm`: how far the statistics of a batch may be from the running ones. */
  readonly renormLimits?: RenormLimits | undefined;
  /** What steps are computed on; the first is compared with the CPU's. Held-out samples are always answered on the CPU. `cpu`. */
  readonly device?: Device | undefined;
  /** What to train: `all`, `norms`, `head`, or regular expressions; behind `!` what to leave. `all`. */
  readonly train?: readonly string[] | undefined;
  readonly lossOf?: string | undefined;
  readonly losses?: readonly LossName[] | undefined;
  /** The loss for the task `own`, as a model: inputs named like outputs are these outputs, the others are targets of the samples. */
  readonly lossModel?: Model | undefined;
  /** How samples are varied. By task. */
  readonly augment?: readonly AugmentationName[] | undefined;
  /** Names of the layers whose channels are the classes, if they are not found. */
  readonly head?: RegExp | undefined;
  /** Names of the classes that the file has now, in their order, if it does not hold them; empty to rebuild its head for those of the data. */
  readonly oldClasses?: readonly string[] | undefined;
  /** What outputs of a detector are. */
  readonly detection?: DetectorOptions | undefined;
  /** Pictures without objects of new classes: what a detector finds in them it goes on finding. Of 20 or more, a fifth is left to count in. */
  readonly keep?: LabelledData | undefined;
  /** The model that answers for `distill`. */
  readonly teacher?: Model | undefined;
  /** Epochs without a better score before training stops. A third of all, at least 3. */
  readonly patience?: number | undefined;
  readonly seed?: number | undefined;
  /**
   * Bytes that the process may take. A run that would take more loads fewer samples ahead, keeps fewer sessions, and runs fewer samples of a
   * step at a time; if that is not enough it is refused before it starts. Without, it is refused if it takes more than is free.
   */
  readonly memory?: number | undefined;
  readonly resume?: FitState | undefined;
  /** Ends training behind the step that is under way; the best so far is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Told what goes on. */
  readonly onEvent?: ((event: FitEvent) => void) | undefined;
  /** Called behind each epoch with all that `resume` needs. */
  readonly onEpoch?: ((state: FitState) => Promise<void>) | undefined;
}

/** What a report says of training. */
export interface FinetuneFacts extends Measured {
  readonly task: string;
  /** Name of the measure. */
  readonly measure: string;
  readonly samples: { readonly train: number; readonly heldOut: number };
  /** How pictures became the input, in words; `null` if samples are arrays. */
  readonly pictures: string | null;
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
  readonly batchNorm: TrainedBatchNorm;
  readonly device: Device;
  readonly augment: readonly AugmentationName[];
  readonly seed: number;
  readonly history: readonly EpochFacts[];
  /** Loss and rate over all steps, in at most 400 points and one more for each epoch. */
  readonly trace: readonly StepFacts[];
  readonly bestEpoch: number;
  readonly steps: number;
  readonly stopped: Fitted['stopped'] | null;
  /** What was found when the file was read back; `null` if nothing was written. */
  readonly proof: { readonly changed: number; readonly difference: number } | null;
  /** Bytes that the process was expected to take at most. */
  readonly memory: number;
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
  write: Write = async (trained) => trained,
): Promise<Finetuned> {
  return withoutBfloat16(source, () => withOpenBatch({ source, write }, (opened) => run(opened, labelled, options)));
}

async function run({ source, write }: Opened, labelled: LabelledData, options: FinetuneOptions): Promise<Finetuned> {
  const teacher = options.teacher === undefined ? undefined : await keepSession(options.teacher);
  let trainer: Trainer | undefined;
  let prepared: PreparedTask | undefined;
  try {
    const { task: name, lossOf, losses, lossModel, held, detection } = options;
    beginPhase('gradient', options);
    const { model, notes, data, keep, kept, first } = await withOwnClasses(source, labelled, options);
    const own = { teacher: teacher?.session, detection, keep, example: first };
    const setup = { task: name, lossOf, losses, lossModel, ...own };
    const { task, example } = await setUp(model, data, setup);
    prepared = task;
    const body = task.ending?.(model) ?? model;
    const started = performance.now();
    const used = settled(model, data, task, options);
    const { clip, weightDecay, train: wrt, batchNorm = 'frozen', renormLimits, device = 'cpu' } = options;
    const { optimizer, change, rate, patience, epochs, seed } = used;
    const how = { wrt, optimizer, clip, weightDecay, batchNorm, renormLimits, device };
    trainer = await Trainer.open(body, task.objective, example, how, unitsOf(body, task.distances));
    // With the statistics of the batch, a step follows another function than the one that is judged.
    const tried = batchNorm !== 'frozen' ? [] : await tryGradient(trainer, task, example);
    const planned = await planFor(trainer, data, model, used, options);
    const { signal, onEvent, onEpoch, resume } = options;
    const begun = await begin(trainer, task, data, { seed, resume, signal });
    const { batch, accumulate, ahead } = planned;
    const sizes = { epochs, batch, accumulate };
    const told = { rate, patience, fresh: model !== source, held, resume, signal, onEvent, onEpoch, augment: change };
    const fitted = await runEpochs(trainer, task, data, { ...sizes, seed, ahead, ...told });
    const shown = pick(held?.count ?? 0, seed);
    trainer.restore({ theta: fitted.best });
    const trained = withParameters(model, trainer.layout.parts, fitted.best);
    const isBetter = isGained(fitted, trainer);
    if (isBetter) beginPhase('file', options);
    const written = isBetter ? await write(trained) : undefined;
    const proof = written && (await confirm(model, written, trainer, task, data, held, shown));
    const best = isBetter ? trained : model;
    const isBegun = fitted.history.length > 0;
    const compared = { shown, after: proof?.judged, seed, onEvent };
    const figures = await measured(model, task, isBegun ? held : undefined, compared);
    const facts: FinetuneFacts = {
      task: name,
      measure: task.measure,
      samples: { train: labelled.count, heldOut: held?.count ?? 0 },
      pictures: data.image === undefined ? null : describePictures(data.image),
      skipped: [...new Set([...data.skipped, ...(held?.skipped ?? [])])],
      classes: data.classes ?? null,
      parameters: trainer.parameters,
      trained: fitted.best.length,
      ...sizes,
      optimizer,
      batchNorm,
      device,
      augment: used.names,
      seed,
      ...courseOf(fitted),
      ...figures,
      test: await tested(model, best, task, isBegun ? options.test : undefined),
      proof: proof === undefined ? null : { changed: proof.changed, difference: proof.difference },
      memory: planned.bytes,
      seconds: (performance.now() - started) / 1000,
      notes: [
        ...notes,
        ...(task.notes ?? []),
        ...trainer.notes,
        ...planned.notes,
        ...begun,
        ...tried,
        ...alikeClasses(data.classes),
        ...hintsOf({ ...figures, ...sizes, model, isRebuilt: model !== source, task: name, data, batchNorm }),
        ...(written ? await memoryOf(source, written, labelled, { ...options, kept }) : []),
      ],
    };
    return { model: written, facts };
  } finally {
    await trainer?.close();
    await prepared?.close?.();
    await teacher?.close();
  }
}

/** How a run is cut to fit into memory. */
async function planFor(
  trainer: Trainer,
  data: LabelledData,
  model: Model,
  { batch, accumulate }: Pick<MemoryPlan, 'batch' | 'accumulate'>,
  { memory, batchNorm = 'frozen', held, teacher }: FinetuneOptions,
): Promise<MemoryPlan> {
  const sizes = { memory, available: availableMemory(), file: sizeOf(model) + sizeOf(teacher), model };
  const planned = await planMemory(trainer, data, { batch, accumulate, batchNorm, held, ...sizes });
  trainer.keepFewer(planned.shapes);
  return planned;
}

function sizeOf(model: Model | undefined): number {
  return (model && fileOf(model)?.size) ?? 0;
}

/** How training went, for a report. */
function courseOf({ rate, tried, history, bestEpoch, steps, stopped, trace }: Fitted) {
  return { rate, tried, history, bestEpoch, steps, trace, stopped: stopped ?? null };
}

/** The model with the classes of the data, if it has others, and the data with the pictures of what it shall keep. */
async function withOwnClasses(source: Model, labelled: LabelledData, options: FinetuneOptions) {
  const { task, head, oldClasses, detection, lossOf: output, seed } = options;
  const kept = options.keep && keptParts(options.keep, seed ?? 0);
  const keep = kept === undefined ? undefined : { source, classes: oldClasses };
  const data = kept === undefined ? labelled : withKept(labelled, kept.taught);
  const classes = labelled.classes ?? [];
  const isHeaded = (task === 'classify' || task === 'segment' || task === 'detect') && classes.length > 0;
  if (!isHeaded || labelled.count === 0) return { model: source, notes: [], data, keep, kept };
  const first = await labelled.load(0);
  const told = { kind: task, example: first, head, seed, oldClasses, output, detection };
  const own = headOf(source, told);
  if (!(await needsClasses(source, classes, told, own))) return { model: source, notes: [], data, keep, kept, first };
  const old = kept === undefined ? [] : (oldClasses ?? classNames(source) ?? []);
  const all = [...old, ...classes.filter((name) => !old.includes(name))];
  const { model, notes } = await withClasses(source, all, told, own);
  return { model, notes, data, keep, kept, first };
}

/** The options with their defaults, as far as model and data decide them. */
function settled(model: Model, { image }: LabelledData, task: PreparedTask, options: FinetuneOptions) {
  const { optimizer = 'adamw', rate = 'auto', epochs = EPOCHS, seed = 0 } = options;
  const names = image === undefined ? [] : chosenAugmentations(options.task, options.augment, task.variations);
  const change =
    image === undefined || names.length === 0
      ? undefined
      : (example: Example, random: Random) => augment(example, image, names, random);
  const patience = options.patience ?? Math.max(3, Math.ceil(epochs / 3));
  return { optimizer, rate, epochs, seed, names, change, patience, ...sizesOf(model, options) };
}
