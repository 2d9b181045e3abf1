/** Treatments of the norms, compared by training. */
import type { Block } from '../blocks.ts';
import { trainingAdvice, trainingCells, trainingRefusals, trainingSetting } from '../training.ts';
import type { Section } from './types.ts';

export const training: Section = {
  name: 'training',
  title: 'Compared by training',
  wide: true,
  blocks({ training: facts }) {
    if (facts === undefined) return [];
    const { head, cells } = trainingCells(facts);
    const blocks: Block[] = [
      { kind: 'list', items: trainingAdvice(facts).map((text) => ({ text })) },
      {
        kind: 'table',
        caption: `${trainingSetting(facts)}. Mean, and least–most over the seeds`,
        columns: head.map((label, index) => ({ label, numeric: index > 0 })),
        rows: cells.map((row) => ({ cells: row })),
      },
    ];
    const more = [...trainingRefusals(facts), ...facts.notes, ...facts.commands];
    if (more.length > 0) blocks.push({ kind: 'list', items: more.map((text) => ({ text })) });
    return blocks;
  },
};
