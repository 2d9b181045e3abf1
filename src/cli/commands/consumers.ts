/** `gn-swap consumers`: who reads a rewritten model, and what `--for` does for each. */
import { CONSUMERS } from '../../plan/consumers.ts';
import { table } from '../../report/format.ts';
import type { Command } from './types.ts';

export const consumers: Command = {
  async run(_, __, ui) {
    const rows = CONSUMERS.map(({ name, reads, forms, lastOpset, lift, known, why }) => [
      ...[name, reads, forms.join(', '), lastOpset === undefined ? '–' : `≤ ${lastOpset}`, LIFTED[lift]],
      ...[known === 'tested' ? 'tested' : 'its sources', why],
    ]);
    ui.print(table([['--for', 'reads', 'form', 'opset', 'lifted', 'known from', 'why'], ...rows]).join('\n'));
    return 0;
  },
};

const LIFTED = { none: '–', conv: 'weights of Conv', all: 'all constants' } as const;
