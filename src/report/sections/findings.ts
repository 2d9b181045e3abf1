/** What a check found that is not as it should be, or that whoever relies on the file should know. */

import { defined } from '../../defined.ts';
import { plural } from '../../words.ts';
import type { Tone } from '../blocks.ts';
import type { Section } from './types.ts';

const TONES: Readonly<Record<string, Tone>> = { error: 'bad', warning: 'warn' };

export const findings: Section = {
  name: 'findings',
  title: 'Findings',
  wide: true,
  blocks({ check }) {
    const list = check?.checks.flatMap((it) => it.findings) ?? [];
    if (list.length === 0) return [];
    return [
      {
        kind: 'table',
        caption: plural(list.length, 'finding'),
        columns: ['node', 'severity', 'rule', 'what is wrong', 'what to do'].map((label) => ({ label })),
        rows: list.map(({ severity, rule, node, message, remedy }) => ({
          cells: [node === '' ? 'the file' : node, severity, rule, message, remedy],
          ...defined({ tone: TONES[severity] }),
        })),
        live: list.length > 3,
      },
    ];
  },
};
