/**
 * Writes the tables and the picture anew from the results: `tsx examples/finetune/report.ts [FOLDER]`
 *
 * Without a folder, from those that are kept into the pages; else from that folder's to the screen, with the picture beside them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartOf } from './chart.ts';
import { longerOf, PICTURE, pagesOf, panelsOf, RESULTS, tablesOf } from './pages.ts';

const [folder] = process.argv.slice(2);
const panels = panelsOf(folder ?? RESULTS);
const longer = longerOf(folder ?? RESULTS);
const picture = folder === undefined ? PICTURE : join(folder, 'quality.svg');
writeFileSync(picture, chartOf(panels));
if (folder === undefined) {
  for (const [page, render] of pagesOf(panels, longer)) writeFileSync(page, render(readFileSync(page, 'utf8')));
} else {
  for (const [name, table] of Object.entries(tablesOf(panels, longer))) console.log(`\n${name}\n\n${table}`);
}
console.log(`\n${picture}`);
