/** What `gn-swap gradient` differentiates, and how `gn-swap finetune` trains. */
import { LOSSES, OPTIMIZERS } from '../gradient/losses.ts';
import { finetune, type GroupOptions, gradient, training } from './types.ts';

export const TRAINING = {
  wrt: {
    type: 'string',
    commands: gradient,
    array: true,
    default: 'all',
    describe:
      'parameters to differentiate by: all, norms, head, inputs, or a regular expression over tensor names; a leading ! excludes',
  },
  loss: {
    type: 'string',
    commands: training,
    default: 'none',
    describe: `the loss to append: ${LOSSES.join(', ')}, an .onnx file, or none to pass the gradients of the outputs as inputs`,
    only: { finetune: { describe: 'loss to use instead of the one of the task', choices: LOSSES, default: null } },
  },
  'loss-of': {
    type: 'string',
    commands: training,
    describe: 'the output to compute the loss on; needed if there are several',
  },
  optimizer: {
    type: 'string',
    commands: training,
    choices: ['none', ...OPTIMIZERS],
    default: 'none',
    describe: 'the optimizer step to append',
    only: { finetune: { describe: 'the optimizer', choices: OPTIMIZERS, default: 'adamw' } },
  },
  clip: {
    type: 'number',
    commands: training,
    only: { finetune: { describe: 'maximum norm of the gradient of a step', default: 10 } },
    describe: 'with --optimizer: the largest norm of all gradients together; larger ones are scaled down',
  },
  flat: {
    type: 'boolean',
    commands: gradient,
    describe: 'take all parameters as one vector theta; faster to feed and to update up to about a million numbers',
  },
  'batch-norm': {
    type: 'string',
    commands: gradient,
    choices: ['frozen', 'train'],
    default: 'frozen',
    describe:
      'BatchNormalization keeps its running statistics, or takes those of the batch and updates the running ones',
  },
  batch: {
    type: 'number',
    commands: training,
    default: 1,
    describe: 'batch size, if the model leaves it open',
    only: { finetune: { describe: 'samples per step' } },
  },
  data: {
    type: 'string',
    commands: finetune,
    describe: 'labelled samples: a folder, a CSV or an .npz; docs/data.md shows the layouts',
  },
  val: {
    type: 'string',
    commands: finetune,
    describe: 'held-out samples: a folder, or a share of --data; default the folder’s own part val, else 0.2',
  },
  epochs: {
    type: 'number',
    commands: finetune,
    default: 10,
    describe: 'passes over the training samples',
  },
  lr: {
    type: 'string',
    commands: finetune,
    default: 'auto',
    describe: 'peak learning rate, such as 3e-4; auto tries several for a few steps and takes the lowest held-out loss',
  },
  train: {
    type: 'string',
    commands: finetune,
    array: true,
    default: 'all',
    describe: 'what to train: all, norms, head, or a regular expression over tensor names',
  },
  freeze: {
    type: 'string',
    commands: finetune,
    array: true,
    describe: 'what to leave unchanged: norms, head, or a regular expression over tensor names',
  },
  classes: {
    type: 'string',
    commands: finetune,
    describe:
      'class names separated by commas, in the order of the model’s outputs; default from the data. The last layer is rebuilt for names that it lacks',
  },
  'old-classes': {
    type: 'string',
    commands: finetune,
    describe:
      'names of the classes that the file has now, if it does not hold them; those that stay keep their weights',
  },
  head: {
    type: 'string',
    commands: finetune,
    describe: 'regular expression over names of the layers whose channels are the classes, if they are not found',
  },
  keep: {
    type: 'string',
    commands: finetune,
    describe: 'with --task detect: a folder of pictures of what the model finds already, which it goes on finding',
  },
  teacher: {
    type: 'string',
    commands: finetune,
    describe: 'with --task distill: the model to learn from',
  },
  augment: {
    type: 'string',
    commands: finetune,
    describe: 'how to vary pictures: flip, crop, rotate, colour separated by commas, or none; default by task',
  },
  patience: {
    type: 'number',
    commands: finetune,
    describe: 'stop after this many epochs without a better score; default a third of --epochs, at least 3',
  },
  accumulate: {
    type: 'number',
    commands: finetune,
    default: 1,
    describe: 'batches to average per step',
  },
  'weight-decay': {
    type: 'number',
    commands: finetune,
    default: 0.01,
    describe: 'decay of weights; biases and norms do not decay',
  },
  resume: {
    type: 'boolean',
    commands: finetune,
    describe: 'continue an interrupted run from its last finished epoch',
  },
} as const satisfies GroupOptions;
