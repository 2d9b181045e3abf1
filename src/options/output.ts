/** Where results go. */
import { calibrating, type GroupOptions, swap } from './types.ts';

export const OUTPUT = {
  output: {
    type: 'string',
    commands: calibrating,
    alias: 'o',
    describe: 'the file to write, or with several models the folder; default model.gn.onnx beside the source',
    only: { finetune: { describe: 'the file to write; default model.ft.onnx beside the source' } },
  },
  force: {
    type: 'boolean',
    commands: ['swap', 'check', 'moments', 'gradient', 'finetune'],
    describe: 'replace an existing output',
  },
  'dry-run': {
    type: 'boolean',
    commands: swap,
    describe: 'plan and rewrite, but write and verify nothing',
  },
} as const satisfies GroupOptions;
