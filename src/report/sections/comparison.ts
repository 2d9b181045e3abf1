/** Norms side by side. */
import { comparisonCells } from '../comparison.ts';
import type { Section } from './types.ts';

export const comparison: Section = {
  name: 'comparison',
  title: 'Norms compared',
  wide: true,
  blocks({ comparison: rows }) {
    if (rows === undefined) return [];
    const { head, cells } = comparisonCells(rows);
    const isNumber = (index: number) => index > 1 && index < head.length - 1;
    return [
      {
        kind: 'table',
        caption:
          'Drift of the output that drifted most, and what is kept, on held-out inputs; time as a multiple of the source’s',
        columns: head.map((label, index) => ({ label, numeric: isNumber(index) })),
        rows: cells.map((row) => ({ cells: row })),
      },
    ];
  },
};
