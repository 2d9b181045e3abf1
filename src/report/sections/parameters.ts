/** What was trained, and what was left as it was. */
import { plural } from '../../words.ts';
import { grouped } from '../format.ts';
import type { Section } from './types.ts';

export const parameters: Section = {
  name: 'parameters',
  title: 'What was trained',
  wide: true,
  blocks({ finetune }) {
    if (finetune === undefined || finetune.parameters.length === 0) return [];
    const taken = finetune.parameters.filter((it) => it.taken).length;
    return [
      {
        kind: 'table',
        caption: `${plural(taken, 'tensor')} of ${finetune.parameters.length} trained, ${grouped(finetune.trained)} numbers`,
        live: true,
        columns: [{ label: 'tensor' }, { label: 'size' }, { label: 'trained' }, { label: 'why' }],
        rows: finetune.parameters.map(({ name, dims, taken: isTaken, why }) => ({
          cells: [name, dims.join(' × ') || 'one number', isTaken ? 'yes' : 'no', why],
        })),
      },
    ];
  },
};
