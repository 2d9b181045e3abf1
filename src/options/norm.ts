/** Which norms stand where, and what they start from. */

import { SITE_KINDS } from '../find/kinds.ts';
import { FORMS } from '../forms/index.ts';
import { NORMS } from '../norms/index.ts';
import { INITS } from '../norms/inits/index.ts';
import { CONSUMERS } from '../plan/consumers.ts';
import { all, both, choosing, type GroupOptions, names, swap, training } from './types.ts';

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
    describe: 'what to swap: BatchNormalization nodes, Conv layers that absorbed one (needs --calibrate), or both',
  },
  groups: {
    type: 'string',
    commands: [...all, 'compare'],
    default: 'auto',
    describe:
      'groups per site: a number (lowered to a divisor of the channels), auto (chosen by the fit with --calibrate), or paper',
    only: {
      compare: { describe: 'with --finetune: groups per site of rows with group norm; default auto', default: null },
    },
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
      'which operators the norm is built from; auto uses native from opset 21 on unless its kernel would lose digits, else reduce',
  },
  for: {
    type: 'string',
    commands: all,
    choices: names(CONSUMERS),
    describe: 'the program that will read the model; selects a form that it supports (see gn-swap consumers)',
  },
  init: {
    type: 'string',
    commands: both,
    choices: names(INITS),
    default: 'statistics',
    describe: 'where γ and β come from without data; --calibrate solves them from data',
  },
  'absorb-affine': {
    type: 'boolean',
    commands: choosing,
    describe: 'merge constant Mul and Add right before or after a BatchNormalization into γ and β',
  },
  'assume-spatial': {
    type: 'boolean',
    commands: choosing,
    describe: 'treat spatial=0 with one number per channel as spatial=1 (a mistake of an old MXNet exporter)',
  },
  'r-max': {
    type: 'number',
    commands: [...both, ...training],
    describe: 'with --to batch-renorm: the largest r, a factor ≥ 1; default 3',
    only: {
      gradient: { describe: 'with --batch-norm renorm: the largest r, a factor ≥ 1; default 3' },
      finetune: { describe: 'with --batch-norm renorm: the largest r, a factor ≥ 1; default 3' },
    },
  },
  'd-max': {
    type: 'number',
    commands: [...both, ...training],
    describe: 'with --to batch-renorm: the largest d, in running standard deviations; default 5',
    only: {
      gradient: { describe: 'with --batch-norm renorm: the largest d, in running standard deviations; default 5' },
      finetune: { describe: 'with --batch-norm renorm: the largest d, in running standard deviations; default 5' },
    },
  },
  fold: {
    type: 'boolean',
    commands: both,
    describe: 'with --to frozen: fold the norm into the Conv, ConvTranspose, Gemm or MatMul before it if possible',
  },
  include: {
    type: 'string',
    commands: choosing,
    array: true,
    describe:
      'only sites whose name matches this regular expression; with --sites folded, also Conv that were not recognised',
  },
  exclude: {
    type: 'string',
    commands: choosing,
    array: true,
    describe: 'skip sites whose name matches this regular expression',
  },
  strict: {
    type: 'boolean',
    commands: swap,
    describe: 'fail if any BatchNormalization cannot be swapped',
  },
} as const satisfies GroupOptions;
