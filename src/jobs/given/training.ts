/** What the options of training must be, and its samples. */
import { GnSwapError } from '../../errors.ts';
import { SITE_KINDS } from '../../find/kinds.ts';
import type { GradientOptions } from '../../gradient/index.ts';
import { LOSSES, OPTIMIZERS } from '../../gradient/losses.ts';
import { ROW_NAMES } from '../../options/rows.ts';
import { AUGMENTATIONS } from '../../train/augment/index.ts';
import type { CompareFinetuneOptions } from '../compare-finetune/types.ts';
import type { FinetuneOptions } from '../finetune.ts';
import type { OwnTrainerOptions } from '../own-trainer.ts';
import {
  anything,
  callback,
  count,
  expressions,
  flag,
  listOf,
  made,
  notNegative,
  number,
  oneOf,
  positive,
  type Rule,
  type Rules,
  signal,
  text,
  whole,
} from './rules.ts';

const samples = made('labelled samples, as labelledOf makes them', 'count', 'keyOf', 'load');
const model = made('a model, as readModel reads it', 'proto');
const words = listOf("a list of words, such as ['norms']", text);
const texts = listOf('a list of names', text);
const isRate = number('auto, or a positive rate, such as 3e-4', (value) => value > 0);
const rate: Rule = (value) => (value === 'auto' ? undefined : isRate(value));

/** @throws GnSwapError `invalid-arguments` if it is not what `labelledOf` makes */
export function requireSamples(given: unknown, by: string): void {
  const wanted = samples(given);
  if (wanted === undefined) return;
  throw new GnSwapError('invalid-arguments', `${by} needs labelled samples`, { remedy: `Give ${wanted}` });
}

const STEPS = {
  optimizer: oneOf(...OPTIMIZERS),
  weightDecay: notNegative,
  clip: positive,
  batchNorm: oneOf('frozen', 'train', 'renorm'),
  renormLimits: made('an object, such as { rMax: 3, dMax: 5 }'),
  device: text,
};

const LEARNT = {
  // Names of tasks are told where they are looked up.
  task: text,
  lossOf: text,
  losses: listOf(`a list of ${LOSSES.join(', ')}`, oneOf(...LOSSES)),
  epochs: count,
  rate,
  train: words,
  augment: listOf(`a list of ${Object.keys(AUGMENTATIONS).join(', ')}`, oneOf(...Object.keys(AUGMENTATIONS))),
  head: made('a regular expression', 'source', 'flags'),
  oldClasses: texts,
  detection: made('an object of what outputs are'),
  signal,
  held: samples,
  test: samples,
  seed: whole,
  memory: positive,
};

export const FINETUNE: Rules<FinetuneOptions> = {
  ...STEPS,
  ...LEARNT,
  batch: anything,
  accumulate: anything,
  lossModel: model,
  keep: samples,
  teacher: model,
  patience: count,
  resume: made('the state that onEpoch was told'),
  onEvent: callback,
  onEpoch: callback,
};

export const COMPARE: Rules<CompareFinetuneOptions> = {
  ...LEARNT,
  optimizer: STEPS.optimizer,
  weightDecay: STEPS.weightDecay,
  clip: STEPS.clip,
  sites: oneOf(...SITE_KINDS),
  groups: anything,
  absorbAffine: flag,
  include: expressions,
  exclude: expressions,
  onProgress: callback,
  calibrate: made('inputs as datasetOf makes them', 'count', 'keyOf', 'load'),
  samples: count,
  rows: listOf(`a list of ${ROW_NAMES.join(', ')}`, oneOf(...ROW_NAMES)),
  batches: listOf('a list of positive whole numbers', count),
  seeds: count,
  known: listOf('a list of runs that onRun was told', anything),
  onRun: callback,
};

export const TRAINER: Rules<OwnTrainerOptions> = {
  ...STEPS,
  wrt: words,
  sample: made('an object { inputs }', 'inputs'),
  loss: anything,
  lossOf: text,
};

export const GRADIENT: Rules<GradientOptions> = {
  wrt: words,
  chosenBy: anything,
  loss: (value) => (typeof value === 'string' ? oneOf('none', ...LOSSES)(value) : undefined),
  lossOf: text,
  optimizer: oneOf('none', ...OPTIMIZERS),
  optimizerOptions: made('an object of options of the optimizer'),
  flat: flag,
  verify: flag,
  batch: count,
  sizes: made('an object of sizes by input, such as { x: [1, 3, 224, 224] }'),
  lossSizes: made('an object of sizes by input'),
  batchNorm: oneOf('frozen', 'train', 'renorm', 'given'),
  renormLimits: STEPS.renormLimits,
};
