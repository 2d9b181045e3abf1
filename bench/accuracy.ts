/**
 * What a swap without data keeps of a model, for every init and number of groups: a Markdown table a model.
 *
 *     npx tsx bench/accuracy.ts [--quick] [--rules] [model …]
 *
 * --quick takes few samples, to see that everything runs. --rules compares rules for `--groups auto` instead of numbers
 * of groups, with the default init alone. Models: those of PaddleOCR and the four of bench/models/train.py; all if none
 * is named.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findSites } from '../src/find/index.ts';
import { readModel } from '../src/onnx/model.ts';
import { OPTIONS, RULES } from './accuracy/columns.ts';
import { classifier, detector, recogniser } from './accuracy/ocr.ts';
import { FULL, QUICK, type Subject } from './accuracy/subject.ts';
import { markdownTable } from './accuracy/table.ts';
import { TRAINED_NAMES, trained } from './accuracy/trained.ts';
import { type Column, swapped } from './accuracy/variant.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, rules: { type: 'boolean' } },
});
const amounts = values.quick ? QUICK : FULL;
const columns = values.rules ? RULES : OPTIONS;
const inits = values.rules ? ['statistics'] : ['identity', 'copy', 'statistics'];

const subjects: Record<string, () => Promise<Subject | undefined>> = {
  classifier: () => classifier(amounts),
  detector: () => detector(amounts),
  recogniser: () => recogniser(amounts),
  ...Object.fromEntries(TRAINED_NAMES.map((name) => [name, async () => trained(name, amounts)])),
};
for (const name of positionals.length > 0 ? positionals : Object.keys(subjects)) {
  const prepare = subjects[name];
  if (prepare === undefined) throw new Error(`no model ${name}; there are ${Object.keys(subjects).join(', ')}`);
  const subject = await prepare();
  if (subject === undefined) {
    console.log(`## ${name}\n\nNot measured: out/models has no ${name}. Train it: see bench/models/train.py.\n`);
  } else {
    console.log(await report(subject, columns));
  }
}

async function report({ name, metric, source, score }: Subject, columns: readonly Column[]): Promise<string> {
  const search = findSites(readModel(readFileSync(source)));
  const rows: [string, number[]][] = [];
  for (const init of inits) {
    const scores: number[] = [];
    for (const column of columns) {
      scores.push(await score(swapped(search, init, column)));
      process.stderr.write(`${name}: ${init}, ${column.title}: ${scores.at(-1)?.toFixed(3)}\n`);
    }
    rows.push([init, scores]);
  }
  const kept = (await score(source)).toFixed(3);
  const table = markdownTable(
    values.rules ? 'rule' : 'groups',
    columns.map(({ title }) => title),
    rows,
  );
  return `## ${name}\n\nSource ${kept}; ${search.sites.length} sites; ${metric}.\n\n${table}\n`;
}
