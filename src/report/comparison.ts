/** A comparison of norms → the lines of a table. */
import type { Compared } from '../jobs/outcome.ts';
import { printable, table } from './format.ts';

const HEAD = ['norm', 'groups', 'sites', 'relative', 'cosine', 'kept', 'time', 'trains at batch 1'];

/** The output that drifted most speaks for the model; what is kept is that of the output that kept least. */
export function comparisonLines(rows: readonly Compared[]): string[] {
  const { head, cells } = comparisonCells(rows);
  return table([head, ...cells], [2, 3, 4, 5, 6]);
}

/** The same for other formats. */
export function comparisonCells(rows: readonly Compared[]): { head: readonly string[]; cells: string[][] } {
  const cells = rows.map(({ norm, groups, sites, left, drift, kept, time, refused, atBatchOne }) => {
    const name = [norm, groups === null ? '–' : String(groups ?? 'auto')];
    if (refused !== null) return [...name, '0', '–', '–', '–', '–', `refused: ${printable(refused.reason)}`];
    const worst = drift.toSorted((a, b) => b.relative - a.relative)[0];
    return [
      ...[...name, left === 0 ? String(sites) : `${sites} of ${sites + left}`],
      ...[worst?.relative.toPrecision(2) ?? '–', worst?.cosine.toFixed(4) ?? '–'],
      kept === null ? '–' : `${(100 * kept).toFixed(1)} %`,
      ...[time === null ? '–' : `× ${time.toFixed(2)}`, atBatchOne],
    ];
  });
  return { head: HEAD, cells };
}
