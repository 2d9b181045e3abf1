/** What the rewrite changed in the graph. */
import { changeRows } from '../change.ts';
import type { Section } from './types.ts';

export const change: Section = {
  name: 'change',
  title: 'Operators',
  wide: false,
  blocks(outcome) {
    const rows = changeRows(outcome);
    if (rows.length === 0) return [];
    return [
      {
        kind: 'table',
        caption: 'Operators whose number changed, and the whole',
        columns: [{ label: 'operator' }, { label: 'before', numeric: true }, { label: 'after', numeric: true }],
        rows: rows.map((cells) => ({ cells })),
      },
    ];
  },
};
