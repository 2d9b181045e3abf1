/** What was asked for, and by what it was done. */
import { commandText } from '../../words.ts';
import type { Block } from '../blocks.ts';
import type { Section } from './types.ts';

export const job: Section = {
  name: 'job',
  title: 'How it was made',
  wide: true,
  blocks(_, { commandLine, options, versions, date }) {
    const command: [string, string][] = commandLine.length === 0 ? [] : [['Command', commandText(commandLine)]];
    const facts: Block = { kind: 'facts', items: [...command, ['Date', date.toISOString()], ...versions] };
    if (options.length === 0) return [facts];
    return [
      facts,
      {
        kind: 'table',
        caption: 'Options in force',
        columns: [{ label: 'option' }, { label: 'value' }],
        rows: options.map(([name, value]) => ({ cells: [`--${name}`, value] })),
      },
    ];
  },
};
