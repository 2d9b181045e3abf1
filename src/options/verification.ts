/** What a file is held to, on which inputs. */

import { TRAINED_TASKS } from '../inputs/labelled/options.ts';
import { BOX_FORMATS, BOX_UNITS } from '../measure/boxes/formats.ts';
import { SCORE_KINDS, TASK_NAMES } from '../measure/tasks/types.ts';
import { type GroupOptions, judging, proving } from './types.ts';

const USED_FOR = `what the outputs are used for: ${TASK_NAMES.join(', ')}; for one output NAME=TASK, or NAME=none to skip it; default from the graph`;
const MEMORY = 'memory limit for calibration and verification, such as 2GB; default a quarter of free memory';

export const VERIFICATION = {
  'no-verify': {
    type: 'boolean',
    commands: [...proving, 'gradient'],
    describe: 'only rewrite; do not run the model. ONNX Runtime is not loaded',
    only: {
      check: { describe: 'only check the structure; do not run the model. ONNX Runtime is not loaded' },
      gradient: { describe: 'only write; do not run the model. ONNX Runtime is not loaded' },
    },
  },
  against: {
    type: 'string',
    commands: ['check'],
    describe: 'the original model; everything except the norms must match it, trained weights excepted',
  },
  inputs: {
    type: 'string',
    commands: proving,
    describe: 'verify on this .npz (one array per input) instead of random input',
  },
  'require-record': {
    type: 'boolean',
    commands: ['check'],
    describe:
      'fail a file that was never swapped: it has BatchNormalization, or no norm at all, and no record of a rewrite',
  },
  'max-drift': {
    type: 'number',
    commands: proving,
    describe: 'fail if an output drifts by more, relative to the source (0.1 is a tenth); default no limit',
  },
  'min-kept': {
    type: 'number',
    commands: proving,
    describe: 'fail if less of the source’s behaviour is kept, from 0 to 1, such as 0.9; default no limit',
  },
  task: {
    type: 'string',
    commands: [...judging, 'finetune'],
    array: true,
    only: {
      finetune: {
        describe:
          'what to learn: a class per picture, a class per pixel, boxes, numbers, or the answers of --teacher; default as the data are laid out',
        choices: TRAINED_TASKS,
        array: false,
      },
      compare: {
        describe: `with --finetune: what to learn, ${TRAINED_TASKS.filter((name) => name !== 'distill').join(', ')}. Otherwise ${USED_FOR}`,
      },
    },
    describe: USED_FOR,
  },
  boxes: {
    type: 'string',
    commands: [...judging, 'finetune'],
    describe:
      'the output of a detector with the boxes, with columns if it holds more: output0[0:4]; with an output for each grid: b8,b16,b32',
  },
  scores: {
    type: 'string',
    commands: [...judging, 'finetune'],
    describe: 'the output with the scores, such as output0[4:84]',
  },
  'box-format': {
    type: 'string',
    commands: [...judging, 'finetune'],
    choices: BOX_FORMATS,
    describe:
      'box coordinates; ltrb means distances from a point of a cell to the four sides, anchors offsets from anchors that are not in the file',
  },
  'box-unit': {
    type: 'string',
    commands: [...judging, 'finetune'],
    choices: BOX_UNITS,
    describe: 'unit of box coordinates; cells are those of the detector’s grids',
  },
  'box-offset': {
    type: 'number',
    commands: [...judging, 'finetune'],
    describe:
      'with --box-format ltrb: where in its cell a distance starts, 0 for the corner, 0.5 for the middle; default from boxes that two grids find, else 0.5',
  },
  'score-kind': {
    type: 'string',
    commands: [...judging, 'finetune'],
    choices: SCORE_KINDS,
    describe: 'whether scores are probabilities, or logits before a Sigmoid or Softmax',
  },
  memory: {
    type: 'string',
    commands: ['swap', 'check', 'inspect', 'compare', 'moments', 'finetune'],
    describe: MEMORY,
    only: {
      compare: { describe: `${MEMORY}. With --finetune, of the whole process; default all that is free` },
      finetune: { describe: 'memory limit of the whole process, such as 2GB; default all that is free' },
    },
  },
  threads: {
    type: 'number',
    commands: ['swap', 'check', 'inspect', 'compare', 'moments', 'gradient', 'finetune'],
    describe:
      'threads that run the model, such as 1 on a machine that others use, too; default all cores. Pictures are decoded beside',
  },
  seed: {
    type: 'number',
    commands: ['swap', 'check', 'inspect', 'compare', 'moments', 'finetune'],
    default: 0,
    describe: 'random seed',
  },
} as const satisfies GroupOptions;
