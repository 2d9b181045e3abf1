/** What γ and β are solved from, and how pictures are read. */
import { PRESETS } from '../inputs/presets.ts';
import { type GroupOptions, pictures, reading, swap } from './types.ts';

export const CALIBRATION = {
  reference: {
    type: 'string',
    commands: swap,
    choices: ['source', 'adapted'],
    default: 'source',
    describe:
      'what --calibrate matches: the source, or the source with its statistics re-estimated on the inputs (adapted), for a new domain',
  },
  calibrate: {
    type: 'string',
    commands: reading,
    describe:
      'solve γ and β from a few unlabelled inputs: a folder of pictures, a picture, .npy, .npz, .pb or test_data_set_*',
    only: {
      inspect: { describe: 'show how well these inputs fit every site, and what --calibrate would solve from them' },
    },
  },
  refine: {
    type: 'number',
    commands: swap,
    alone: 200,
    describe:
      'after --calibrate, train γ and β for so many steps to answer as the source does (200 if no number follows); kept only if held-out inputs are no worse',
  },
  moments: {
    type: 'string',
    commands: swap,
    array: true,
    describe: 'solve γ and β from the files that gn-swap moments wrote, one per shard',
  },
  shard: {
    type: 'string',
    commands: ['moments'],
    default: '1/1',
    describe: 'which part of the inputs to use, as i/n',
  },
  samples: {
    type: 'number',
    commands: reading,
    default: 64,
    describe: 'maximum number of inputs; a fifth of them is held out for measuring',
  },
  size: {
    type: 'string',
    commands: [...reading, 'gradient', 'finetune'],
    array: true,
    describe: 'HEIGHTxWIDTH to resize pictures to; default the model’s size, else each picture’s',
    only: { gradient: { describe: 'size of an input that the model leaves open: NAME=1x3x64x64' } },
  },
  preset: {
    type: 'string',
    commands: pictures,
    choices: Object.keys(PRESETS),
    describe:
      'image normalisation; --mean, --std, --scale and --channel-order override parts of it. imagenet: mean 0.485,0.456,0.406, std 0.229,0.224,0.225; paddle: the same in BGR; minus-one-to-one, zero-to-one, bytes: that range',
  },
  mean: {
    type: 'string',
    commands: pictures,
    describe: 'subtracted after --scale, one number or one per channel: 0.485,0.456,0.406; default 0',
  },
  std: {
    type: 'string',
    commands: pictures,
    describe: 'divided by after --mean, one number or one per channel; default 1',
  },
  scale: {
    type: 'string',
    commands: pictures,
    describe: 'factor for the bytes of pictures; default 1/255, or 1 if the model takes bytes or scales them itself',
  },
  'channel-order': {
    type: 'string',
    commands: pictures,
    choices: ['rgb', 'bgr'],
    describe: 'colour order that the model was trained on; default rgb',
  },
  fit: {
    type: 'string',
    commands: pictures,
    choices: ['stretch', 'contain', 'cover'],
    describe: 'how to resize pictures; default stretch, or contain to train a detector',
  },
  layout: {
    type: 'string',
    commands: pictures,
    choices: ['nchw', 'nhwc'],
    describe: 'layout of the model’s input; default from its shape',
  },
  'batch-axis': {
    type: 'string',
    commands: pictures,
    choices: ['0', 'none'],
    describe: 'whether the first axis of the inputs is the batch; default from the graph',
  },
} as const satisfies GroupOptions;
