/** Which classes are taken for which, after training. */
import { classNamed } from '../answer-words.ts';
import { percent } from '../figures.ts';
import { MOST_CLASSES, seenClasses } from '../seen-classes.ts';
import type { Section } from './types.ts';

/** How many mistakes are listed if there are too many classes for a matrix. */
const MOST_MISTAKES = 20;

export const confusion: Section = {
  name: 'confusion',
  title: 'Confusion',
  wide: true,
  blocks({ finetune }) {
    const rows = finetune?.confusion ?? finetune?.before?.confusion;
    if (finetune === undefined || rows === undefined) return [];
    const nameOf = (label: number) => classNamed(label, finetune.classes);
    const counted = finetune.task === 'segment' ? 'pixels' : 'samples';
    const when = finetune.confusion === null ? 'before training' : 'after training';
    const seen = seenClasses(rows, finetune.classes);
    if (seen.length <= MOST_CLASSES) {
      return [
        {
          kind: 'table',
          caption: `Held-out ${counted} ${when}: rows are what is right, columns what was answered`,
          columns: [{ label: 'right' }, ...seen.map((label) => ({ label: nameOf(label), numeric: true }))],
          rows: seen.map((right) => ({
            cells: [nameOf(right), ...seen.map((answered) => String(rows[right]?.[answered]))],
          })),
        },
      ];
    }
    const mistakes = rows.flatMap((row, right) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return row.flatMap((count, answered) =>
        count > 0 && answered !== right ? [{ right, answered, count, share: count / total }] : [],
      );
    });
    if (mistakes.length === 0) return [{ kind: 'text', text: `No class was taken for another ${when}.` }];
    return [
      {
        kind: 'table',
        caption: `The most frequent mistakes on held-out ${counted} ${when}`,
        columns: [
          { label: 'right' },
          { label: 'answered' },
          { label: counted, numeric: true },
          { label: 'of the class', numeric: true },
        ],
        rows: mistakes
          .sort((a, b) => b.count - a.count)
          .slice(0, MOST_MISTAKES)
          .map(({ right, answered, count, share }) => ({
            cells: [nameOf(right), nameOf(answered), String(count), percent(share)],
          })),
      },
    ];
  },
};
