/** Where results go. */
import { calibrating, type GroupOptions, swap } from './types.ts';

export const OUTPUT = {
  output: {
    type: 'string',
    commands: calibrating,
    alias: 'o',
    describe: 'output file, or folder for several models; default model.gn.onnx next to the source',
    only: { finetune: { describe: 'output file; default model.ft.onnx next to the source' } },
  },
  force: {
    type: 'boolean',
    commands: ['swap', 'check', 'moments', 'gradient', 'finetune'],
    describe: 'replace an existing output',
  },
  'dry-run': {
    type: 'boolean',
    commands: swap,
    describe: 'plan and rewrite, but do not write or verify',
  },
} as const satisfies GroupOptions;
