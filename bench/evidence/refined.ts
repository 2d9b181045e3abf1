/**
 * What a swap keeps of the score before any training, without data, calibrated, and refined: `npx tsx bench/evidence/refined.ts [--models out/evidence]`.
 * Each model is solved from 64 of the training samples, without their labels. Appends lines of JSON to refined.jsonl and makes the page anew.
 */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readModel, swap } from '../../src/index.ts';
import { inputsOf } from '../../src/jobs/compare-finetune/make.ts';
import { type Model, writeModel } from '../../src/onnx/model.ts';
import { judge } from '../../src/train/judge.ts';
import { setUp } from '../../src/train/setup.ts';
import { FOLDER, REFINED, type RefinedLine, readRefined } from './lines.ts';
import { useOneThread } from './one-thread.ts';
import { writePage } from './page.ts';
import { subjectsIn } from './subjects.ts';

/** Inputs that a swap is solved from, steps of `--refine`, training samples that inputs are taken from. */
const [SAMPLES, STEPS, COUNT] = [64, 200, 100] as const;

const PLAN: readonly { readonly subject: string; readonly shifts: readonly string[] }[] = [
  ...['digits', 'shapes', 'deep', 'segments'].map((subject) => ({ subject, shifts: ['none', 'mild', 'severe'] })),
  { subject: 'ocr-classifier', shifts: ['none', 'notes'] },
];

useOneThread();
const { values } = parseArgs({ options: { models: { type: 'string', default: FOLDER } } });
const subjects = subjectsIn(values.models);
for (const { subject, shift } of PLAN.flatMap((it) => it.shifts.map((shift) => ({ ...it, shift })))) {
  if (readRefined().some((it) => it.subject === subject && it.shift === shift)) continue;
  const opened = await subjects.find(({ name }) => name === subject)?.open(shift, COUNT);
  if (opened === undefined) {
    console.error(`${subject}, ${shift}: not here`);
    continue;
  }
  const { model, train, test, options } = opened;
  const { task } = await setUp(model, test, options);
  const scoreOf = async (made: Model) => (await judge(made, task, test, new Set())).score.value ?? 0;
  const calibrate = inputsOf(train, SAMPLES, 0);
  const swapped = async (more: Parameters<typeof swap>[1]) =>
    scoreOf(readModel((await swap(writeModel(model), { ...more, verify: false })).model));
  const line: RefinedLine = {
    subject,
    shift,
    tested: test.count,
    measure: task.measure,
    source: await scoreOf(model),
    statistics: await swapped({}),
    calibrated: await swapped({ calibrate }),
    refined: await swapped({ calibrate, refine: STEPS }),
  };
  appendFileSync(REFINED, `${JSON.stringify(line)}\n`);
  console.log(line);
}
writePage();
