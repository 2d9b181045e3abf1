/** How well each class is answered, before and after. */

import { classNamed } from '../answer-words.ts';
import type { Cell } from '../blocks.ts';
import { figure } from '../figures.ts';
import type { Section } from './types.ts';

/** More rows than this are sorted and filtered. */
const FEW = 12;

export const classes: Section = {
  name: 'classes',
  title: 'Classes',
  wide: true,
  blocks({ finetune }) {
    const { before, after } = finetune ?? {};
    const rows = (after ?? before)?.classes ?? [];
    if (finetune === undefined || rows.length === 0) return [];
    const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
    const sides = after ? ([before, after] as const) : ([before] as const);
    const counted = { detect: 'objects', segment: 'pixels' }[finetune.task] ?? 'samples';
    const when = (index: number) => (sides.length === 1 ? '' : index === 0 ? ', before' : ', after');
    return [
      {
        kind: 'table',
        caption: `Held-out samples, class by class${sides.length === 1 ? '' : ', before training and after'}`,
        live: rows.length > FEW,
        columns: [
          { label: 'class' },
          { label: counted, numeric: true },
          ...names.flatMap((name) => sides.map((_, index) => ({ label: `${name}${when(index)}`, numeric: true }))),
        ],
        rows: rows.map(({ label, count }) => {
          const of = sides.map((side) => side?.classes?.find((it) => it.label === label)?.figures);
          const cells = names.flatMap((name) => of.map((figures): Cell => figure(figures?.[name])));
          return { cells: [classNamed(label, finetune.classes), String(count), ...cells] };
        }),
      },
    ];
  },
};
