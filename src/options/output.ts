/** Where results go. */
import { calibrating, type GroupOptions, swap } from './types.ts';

export const OUTPUT = {
  output: {
    type: 'string',
    commands: calibrating,
    alias: 'o',
    describe: 'output file, folder for several models, or - for stdout; default model.gn.onnx next to the source',
    only: {
      moments: { describe: 'output file; default model.moments-1-of-1.npz next to the source' },
      gradient: { describe: 'output file; default model.grad.onnx next to the source' },
      finetune: { describe: 'output file; default model.ft.onnx next to the source' },
    },
  },
  force: {
    type: 'boolean',
    commands: ['swap', 'check', 'compare', 'moments', 'gradient', 'finetune'],
    describe: 'replace an existing output',
    only: {
      check: { describe: 'replace an existing report' },
      compare: { describe: 'replace an existing report' },
    },
  },
  'dry-run': {
    type: 'boolean',
    commands: swap,
    describe: 'plan and rewrite, but do not write or verify',
  },
} as const satisfies GroupOptions;
