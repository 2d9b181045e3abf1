/**
 * Runs what docs/evidence.md is made from, writes each finished run as a line of JSON, and makes the page anew.
 *
 *     npm run evidence -- [--quick] [--models out/evidence] [--only SUBJECT] [--shift SHIFT] [--epochs 3] [--count 100] [--batches 1,2] [--rows a,b] [--seeds 1] [--train norms] [--variants] [--runs FILE]
 *
 * `--train` trains another part than all, for a table beside the page's. `--variants` runs those with other groups, or solved from fewer inputs.
 * A run that is in the file already is not done again, so it can be ended at any time. `--quick` writes to a file of its own and prints its
 * tables. Networks come from bench/evidence/train.py; subjects whose files are not here are left out and named.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { compareFinetune } from '../../src/jobs/compare-finetune/index.ts';
import { FOLDER, isAt, type Line, linesOf, RUNS, VARIED, type VariedLine } from './lines.ts';
import { useOneThread } from './one-thread.ts';
import { writePage } from './page.ts';
import { FULL, type Job, QUICK, VARIANTS, type Variant } from './plan.ts';
import { subjectsIn } from './subjects.ts';
import { tableOf } from './tables.ts';

useOneThread();
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    models: { type: 'string', default: FOLDER },
    only: { type: 'string' },
    shift: { type: 'string' },
    epochs: { type: 'string' },
    count: { type: 'string' },
    batches: { type: 'string' },
    rows: { type: 'string' },
    seeds: { type: 'string' },
    train: { type: 'string' },
    variants: { type: 'boolean', default: false },
    runs: { type: 'string' },
  },
});
// What is not the plan's goes into a file of its own, and is printed.
const other = values.train === undefined ? undefined : `${FOLDER}/train-${values.train}.jsonl`;
const usual = values.variants ? VARIED : RUNS;
const file = values.runs ?? other ?? (values.quick ? `${FOLDER}/quick.jsonl` : usual);
mkdirSync(dirname(file), { recursive: true });
const subjects = subjectsIn(values.models);

const isWanted = (asked: string | undefined, name: string) => asked === undefined || asked === name;
const plan: readonly (Job & Partial<Variant>)[] = values.quick ? QUICK : values.variants ? VARIANTS : FULL;
for (const job of plan) {
  const isIn = isWanted(values.only, job.subject) && isWanted(values.shift, job.shift);
  const isBudget = isWanted(values.epochs, String(job.epochs)) && isWanted(values.count, String(job.count));
  if (isIn && isBudget) await run(partOf(job));
}

if (file === usual) writePage();

/** As much of a comparison as was asked for. */
function partOf<J extends Job>(job: J): J {
  const rows = values.rows?.split(',');
  return {
    ...job,
    batches: job.batches.filter((it) => values.batches?.split(',').includes(String(it)) !== false),
    rows: rows === undefined ? job.rows : job.rows.filter((row) => rows.includes(row)),
    seeds: values.seeds === undefined ? job.seeds : Number(values.seeds),
  };
}

async function run(job: Job & Partial<Variant>): Promise<void> {
  const { subject: name, shift, count, epochs, batches, seeds, rows, variant, groups, samples } = job;
  const known = (existsSync(file) ? linesOf(readFileSync(file, 'utf8')) : []).filter(
    (line) => isAt(line, job) && (line as Partial<VariedLine>).variant === variant,
  );
  const told = `${name}, ${shift}, ${count} samples, ${epochs} epochs${variant === undefined ? '' : `, ${variant}`}`;
  const opened = await subjects.find((it) => it.name === name)?.open(shift, count);
  if (opened === undefined) {
    console.error(`${told}: not here`);
    return;
  }
  const { model, train, held, test, options } = opened;
  const append = (line: Line) => appendFileSync(file, `${JSON.stringify(line)}\n`);
  const at = { subject: name, shift, count, epochs, tested: test.count, ...(variant === undefined ? {} : { variant }) };
  const refused = known.flatMap((line) => ('refused' in line ? [line.row] : []));
  const compared = await compareFinetune(model, train, {
    ...options,
    held,
    test,
    epochs,
    batches,
    seeds,
    groups,
    samples,
    rows: rows.filter((row) => !refused.includes(row)),
    augment: [],
    train: values.train?.split(','),
    known: known.flatMap((line) => ('refused' in line ? [] : [line])),
    onRun: (it) => append({ ...at, ...it, seconds: Math.round(it.seconds * 10) / 10 }),
    onProgress: (step, done, of) =>
      process.stderr.isTTY && process.stderr.write(`\r\x1b[K${told}: ${step} (${done}/${of})`),
  });
  for (const { name: row, refused: why, batch } of compared.rows) {
    if (why !== null && batch === batches[0]) append({ ...at, row, refused: why.reason });
  }
  console.log(`${told}: ${compared.advice[0]?.sentence ?? ''}`);
  if (file !== usual) console.log(`${tableOf(linesOf(readFileSync(file, 'utf8')), job)}\n`);
}
