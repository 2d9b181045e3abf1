/** What groups and the number of unlabelled inputs change, as tables. */
import { rowNamed } from '../../src/jobs/compare-finetune/rows.ts';
import type { RowName } from '../../src/options/rows.ts';
import { isAt, type RunLine, type VariedLine } from './lines.ts';
import type { Place } from './places.ts';
import { VARIANTS } from './plan.ts';
import { markdown, meanOf, rangeText } from './tables.ts';

/** What a row gives without a change: groups by the fit, solved from 64 inputs. */
const USUAL = 'auto, 64 inputs';

/** Changes that are rows of their own. */
const ROWS: Readonly<Partial<Record<RowName, Readonly<Record<string, RowName>>>>> = {
  'gn-calibrated': { '8 groups': 'gn-8' },
  'gn-adapted': { '32 groups': 'gn-32-adapted' },
};

/** The section on groups and inputs, at a batch of 1. */
export function variantsOf(long: readonly Place[], varied: readonly VariedLine[]): string {
  const tables = (['gn-calibrated', 'gn-adapted', 'bn-re-estimated'] as const).map((row) => tableOf(row, long, varied));
  return `## Groups and inputs

Before and after training at batch 1. \`compare --finetune\` takes \`--groups\` and \`--samples\`; \`npm run evidence -- --variants\` runs what is not a row of its own.

${tables.join('\n\n')}`;
}

function tableOf(row: RowName, long: readonly Place[], varied: readonly VariedLine[]): string {
  const names = [...new Set(VARIANTS.map(({ variant }) => variant))];
  const found = long.flatMap(({ title, at, runs }) => {
    const own = varied.filter((it) => isAt(it, at));
    const cells = names.map((name) => {
      const other = ROWS[row]?.[name];
      return textOf(other === undefined ? own.filter((it) => it.variant === name) : runs, other ?? row);
    });
    return cells.every((cell) => cell === NONE) ? [] : [{ title, usual: textOf(runs, row), cells }];
  });
  const columns = names
    .map((name, index) => ({ name, index }))
    .filter(({ index }) => found.some(({ cells }) => cells[index] !== NONE));
  const rows = found.map(({ title, usual, cells }) => [
    title,
    usual,
    ...columns.map(({ index }) => cells[index] as string),
  ]);
  return `${rowNamed(row).title}:\n\n${markdown(['comparison', USUAL, ...columns.map(({ name }) => name)], rows)}`;
}

const NONE = '–';

function textOf(runs: readonly RunLine[], row: RowName): string {
  const own = runs.filter((it) => it.row === row && it.batch === 1);
  if (own.length === 0) return NONE;
  return `${meanOf(own.map(({ before }) => before)).toFixed(3)} → ${rangeText(own.map(({ after }) => after))}`;
}
