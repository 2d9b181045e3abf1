/**
 * What each norm keeps of PaddleOCR's models, without data and with a few unlabelled inputs: a Markdown table.
 *
 *     npx tsx bench/norms.ts [--quick] [model …]
 *
 * --quick takes few samples, to see that everything runs. Models: classifier, detector, recogniser; all if none is named. The
 * inputs that are given are others than those that the models are scored on.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DataType, datasetOf, readModel, swap } from '../src/index.ts';
import { NORMS } from '../src/norms/index.ts';
import { FULL, QUICK } from './accuracy/subject.ts';
import { CALIBRATED, MEMORY } from './calibrated/models.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' } } });
const amounts = values.quick ? QUICK : FULL;
const SEED = 201;

console.log(
  '| model | norm | sites | source | without data | `--calibrate` |\n| --- | --- | ---: | ---: | ---: | ---: |',
);
for (const name of positionals.length > 0 ? positionals : Object.keys(CALIBRATED)) {
  const model = CALIBRATED[name as keyof typeof CALIBRATED];
  if (model === undefined) throw new Error(`no model ${name}; there are ${Object.keys(CALIBRATED).join(', ')}`);
  const { source, score } = await model.subject(amounts);
  const bytes = readFileSync(source);
  const input = readModel(bytes).proto.graph.input[0]?.name ?? '';
  const { data, dims } = await model.render({ count: model.count, seed: SEED });
  const calibrate = datasetOf({ [input]: { type: DataType.FLOAT, dims, data } });
  const kept = (await score(source)).toFixed(3);
  for (const { name: to, data: use } of NORMS) {
    if (use === 'required') continue;
    const options = { to, verify: false };
    const without = await swap(bytes, options);
    const solved =
      use === 'unused'
        ? '–'
        : (await score((await swap(bytes, { ...options, calibrate, memory: MEMORY })).model)).toFixed(3);
    const row = [name, `\`${to}\``, without.plan.sites.length, kept, (await score(without.model)).toFixed(3), solved];
    console.log(`| ${row.join(' | ')} |`);
  }
}
