/** What a training run was told → samples and options of the job. */
import type { ImageOptions } from '../inputs/images.ts';
import type { LabelledTask } from '../inputs/labelled/options.ts';
import { lossTargets } from '../inputs/labelled/own/targets.ts';
import type { SplitData } from '../inputs/labelled/split.ts';
import type { Reader } from '../inputs/reader.ts';
import type { FinetuneOptions } from '../jobs/finetune.ts';
import { classNames } from '../measure/class-names.ts';
import { headClasses } from '../measure/head-classes.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { type FinetuneCall, requireTask, requireUsed } from './finetune.ts';
import { picturesFor } from './pictures.ts';

/** Samples to train on and to measure on, and the options that were given. */
export interface Training {
  readonly sets: SplitData;
  readonly options: FinetuneOptions;
}

/**
 * Finds what is to be learned: as it was typed, or as the samples are laid out and the model answers.
 *
 * @param path of the samples
 * @throws GnSwapError `invalid-arguments` if neither tells
 */
export async function taskFor(asked: FinetuneCall, path: string, reader: Reader, model: Model): Promise<LabelledTask> {
  if (asked.task !== undefined) return asked.task;
  if (asked.lossModel !== undefined) return 'own';
  if (asked.teacher !== undefined) return requireTask(asked, undefined);
  // A model that answers with maps has no class for a whole picture.
  const headed = (task: LabelledTask) => headClasses(model, task, asked.lossOf) !== undefined;
  const likely = !headed('classify') && headed('segment') ? 'segment' : 'classify';
  return requireTask(asked, await laidOutFor(path, reader, model, asked.lossOf), likely);
}

/**
 * Finds the task that samples are laid out for; whole numbers are what the model can answer.
 *
 * @param output of the model that is trained, if it was named
 * @returns undefined if they suit several
 */
export async function laidOutFor(
  path: string,
  reader: Reader,
  model: Model,
  output: string | undefined,
): Promise<LabelledTask | undefined> {
  const { taskOf } = await import('../inputs/labelled/task.ts');
  return taskOf(path, reader, headClasses(model, 'classify', output));
}

/**
 * Opens the samples of a training run.
 *
 * @param path of the samples
 * @param model as its inputs are meant
 * @param more the loss, if it is a model; and bytes that the process may take
 * @throws GnSwapError what opening labelled samples throws
 */
export async function openTraining(
  path: string,
  model: Model,
  asked: FinetuneCall & { readonly task: LabelledTask },
  images: ImageOptions,
  reader: Reader,
  { lossModel, memory }: { readonly lossModel?: Model | undefined; readonly memory?: number | undefined } = {},
): Promise<Training> {
  const [{ openSplit }, { openLabelled }, { augmentationNames }] = await Promise.all([
    import('../inputs/labelled/split.ts'),
    import('../inputs/labelled/open.ts'),
    import('../train/augment/index.ts'),
  ]);
  const { task, classes, val, seed, keep: kept } = asked;
  requireUsed(asked, task);
  const targets = lossModel && lossTargets(lossModel, model);
  const pictures = picturesFor(task, images);
  const told = {
    ...pictures,
    task,
    classes,
    headClasses: headClasses(model, task, asked.lossOf),
    modelClasses: asked.oldClasses ?? classNames(model),
    targets,
    val,
    seed,
    arrays: arraysIn(memory),
  };
  const sets = await openSplit(path, model, told, reader);
  const keep =
    kept === undefined ? undefined : await openLabelled(kept, model, { ...pictures, task: 'distill' }, reader);
  const augment = asked.augment === undefined ? undefined : augmentationNames(asked.augment);
  return { sets, options: { ...optionsOf(asked, task), memory, lossModel, keep, held: sets.val, augment } };
}

/** Arrays may take an eighth of what a run may: a step needs the rest. */
function arraysIn(memory: number | undefined): number | undefined {
  return memory === undefined ? undefined : memory / 8;
}

function optionsOf(asked: FinetuneCall, task: LabelledTask): Omit<FinetuneOptions, 'augment'> {
  const { epochs, batch, accumulate, rate, optimizer, weightDecay, clip, train, lossOf, losses, patience, seed } =
    asked;
  const { head, oldClasses, detection, batchNorm, renormLimits, device } = asked;
  const steps = {
    epochs,
    batch,
    accumulate,
    rate,
    optimizer,
    weightDecay,
    clip,
    batchNorm,
    renormLimits,
    device,
    train,
    lossOf,
    losses,
    patience,
    seed,
  };
  return { ...steps, task, oldClasses, detection, head: head === undefined ? undefined : new RegExp(head) };
}

/** How inputs were meant is for reading samples: the file states them as it did. */
export function withInputsOf({ proto: { graph } }: Model, trained: Model): Model {
  return withGraph(trained, { ...trained.proto.graph, input: graph.input });
}
