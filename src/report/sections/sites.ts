/** Every site, with all that is known of it. */
import { plural } from '../../words.ts';
import { proofOf, siteNames } from '../proof.ts';
import { columnsOf } from './site-columns.ts';
import type { Section } from './types.ts';

/** Fewer are seen at a glance. */
const LEAST_TO_SORT = 4;

export const sites: Section = {
  name: 'sites',
  title: 'Sites',
  wide: true,
  blocks(outcome) {
    const names = siteNames(outcome);
    if (names.length === 0) return [];
    const failed = new Set(
      proofOf(outcome)
        ?.sites.filter((it) => it.failed.length > 0)
        .map(({ name }) => name),
    );
    const all = columnsOf(outcome);
    const common = all.filter(
      ({ mayBeCommon, cell }) =>
        mayBeCommon && names.length > 1 && new Set(names.map((_, index) => cell(index))).size === 1,
    );
    const columns = all.filter((column) => !common.includes(column));
    const shared = common.map(({ label, cell }) => `${label} ${cell(0)}`);
    return [
      {
        kind: 'table',
        caption: [`${plural(names.length, 'site')}, in the order of the model`, ...shared].join('; '),
        columns,
        rows: names.map((name, index) => ({
          cells: columns.map(({ cell }) => cell(index)),
          ...(failed.has(name) ? { tone: 'bad' as const } : {}),
        })),
        live: names.length >= LEAST_TO_SORT,
      },
    ];
  },
};
