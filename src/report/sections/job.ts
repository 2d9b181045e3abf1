/** What was asked for, and by what it was done. */
import { quoted } from '../../words.ts';
import type { Section } from './types.ts';

export const job: Section = {
  name: 'job',
  title: 'How it was made',
  wide: true,
  blocks(_, { commandLine, options, versions, date }) {
    const typed = ['gn-swap', ...commandLine].map(quoted).join(' ');
    return [
      { kind: 'facts', items: [['Command', typed], ['Date', date.toISOString()], ...versions] },
      {
        kind: 'table',
        caption: 'Options in force',
        columns: [{ label: 'option' }, { label: 'value' }],
        rows: options.map(([name, value]) => ({ cells: [`--${name}`, value] })),
      },
    ];
  },
};
