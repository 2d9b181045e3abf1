/**
 * Every option, once: the command line, its help and docs/options.md come from this table, and library options bear the
 * same names in camel case.
 */

import { SITE_KINDS } from './find/kinds.ts';
import { FORMS } from './forms/index.ts';
import { LOSSES, OPTIMIZERS } from './gradient/losses.ts';
import { PRESETS } from './inputs/presets.ts';
import { BOX_FORMATS, BOX_UNITS } from './measure/boxes/formats.ts';
import { SCORE_KINDS, TASK_NAMES } from './measure/tasks/types.ts';
import { NORMS } from './norms/index.ts';
import { INITS } from './norms/inits/index.ts';
import { CONSUMERS } from './plan/consumers.ts';

/** Headings in the help, in its order. */
export const GROUPS = ['Norm', 'Calibration', 'Training', 'Output', 'Verification', 'Reporting'] as const;

export type OptionGroup = (typeof GROUPS)[number];

/** What an option takes. */
export interface OptionSpec {
  readonly type: 'string' | 'number' | 'boolean';
  readonly describe: string;
  /** Heading in the help. */
  readonly group: OptionGroup;
  readonly alias?: string;
  readonly choices?: readonly string[];
  readonly default?: string | number;
  /** Whether it may be given several times. */
  readonly array?: boolean;
  /** Commands that take it. */
  readonly commands: readonly CommandName[];
}

export type CommandName = 'swap' | 'check' | 'inspect' | 'compare' | 'moments' | 'gradient' | 'consumers';

const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
const all = ['swap', 'inspect', 'moments'] as const;
const talking = ['swap', 'check', 'inspect', 'compare', 'moments', 'gradient'] as const;
const choosing = ['swap', 'inspect', 'compare', 'moments'] as const;
const reading = ['swap', 'compare', 'moments'] as const;
const proving = ['swap', 'check'] as const;
const judging = ['swap', 'check', 'compare'] as const;
const both = ['swap', 'inspect'] as const;
const calibrating = ['swap', 'moments', 'gradient'] as const;
const gradient = ['gradient'] as const;
const swap = ['swap'] as const;

