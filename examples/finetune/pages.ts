/** What the pages show of the results. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBlocks } from './blocks.ts';
import type { Panel } from './chart.ts';
import { cellsOf, type Run, readRuns } from './results.ts';
import { byBatchTable, byRateTable, qualityTable, rateTable } from './table.ts';
import { TASKS } from './tasks.ts';

/** The results that are kept. */
export const RESULTS = fileURLToPath(new URL('results', import.meta.url));
export const PICTURE = join(RESULTS, 'quality.svg');

/** The tasks that a folder has results of. */
export function panelsOf(folder: string): (Panel & { readonly name: string })[] {
  return TASKS.flatMap(({ name, title, quality }) => {
    const file = join(folder, `${name}.tsv`);
    return existsSync(file) ? [{ name, title, quality, cells: cellsOf(readRuns(readFileSync(file, 'utf8'))) }] : [];
  });
}

/** The runs of the classifier that saw every sample several times; none where a folder has no such. */
export function longerOf(folder: string): Run[] {
  const file = join(folder, 'longer.tsv');
  return existsSync(file) ? readRuns(readFileSync(file, 'utf8')) : [];
}

/** Markdown tables, by the name of the place where they stand. */
export function tablesOf(panels: ReturnType<typeof panelsOf>, longer: readonly Run[]): Record<string, string> {
  const tables = panels.flatMap(({ name, cells }) => [
    [name, qualityTable(cells)],
    [`${name}-rates`, rateTable(cells)],
    [`${name}-by-batch`, byBatchTable(cells)],
  ]);
  return { ...Object.fromEntries(tables), longer: byRateTable(longer) };
}

/** Each page that has tables, with what makes it anew. */
export function pagesOf(
  panels: ReturnType<typeof panelsOf>,
  longer: readonly Run[],
): [path: string, render: (page: string) => string][] {
  const tables = tablesOf(panels, longer);
  return [
    [fileURLToPath(new URL('README.md', import.meta.url)), (page) => withBlocks(page, tables)],
    [
      fileURLToPath(new URL('../../README.md', import.meta.url)),
      (page) => withBlocks(page, { classifier: tables.classifier ?? '' }),
    ],
  ];
}
