/** Options of `gn-swap finetune`: what was typed → what training is told. */
import { GnSwapError } from '../errors.ts';
import type { TrainedBatchNorm } from '../gradient/batch-norm.ts';
import { LOSSES, type LossName, type OptimizerName } from '../gradient/losses.ts';
import type { RenormLimits } from '../gradient/renorm.ts';
import { type LabelledTask, TRAINED_TASKS } from '../inputs/labelled/options.ts';
import type { Device } from '../runtime/device.ts';
import type { DetectorOptions } from '../train/detect/types.ts';
import { anchorLayout } from './anchors.ts';
import { taskOptions } from './meaning.ts';
import { renormLimits } from './renorm.ts';
import { type RawArguments, text, wrong } from './values.ts';

/** What was typed of a training run. */
export interface FinetuneCall {
  readonly data: string | undefined;
  /** A path, or a share. */
  readonly val: string | number | undefined;
  readonly task: LabelledTask | undefined;
  readonly classes: readonly string[] | undefined;
  /** Names of the file's own classes. */
  readonly oldClasses: readonly string[] | undefined;
  /** A regular expression over names of the layers to rebuild. */
  readonly head: string | undefined;
  /** Folder of pictures of what a detector shall go on finding. */
  readonly keep: string | undefined;
  readonly detection: DetectorOptions;
  /** Path of the teacher. */
  readonly teacher: string | undefined;
  readonly epochs: number;
  readonly batch: number;
  readonly accumulate: number;
  readonly rate: number | 'auto';
  readonly optimizer: OptimizerName;
  readonly weightDecay: number;
  readonly clip: number;
  readonly batchNorm: TrainedBatchNorm;
  readonly renormLimits: RenormLimits;
  readonly device: Device;
  readonly train: readonly string[];
  readonly lossOf: string | undefined;
  readonly losses: readonly LossName[] | undefined;
  /** Path of a model that is the loss. */
  readonly lossModel: string | undefined;
  /** Names, still as they were typed. */
  readonly augment: string | undefined;
  readonly patience: number | undefined;
  readonly seed: number;
  readonly resume: boolean;
}

/**
 * Reads the options of a training run.
 *
 * @param epochs if nothing is said
 * @throws GnSwapError `invalid-arguments` naming the option
 */
export function finetuneCall(raw: RawArguments, epochs = 10): FinetuneCall {
  const task = text(raw, 'task') as LabelledTask | undefined;
  if (list(raw, 'train').includes('inputs')) {
    throw wrong(
      'train',
      'is "inputs", which are not stored in the file',
      'Use all, norms, head, or a regular expression',
    );
  }
  const teacher = text(raw, 'teacher');
  if (teacher !== undefined && task !== undefined && task !== 'distill') {
    throw wrong('teacher', `and --task ${task} are both given`, 'Use --task distill, or leave --teacher out');
  }
  return {
    data: text(raw, 'data'),
    val: held(raw),
    task,
    classes: names(raw, 'classes'),
    oldClasses: text(raw, 'old-classes') === NONE ? [] : names(raw, 'old-classes'),
    head: pattern(raw, 'head'),
    keep: keptFor(raw, task),
    detection: { ...taskOptions(raw), task: undefined, anchors: anchorLayout(raw) },
    teacher,
    epochs: positive(raw, 'epochs') ?? epochs,
    batch: positive(raw, 'batch') ?? 1,
    accumulate: positive(raw, 'accumulate') ?? 1,
    rate: rate(raw),
    optimizer: (text(raw, 'optimizer') ?? 'adamw') as OptimizerName,
    weightDecay: from0(raw, 'weight-decay') ?? 0.01,
    clip: above0(raw, 'clip') ?? 10,
    batchNorm: (text(raw, 'batch-norm') ?? 'frozen') as TrainedBatchNorm,
    renormLimits: renormLimits(raw),
    device: (text(raw, 'device') ?? 'cpu') as Device,
    train: [...list(raw, 'train'), ...list(raw, 'freeze').map((word) => `!${word}`)],
    lossOf: text(raw, 'loss-of'),
    ...lossFor(raw, task),
    augment: text(raw, 'augment'),
    patience: positive(raw, 'patience'),
    seed: Number(raw.seed ?? 0),
    resume: raw.resume === true,
  };
}

/** The labelled samples, which a run cannot do without; asked before any file is opened. */
export function requireData({ data }: FinetuneCall): string {
  if (data !== undefined) return data;
  throw new GnSwapError('invalid-arguments', 'no labelled samples are given', {
    node: '--data',
    remedy: 'Use --data DIR; docs/data.md shows the layouts',
    next: { set: { data: 'DIR' } },
  });
}

/**
 * What is to be learned: as it was typed, from a teacher, or as the samples are laid out.
 *
 * @param found what the layout tells; undefined if it does not
 * @param likely what is offered first then
 */
export function requireTask(
  { task, teacher, keep, data = 'DIR' }: FinetuneCall,
  found: LabelledTask | undefined,
  likely: LabelledTask = 'classify',
): LabelledTask {
  const meant = task ?? (teacher === undefined ? found : 'distill');
  if (meant === undefined) {
    const others = TRAINED_TASKS.filter((it) => it !== likely).join(', ');
    throw new GnSwapError('invalid-arguments', 'nothing says what is to be learned', {
      node: '--task',
      remedy: `Use --task ${likely} (or ${others})`,
      next: { set: { task: likely } },
    });
  }
  if (keep !== undefined && meant !== 'detect') {
    throw wrong(
      'keep',
      `is given, and ${data} is laid out for --task ${meant}`,
      'Use --task detect, or leave --keep out',
    );
  }
  return meant;
}

