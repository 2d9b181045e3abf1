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
      'what to differentiate by: all, norms, head, inputs, or a regular expression over names of tensors; behind ! what to leave out',
  },
  loss: {
    type: 'string',
    commands: gradient,
    default: 'none',
    describe: `the loss to append: ${LOSSES.join(', ')}, an .onnx file, or none, which takes the gradients of the outputs as inputs`,
  },
  'loss-of': {
    type: 'string',
    commands: gradient,
    describe: 'the output that the loss is of; needed if there are several',
  },
  optimizer: {
    type: 'string',
    commands: gradient,
    choices: ['none', ...OPTIMIZERS],
    default: 'none',
    describe: 'the optimizer whose step to append',
  },
  batch: {
    type: 'number',
    commands: gradient,
    default: 1,
    describe: 'samples at a time, if the model leaves that open',
  },
} as const satisfies GroupOptions;
