/** What is left as it was, why, and what to do about it. */

import { NO_NORM } from '../../find/types.ts';
import { plural } from '../../words.ts';
import { placeOf } from '../figures.ts';
import type { Section } from './types.ts';

export const refusals: Section = {
  name: 'refusals',
  title: 'Left as they were',
  wide: true,
  blocks({ plan }) {
    // Most Conv are no candidates; why each is not, is what inspect is for.
    const list = plan?.refusals.filter(({ code }) => !NO_NORM.has(code)) ?? [];
    if (list.length === 0) return [];
    return [
      {
        kind: 'table',
        caption: `${plural(list.length, 'place')} not rewritten`,
        columns: [{ label: 'place' }, { label: 'op' }, { label: 'code' }, { label: 'why' }, { label: 'what to do' }],
        live: list.length > 3,
        rows: list.map((it) => ({ cells: [placeOf(it), it.op, it.code, it.reason, it.remedy] })),
      },
    ];
  },
};