/** A loss by name, or the path of one that is a model. */
function lossFor(raw: RawArguments, task: string | undefined): Pick<FinetuneCall, 'losses' | 'lossModel'> {
  const loss = text(raw, 'loss');
  if (loss === undefined) return { losses: undefined, lossModel: undefined };
  const known = LOSSES.find((name) => name === loss);
  if (known !== undefined) return { losses: [known], lossModel: undefined };
  if (!loss.endsWith('.onnx')) {
    throw wrong('loss', `is ${JSON.stringify(loss)}`, `Use one of ${LOSSES.join(', ')}, or the path of an .onnx file`);
  }
  for (const other of ['task', 'loss-of', 'teacher', 'keep', 'head', 'old-classes']) {
    if (raw[other] === undefined) continue;
    const given = other === 'task' ? `--task ${task}` : `--${other}`;
    throw wrong('loss', `${loss} and ${given} are both given`, `Leave --${other} out: the loss says what is learned`);
  }
  return { losses: undefined, lossModel: loss };
}

/** What only some tasks know: options by the part of a call that holds them. */
const OF_CLASSES = ['classes', 'oldClasses', 'head'] as const;
const OF_BOXES = ['boxes', 'scores', 'boxFormat', 'boxUnit', 'boxOffset', 'scoreKind', 'anchors'] as const;

/**
 * Refuses options that the task would not look at.
 *
 * @throws GnSwapError `invalid-arguments` naming the option
 */
export function requireUsed({ detection, ...asked }: FinetuneCall, task: LabelledTask): void {
  const hasClasses = task === 'classify' || task === 'segment' || task === 'detect';
  const unused = [
    ...OF_CLASSES.filter((name) => !hasClasses && !(task === 'own' && name === 'classes') && asked[name] !== undefined),
    ...OF_BOXES.filter((name) => task !== 'detect' && detection[name] !== undefined),
  ];
  const [first] = unused;
  if (first === undefined) return;
  const option = first.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw wrong(option, `has no effect with --task ${task}`, `Leave --${option} out`);
}

/** In place of names of classes that the file has now: none of them is kept. */
const NONE = 'none';

function list(raw: RawArguments, name: string): string[] {
  return raw[name] === undefined ? [] : [raw[name]].flat().map(String);
}

export function names(raw: RawArguments, option: string): string[] | undefined {
  const list = text(raw, option)
    ?.split(',')
    .map((name) => name.trim());
  if (list?.includes('') === true) throw wrong(option, 'has an empty name', 'Use names separated by commas: a,b,c');
  return list;
}

function pattern(raw: RawArguments, option: string): string | undefined {
  const value = text(raw, option);
  if (value === undefined) return undefined;
  try {
    new RegExp(value);
  } catch {
    throw wrong(
      option,
      `is ${JSON.stringify(value)}, which is not a regular expression`,
      'Use one over names of nodes',
    );
  }
  return value;
}

function keptFor(raw: RawArguments, task: LabelledTask | undefined): string | undefined {
  const folder = text(raw, 'keep');
  if (folder === undefined || task === undefined || task === 'detect') return folder;
  throw wrong('keep', `and --task ${task} are both given`, 'Use --task detect, or leave --keep out');
}

/** A share if it is a number, otherwise a path. */
function held(raw: RawArguments): string | number | undefined {
  const value = text(raw, 'val');
  if (value === undefined || !/^[\d.]+%?$/.test(value)) return value;
  const share = value.endsWith('%') ? Number(value.slice(0, -1)) / 100 : Number(value);
  if (share > 0 && share < 1) return share;
  throw wrong('val', `is ${value}`, 'Use a share between 0 and 1, such as 0.2, or a folder');
}

function rate(raw: RawArguments): number | 'auto' {
  const value = text(raw, 'lr') ?? 'auto';
  if (value === 'auto') return value;
  const number = Number(value);
  if (number > 0 && number < 10) return number;
  throw wrong('lr', `is ${JSON.stringify(value)}`, 'Use auto, or a rate below 10, such as 3e-4');
}

export function positive(raw: RawArguments, name: string): number | undefined {
  const value = raw[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1e6) return value;
  const isLarge = typeof value === 'number' && value > 1e6;
  throw wrong(name, `is ${value}`, isLarge ? 'Use a whole number up to 1000000' : 'Use a positive whole number');
}

function from0(raw: RawArguments, name: string): number | undefined {
  const value = raw[name];
  if (value === undefined || (typeof value === 'number' && value >= 0 && value < 1e6)) return value;
  const isLarge = typeof value === 'number' && value >= 1e6;
  throw wrong(name, `is ${value}`, isLarge ? 'Use a number below 1000000' : 'Use a number that is not negative');
}

function above0(raw: RawArguments, name: string): number | undefined {
  const value = from0(raw, name);
  if (value === 0) throw wrong(name, 'is 0', 'Use a number above 0');
  return value;
}
