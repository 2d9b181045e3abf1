/** What `gn-swap gradient` differentiates, and how `gn-swap finetune` trains. */
import { LOSSES, OPTIMIZERS } from '../gradient/losses.ts';
import { DEVICES } from '../runtime/device.ts';
import { ROW_NAMES } from './rows.ts';
import { compare, finetune, type GroupOptions, gradient, learning, training } from './types.ts';

/** What an option is to `compare`, which takes it with --finetune alone, so that it has no default there. */
function withFinetune(describe: string) {
  return { compare: { describe: `with --finetune: ${describe}`, default: null } } as const;
}

const LEARNING = [...training, ...compare] as const;

export const TRAINING = {
  wrt: {
    type: 'string',
    commands: gradient,
    array: true,
    default: 'all',
    describe:
      'parameters to differentiate by: all, norms, head, inputs, or a regular expression over tensor names; a leading ! excludes',
  },
  finetune: {
    type: 'boolean',
    commands: compare,
    describe: 'compare by training on --data: frozen BatchNormalization, training mode, other norms, no training',
  },
  rows: {
    type: 'string',
    commands: compare,
    describe: `with --finetune: what to compare, separated by commas: ${ROW_NAMES.join(', ')}; default all but bn-renorm and gn-copy`,
  },
  batches: {
    type: 'string',
    commands: compare,
    describe: 'with --finetune: samples per step, several separated by commas: 1,2,4,8,16; default 1',
  },
  seeds: {
    type: 'number',
    commands: compare,
    describe: 'with --finetune: how often to train each row, for ranges; default 3',
  },
  runs: {
    type: 'string',
    commands: compare,
    describe:
      'with --finetune: a file to append each finished run to, as a line of JSON; runs that are in it are not done again',
  },
  data: {
    type: 'string',
    commands: learning,
    describe: 'labelled samples: a folder, a CSV or an .npz; docs/data.md shows the layouts',
  },
  val: {
    type: 'string',
    commands: learning,
    describe: 'held-out samples: a folder, or a share of --data; default the folder’s own part val, else 0.2',
  },
  epochs: {
    type: 'number',
    commands: learning,
    default: 10,
    describe: 'passes over the training samples',
    only: withFinetune('passes over the training samples; default 3'),
  },
  lr: {
    type: 'string',
    commands: learning,
    default: 'auto',
    describe: 'peak learning rate, such as 3e-4; auto tries several for a few steps and takes the lowest held-out loss',
    only: withFinetune('peak learning rate; default auto: each row finds its own with the first seed'),
  },
  train: {
    type: 'string',
    commands: learning,
    array: true,
    default: 'all',
    describe: 'what to train: all, norms, head, or a regular expression over tensor names',
    only: withFinetune('what to train: all, norms, head, or a regular expression over tensor names; default all'),
  },
  freeze: {
    type: 'string',
    commands: learning,
    array: true,
    describe: 'what to leave unchanged: norms, head, or a regular expression over tensor names',
  },
  classes: {
    type: 'string',
    commands: learning,
    describe:
      'class names separated by commas, in the order of the model’s outputs; default from the data. The last layer is rebuilt for names that it lacks',
  },
  'old-classes': {
    type: 'string',
    commands: learning,
    describe:
      'names of the classes that the file has now, if it does not hold them; those that stay keep their weights; none to rebuild the last layer for the classes of --data',
  },
  head: {
    type: 'string',
    commands: learning,
    describe: 'regular expression over names of the layers whose channels are the classes, if they are not found',
  },
  keep: {
    type: 'string',
    commands: finetune,
    describe:
      'with --task detect: a folder of pictures that show none of the new classes; what the model finds in them, it goes on finding',
  },
  anchors: {
    type: 'string',
    commands: learning,
    describe:
      'with --task detect: anchors that the file does not hold, as STRIDE:SIZE,SIZE for each grid, such as 8:16,32/16:64,128; a size is a side, or WIDTHxHEIGHT; STRIDE@PIXEL if the first one is not in the middle of its cell',
  },
  variances: {
    type: 'string',
    commands: learning,
    describe: 'with --anchors: what the offsets are multiplied by, such as 0.1,0.2 for RetinaFace and SSD; default 1',
  },
  teacher: {
    type: 'string',
    commands: finetune,
    describe: 'with --task distill: the model to learn from',
  },
  augment: {
    type: 'string',
    commands: learning,
    describe: 'how to vary pictures: flip, crop, rotate, colour separated by commas, or none; default by task',
  },
  batch: {
    type: 'number',
    commands: training,
    default: 1,
    describe: 'batch size, if the model leaves it open',
    only: { finetune: { describe: 'samples per step' } },
  },
  accumulate: {
    type: 'number',
    commands: finetune,
    default: 1,
    describe: 'batches to average per step',
  },
  patience: {
    type: 'number',
    commands: finetune,
    describe: 'stop after this many epochs without a better score; default a third of --epochs, at least 3',
  },
  'weight-decay': {
    type: 'number',
    commands: learning,
    default: 0.01,
    describe: 'decay of weights; biases and norms do not decay',
    only: withFinetune('decay of weights; default 0.01'),
  },
  loss: {
    type: 'string',
    commands: LEARNING,
    default: 'none',
    describe: `the loss to append: ${LOSSES.join(', ')}, an .onnx file, or none to pass the gradients of the outputs as inputs`,
    only: {
      compare: {
        describe: 'with --finetune: loss to use instead of the one of the task',
        choices: LOSSES,
        default: null,
      },
      finetune: {
        describe: `loss to use instead of the one of the task: ${LOSSES.join(', ')}; or an .onnx file, without --task, whose inputs beside the model’s outputs the samples give`,
        default: null,
      },
    },
  },
  'loss-of': {
    type: 'string',
    commands: LEARNING,
    describe: 'the output to compute the loss on; needed if there are several',
  },
  optimizer: {
    type: 'string',
    commands: LEARNING,
    choices: ['none', ...OPTIMIZERS],
    default: 'none',
    describe: 'the optimizer step to append',
    only: {
      compare: { describe: 'with --finetune: the optimizer; default adamw', choices: OPTIMIZERS, default: null },
      finetune: { describe: 'the optimizer', choices: OPTIMIZERS, default: 'adamw' },
    },
  },
  clip: {
    type: 'number',
    commands: LEARNING,
    only: {
      ...withFinetune('maximum norm of the gradient of a step; default 10'),
      finetune: { describe: 'maximum norm of the gradient of a step', default: 10 },
    },
    describe: 'with --optimizer: the largest norm of all gradients together; larger ones are scaled down',
  },
  'batch-norm': {
    type: 'string',
    commands: training,
    choices: ['frozen', 'train', 'renorm'],
    default: 'frozen',
    describe:
      'BatchNormalization keeps its running statistics (frozen), takes those of the batch and updates the running ones (train), or does so within limits around the running ones (renorm)',
  },
  flat: {
    type: 'boolean',
    commands: gradient,
    describe: 'take all parameters as one vector theta; faster to feed and to update up to about a million numbers',
  },
  device: {
    type: 'string',
    commands: finetune,
    choices: DEVICES,
    default: 'cpu',
    describe:
      'what steps are computed on, where ONNX Runtime has it; the gradient of the first step is compared with the CPU’s',
  },
  resume: {
    type: 'boolean',
    commands: finetune,
    describe: 'continue an interrupted run from its last finished epoch',
  },
} as const satisfies GroupOptions;
