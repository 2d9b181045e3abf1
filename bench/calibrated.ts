/**
 * What a swap with a few unlabelled inputs keeps of PaddleOCR's models, beside one without data: a Markdown table.
 *
 *     npx tsx bench/calibrated.ts [--quick] [model …]
 *
 * --quick takes few samples, to see that everything runs. Models: classifier, detector, recogniser; all if none is named. The
 * inputs that are given are others than those that the models are scored on; a fifth of them is held out by the calibration.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DataType, datasetOf, readModel, swap } from '../src/index.ts';
import { FULL, QUICK } from './accuracy/subject.ts';
import { CALIBRATED, MEMORY } from './calibrated/models.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' } } });
const amounts = values.quick ? QUICK : FULL;

/** Apart from those of the scores. */
const [FIRST, SECOND] = [201, 202];

console.log('| model | inputs given | source | `statistics` | `--calibrate` |\n| --- | ---: | ---: | ---: | ---: |');
for (const name of positionals.length > 0 ? positionals : Object.keys(CALIBRATED)) {
  const model = CALIBRATED[name as keyof typeof CALIBRATED];
  if (model === undefined) throw new Error(`no model ${name}; there are ${Object.keys(CALIBRATED).join(', ')}`);
  const { source, score, metric } = await model.subject(amounts);
  const bytes = readFileSync(source);
  const input = readModel(bytes).proto.graph.input[0]?.name ?? '';
  const scores: number[] = [];
  const draws = [
    [model.count, FIRST],
    [model.count, SECOND],
    [2 * model.count, FIRST],
  ] as const;
  for (const [count, seed] of draws) {
    const { data, dims } = await model.render({ count, seed });
    const calibrate = datasetOf({ [input]: { type: DataType.FLOAT, dims, data } });
    scores.push(await score((await swap(bytes, { calibrate, verify: false, memory: MEMORY })).model));
    process.stderr.write(`${name}: ${count} inputs, seed ${seed}: ${scores.at(-1)?.toFixed(3)} (${metric})\n`);
  }
  const without = await score((await swap(bytes, { verify: false })).model);
  const figures = [await score(source), without].map((it) => it.toFixed(3));
  const given = draws.map(([count, seed]) => `${count}${seed === FIRST ? '' : ' others'}`).join('; ');
  console.log(`| ${[name, given, ...figures, scores.map((it) => it.toFixed(3)).join('; ')].join(' | ')} |`);
}
