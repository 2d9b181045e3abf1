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
      'what to differentiate by: all, norms, head, inputs, or a regular expression over names of tensors; behind ! what to leave out',
  },
  loss: {
    type: 'string',
    commands: training,
    default: 'none',
    describe: `the loss to append: ${LOSSES.join(', ')}, an .onnx file, or none, which takes the gradients of the outputs as inputs`,
    only: {
      finetune: {
        describe: `the loss in place of the task’s own: ${LOSSES.join(', ')}`,
        choices: LOSSES,
        default: null,
      },
    },
  },
  'loss-of': {
    type: 'string',
    commands: training,
    describe: 'the output that the loss is of; needed if there are several',
  },
  optimizer: {
    type: 'string',
    commands: training,
    choices: ['none', ...OPTIMIZERS],
    default: 'none',
    describe: 'the optimizer whose step to append',
    only: { finetune: { describe: 'how parameters are moved', choices: OPTIMIZERS, default: 'adamw' } },
  },
  batch: {
    type: 'number',
    commands: training,
    default: 1,
    describe: 'samples at a time, if the model leaves that open',
    only: { finetune: { describe: 'samples in a step' } },
  },
  data: {
    type: 'string',
    commands: finetune,
    describe: 'labelled samples: a folder, a CSV, or an .npz; docs/data.md shows the layouts',
  },
  val: {
    type: 'string',
    commands: finetune,
    describe: 'held-out samples: a folder, or a share of --data such as 0.2; default the folder’s own part val, or 0.2',
  },
  epochs: {
    type: 'number',
    commands: finetune,
    default: 10,
    describe: 'passes over the samples',
  },
  lr: {
    type: 'string',
    commands: finetune,
    default: 'auto',
    describe:
      'highest learning rate; auto tries some rates for a few steps each and takes the one with the lowest held-out loss',
  },
  train: {
    type: 'string',
    commands: finetune,
    array: true,
    default: 'all',
    describe: 'what to train: all, norms, head, or a regular expression over names of tensors',
  },
  freeze: {
    type: 'string',
    commands: finetune,
    array: true,
    describe: 'what to leave as it is: norms, head, or a regular expression over names of tensors',
  },
  classes: {
    type: 'string',
    commands: finetune,
    describe: 'names of the classes, separated by commas, in the order of their numbers; default those of the data',
  },
  teacher: {
    type: 'string',
    commands: finetune,
    describe: 'with --task distill: the model whose answers are learned',
  },
  augment: {
    type: 'string',
    commands: finetune,
    describe: 'how samples are varied: some of flip,crop,rotate,colour, or none; default by task',
  },
  patience: {
    type: 'number',
    commands: finetune,
    describe: 'epochs without a better held-out score before training stops; default a third of --epochs, at least 3',
  },
  accumulate: {
    type: 'number',
    commands: finetune,
    default: 1,
    describe: 'batches whose gradients are averaged for one step',
  },
  'weight-decay': {
    type: 'number',
    commands: finetune,
    default: 0.01,
    describe: 'decay of weights; biases and norms never decay',
  },
  clip: {
    type: 'number',
    commands: finetune,
    default: 10,
    describe: 'largest norm of a step’s gradient',
  },
  resume: {
    type: 'boolean',
    commands: finetune,
    describe: 'go on from the last finished epoch of a run that was interrupted',
  },
} as const satisfies GroupOptions;
