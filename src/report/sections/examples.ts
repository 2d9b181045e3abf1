/** Held-out samples with what was answered before training and after. */
import type { Section } from './types.ts';

export const examples: Section = {
  name: 'examples',
  title: 'Examples',
  wide: true,
  blocks({ finetune }) {
    if (finetune === undefined || finetune.examples.length === 0) return [];
    const { examples: all, classes, seed } = finetune;
    const chosen = all.filter(({ why }) => why === 'chance');
    const wrong = all.filter(({ why }) => why === 'wrong');
    const when = finetune.after === null ? 'before training' : 'before training and after';
    return [
      {
        kind: 'examples',
        caption: `Held-out samples, picked by chance (seed ${seed}), as they were answered ${when}`,
        classes,
        items: chosen,
      },
      ...(wrong.length === 0
        ? []
        : [{ kind: 'examples' as const, caption: 'Others that are still answered wrong', classes, items: wrong }]),
    ];
  },
};