export const OPTIONS = {
  to: {
    ...{ type: 'string', group: 'Norm', commands: all },
    choices: names(NORMS),
    default: 'group',
    describe: 'the norm to put in place of BatchNormalization',
  },
  sites: {
    ...{ type: 'string', group: 'Norm', commands: choosing },
    choices: SITE_KINDS,
    default: 'batchnorm',
    describe: 'BatchNormalization nodes, Conv that one was folded into (needs --calibrate), or all of them',
  },
  groups: {
    ...{ type: 'string', group: 'Norm', commands: all },
    default: 'auto',
    describe:
      'groups a site: a number (the largest divisor of the channels up to it), auto (by the fit where there is --calibrate), or paper',
  },
  'channels-per-group': {
    ...{ type: 'number', group: 'Norm', commands: all },
    describe: 'channels per group, instead of --groups',
  },
  form: {
    ...{ type: 'string', group: 'Norm', commands: all },
    choices: ['auto', ...names(FORMS)],
    default: 'auto',
    describe:
      'which operators the norm is written with; auto is native from opset 21 on, unless its kernel would lose digits, else reduce',
  },
  for: {
    ...{ type: 'string', group: 'Norm', commands: all },
    choices: names(CONSUMERS),
    describe:
      'the program that will read the model: picks a form and constants that it supports; see gn-swap consumers',
  },
  init: {
    ...{ type: 'string', group: 'Norm', commands: both },
    choices: names(INITS),
    default: 'statistics',
    describe: 'where γ and β come from; --calibrate solves them from data',
  },
  reference: {
    ...{ type: 'string', group: 'Calibration', commands: swap },
    choices: ['source', 'adapted'],
    default: 'source',
    describe:
      'what --calibrate matches: the source, or (adapted) the source with its statistics re-estimated on the inputs, for another domain',
  },
  'absorb-affine': {
    ...{ type: 'boolean', group: 'Norm', commands: choosing },
    describe: 'merge Mul and Add of constants right before or behind a BatchNormalization into its γ and β',
  },
  'assume-spatial': {
    ...{ type: 'boolean', group: 'Norm', commands: choosing },
    describe:
      'read BatchNormalization with spatial=0 and one number per channel as spatial=1, which an old MXNet exporter meant',
  },
  'r-max': {
    ...{ type: 'number', group: 'Norm', commands: both },
    describe: 'with --to batch-renorm: the largest r, a factor from 1 on; default 3',
  },
  'd-max': {
    ...{ type: 'number', group: 'Norm', commands: both },
    describe: 'with --to batch-renorm: the largest d, in moving standard deviations; default 5',
  },
  fold: {
    ...{ type: 'boolean', group: 'Norm', commands: both },
    describe:
      'with --to frozen: multiply the norm into the Conv, ConvTranspose, Gemm or MatMul before it where that is legal',
  },
  include: {
    ...{ type: 'string', group: 'Norm', commands: choosing },
    array: true,
    describe: 'only sites whose name matches this regular expression; with --sites folded, any Conv that does is one',
  },
  exclude: {
    ...{ type: 'string', group: 'Norm', commands: choosing },
    array: true,
    describe: 'leave out sites whose name matches this regular expression',
  },
  strict: {
    ...{ type: 'boolean', group: 'Norm', commands: swap },
    describe: 'fail if any BatchNormalization cannot be swapped',
  },
  wrt: {
    ...{ type: 'string', group: 'Training', commands: gradient },
    array: true,
    default: 'all',
    describe:
      'what to differentiate by: all, norms, head, inputs, or a regular expression over names of tensors; behind ! what to leave out',
  },
  loss: {
    ...{ type: 'string', group: 'Training', commands: gradient },
    default: 'none',
    describe: `the loss to append: ${LOSSES.join(', ')}, an .onnx file, or none, which takes the gradients of the outputs as inputs`,
  },
  'loss-of': {
    ...{ type: 'string', group: 'Training', commands: gradient },
    describe: 'the output that the loss is of; needed if there are several',
  },
  optimizer: {
    ...{ type: 'string', group: 'Training', commands: gradient },
    choices: ['none', ...OPTIMIZERS],
    default: 'none',
    describe: 'the optimizer whose step to append',
  },
  batch: {
    ...{ type: 'number', group: 'Training', commands: gradient },
    default: 1,
    describe: 'samples at a time, if the model leaves that open',
  },
  calibrate: {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    describe:
      'solve γ and β from a few unlabelled inputs: a folder of pictures, a picture, .npy, .npz, .pb or test_data_set_*',
  },
  moments: {
    ...{ type: 'string', group: 'Calibration', commands: swap },
    array: true,
    describe: 'solve γ and β from what gn-swap moments wrote: the files of all shards',
  },
  shard: {
    ...{ type: 'string', group: 'Calibration', commands: ['moments'] },
    default: '1/1',
    describe: 'i/n: the i-th of n parts of the inputs',
  },
  samples: {
    ...{ type: 'number', group: 'Calibration', commands: reading },
    default: 64,
    describe: 'how many inputs to use at most; a fifth of them is kept for measuring',
  },
  size: {
    ...{ type: 'string', group: 'Calibration', commands: [...reading, 'gradient'] },
    array: true,
    describe:
      'HEIGHTxWIDTH that pictures are brought to; default the model’s own, else each picture’s. With gradient: NAME=1x3x64x64, the size of an input',
  },
  preset: {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    choices: Object.keys(PRESETS),
    describe:
      'how pictures become numbers; --mean, --std, --scale and --channel-order change parts of it. imagenet: mean 0.485,0.456,0.406, std 0.229,0.224,0.225; paddle: the same in BGR; minus-one-to-one, zero-to-one, bytes: that range',
  },
  mean: {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    describe: 'what is subtracted from scaled pictures, a number or one a channel: 0.485,0.456,0.406; default 0',
  },
  std: {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    describe: 'what they are then divided by; default 1',
  },
  scale: {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    describe: 'what the bytes of pictures are first multiplied by; default 1/255, or 1 where the model takes bytes',
  },
  'channel-order': {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    choices: ['rgb', 'bgr'],
    describe: 'colour order that the model was trained on; default rgb',
  },
  fit: {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    choices: ['stretch', 'contain', 'cover'],
    default: 'stretch',
    describe: 'how pictures are resized to another shape',
  },
  layout: {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    choices: ['nchw', 'nhwc'],
    describe: 'layout of the model’s input; by default what its shape says',
  },
  'batch-axis': {
    ...{ type: 'string', group: 'Calibration', commands: reading },
    choices: ['0', 'none'],
    describe: 'whether the first axis of the inputs counts samples; default what the graph says',
  },
  output: {
    ...{ type: 'string', group: 'Output', commands: calibrating },
    alias: 'o',
    describe: 'the file to write, or with several models the folder; default model.gn.onnx beside the source',
  },
  force: {
    ...{ type: 'boolean', group: 'Output', commands: ['swap', 'check', 'moments', 'gradient'] },
    describe: 'replace an existing output',
  },
  'dry-run': {
    ...{ type: 'boolean', group: 'Output', commands: swap },
    describe: 'plan and rewrite, but write and verify nothing',
  },
  report: {
    ...{ type: 'string', group: 'Reporting', commands: proving },
    array: true,
    describe: 'write a report to this file: a page with charts (.html), or Markdown (.md)',
  },
  'no-verify': {
    ...{ type: 'boolean', group: 'Verification', commands: [...proving, 'gradient'] },
    describe:
      'do not run the model: rewrite only, or check the structure only; ONNX Runtime is not loaded. With gradient: try no rule',
  },
  against: {
    ...{ type: 'string', group: 'Verification', commands: ['check'] },
    describe: 'the original model; everything except the norms must match it, trained weights excepted',
  },
  inputs: {
    ...{ type: 'string', group: 'Verification', commands: proving },
    describe: 'an .npz with one array per input, to verify on instead of random input',
  },
  'require-record': {
    ...{ type: 'boolean', group: 'Verification', commands: ['check'] },
    describe: 'fail a file that has no record of a rewrite, such as one that was never swapped',
  },
  'max-drift': {
    ...{ type: 'number', group: 'Verification', commands: proving },
    describe: 'fail where an output drifts by more, relative to the source (0.1 is a tenth); default no limit',
  },
  'min-kept': {
    ...{ type: 'number', group: 'Verification', commands: proving },
    describe: 'fail if less of the source’s behaviour is kept, from 0 to 1, such as 0.9; default no limit',
  },
  task: {
    ...{ type: 'string', group: 'Verification', commands: judging },
    array: true,
    describe: `what the outputs are used for: ${TASK_NAMES.join(', ')}; for one output NAME=TASK, or NAME=none to leave it out; default what the graph says`,
  },
  boxes: {
    ...{ type: 'string', group: 'Verification', commands: judging },
    describe: 'the output of a detector that holds boxes, with columns if it holds more: output0[0:4]',
  },
  scores: {
    ...{ type: 'string', group: 'Verification', commands: judging },
    describe: 'the output that holds its scores, such as output0[4:84]',
  },
  'box-format': {
    ...{ type: 'string', group: 'Verification', commands: judging },
    choices: BOX_FORMATS,
    describe: 'how a box is written; anchors are offsets from anchors that are not in the file',
  },
  'box-unit': {
    ...{ type: 'string', group: 'Verification', commands: judging },
    choices: BOX_UNITS,
    describe: 'what coordinates of boxes count; cells are those of the detector’s grids',
  },
  'score-kind': {
    ...{ type: 'string', group: 'Verification', commands: judging },
    choices: SCORE_KINDS,
    describe: 'whether scores are probabilities, or logits that a Sigmoid or Softmax has yet to make some of',
  },
  memory: {
    ...{ type: 'string', group: 'Verification', commands: ['swap', 'check', 'compare', 'moments'] },
    describe:
      'memory that calibration and verification may take for values, such as 2GB; default a quarter of what is free',
  },
  seed: {
    ...{ type: 'number', group: 'Verification', commands: ['swap', 'check', 'compare', 'moments'] },
    default: 0,
    describe: 'random seed',
  },
  junit: {
    ...{ type: 'string', group: 'Reporting', commands: proving },
    describe: 'write JUnit XML to this file, with a case for each check and norm; replaces an earlier one',
  },
  sarif: {
    ...{ type: 'string', group: 'Reporting', commands: proving },
    describe: 'write SARIF 2.1.0 to this file, with a result for each finding; replaces an earlier one',
  },
  markdown: {
    ...{ type: 'string', group: 'Reporting', commands: proving },
    describe: 'append a Markdown summary to this file, such as $GITHUB_STEP_SUMMARY',
  },
  github: {
    ...{ type: 'boolean', group: 'Reporting', commands: proving },
    describe: 'print a GitHub Actions annotation for each finding',
  },
  json: {
    ...{ type: 'boolean', group: 'Reporting', commands: talking },
    describe: 'print one JSON document; docs/report.schema.json describes it',
  },
  quiet: {
    ...{ type: 'boolean', group: 'Reporting', commands: talking },
    alias: 'q',
    describe: 'print only errors',
  },
  verbose: {
    ...{ type: 'boolean', group: 'Reporting', commands: talking },
    describe: 'print the figures of every check, and the stack trace of an error',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof OPTIONS;

/** The options that a command takes, in the order of the table. */
export function optionsOf(command: CommandName): [OptionName, OptionSpec][] {
  const all = Object.entries(OPTIONS) as [OptionName, OptionSpec][];
  return all.filter(([, { commands }]) => commands.includes(command));
}
