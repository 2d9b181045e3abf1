/** What `gn-swap gradient` differentiates, and by which step. */
import { LOSSES, OPTIMIZERS } from '../gradient/losses.ts';
import { type GroupOptions, gradient } from './types.ts';

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
    commands: gradient,
    default: 'none',
    describe: `the loss to append: ${LOSSES.join(', ')}, an .onnx file, or none to pass the gradients of the outputs as inputs`,
  },
  'loss-of': {
    type: 'string',
    commands: gradient,
    describe: 'the output to compute the loss on; needed if there are several',
  },
  optimizer: {
    type: 'string',
    commands: gradient,
    choices: ['none', ...OPTIMIZERS],
    default: 'none',
    describe: 'the optimizer step to append',
  },
  clip: {
    type: 'number',
    commands: gradient,
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
    commands: gradient,
    default: 1,
    describe: 'batch size, if the model leaves it open',
  },
} as const satisfies GroupOptions;
