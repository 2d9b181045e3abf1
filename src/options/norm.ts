/** Which norms stand where, and what they start from. */

import { SITE_KINDS } from '../find/kinds.ts';
import { FORMS } from '../forms/index.ts';
import { NORMS } from '../norms/index.ts';
import { INITS } from '../norms/inits/index.ts';
import { CONSUMERS } from '../plan/consumers.ts';
import { all, both, choosing, type GroupOptions, names, swap } from './types.ts';

export const NORM = {
  to: {
    type: 'string',
    commands: all,
    choices: names(NORMS),
    default: 'group',
    describe: 'the norm to put in place of BatchNormalization',
  },
  sites: {
    type: 'string',
    commands: choosing,
    choices: SITE_KINDS,
    default: 'batchnorm',
    describe: 'BatchNormalization nodes, Conv that one was folded into (needs --calibrate), or all of them',
  },
  groups: {
    type: 'string',
    commands: all,
    default: 'auto',
    describe:
      'groups a site: a number (the largest divisor of the channels up to it), auto (by the fit where there is --calibrate), or paper',
  },
  'channels-per-group': {
    type: 'number',
    commands: all,
    describe: 'channels per group, instead of --groups',
  },
  form: {
    type: 'string',
    commands: all,
    choices: ['auto', ...names(FORMS)],
    default: 'auto',
    describe:
      'which operators the norm is written with; auto is native from opset 21 on, unless its kernel would lose digits, else reduce',
  },
  for: {
    type: 'string',
    commands: all,
    choices: names(CONSUMERS),
    describe:
      'the program that will read the model: picks a form and constants that it supports; see gn-swap consumers',
  },
  init: {
    type: 'string',
    commands: both,
    choices: names(INITS),
    default: 'statistics',
    describe: 'where γ and β come from; --calibrate solves them from data',
  },
  'absorb-affine': {
    type: 'boolean',
    commands: choosing,
    describe: 'merge Mul and Add of constants right before or behind a BatchNormalization into its γ and β',
  },
  'assume-spatial': {
    type: 'boolean',
    commands: choosing,
    describe:
      'read BatchNormalization with spatial=0 and one number per channel as spatial=1, which an old MXNet exporter meant',
  },
  'r-max': {
    type: 'number',
    commands: both,
    describe: 'with --to batch-renorm: the largest r, a factor from 1 on; default 3',
  },
  'd-max': {
    type: 'number',
    commands: both,
    describe: 'with --to batch-renorm: the largest d, in moving standard deviations; default 5',
  },
  fold: {
    type: 'boolean',
    commands: both,
    describe:
      'with --to frozen: multiply the norm into the Conv, ConvTranspose, Gemm or MatMul before it where that is legal',
  },
  include: {
    type: 'string',
    commands: choosing,
    array: true,
    describe: 'only sites whose name matches this regular expression; with --sites folded, any Conv that does is one',
  },
  exclude: {
    type: 'string',
    commands: choosing,
    array: true,
    describe: 'leave out sites whose name matches this regular expression',
  },
  strict: {
    type: 'boolean',
    commands: swap,
    describe: 'fail if any BatchNormalization cannot be swapped',
  },
} as const satisfies GroupOptions;
