/** Raw results → docs/evidence.md and its chart. `npx tsx bench/evidence/page.ts` writes both. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rowNamed } from '../../src/jobs/compare-finetune/rows.ts';
import { ROW_NAMES, type RowName } from '../../src/options/rows.ts';
import { plural } from '../../src/words.ts';
import { adviceOf, answersOf, INITS } from './answers.ts';
import { drawChart } from './chart.ts';
import {
  type Line,
  linesOf,
  type RefinedLine,
  RUNS,
  type RunLine,
  readRefined,
  runsOf,
  VARIED,
  type VariedLine,
} from './lines.ts';
import { batchesOf, labelOf, type Place, pairsOf, placesOf, SHORT, TITLES, verdictsOf } from './places.ts';
import { FULL } from './plan.ts';
import { markdown, meanOf, rangeText, runsAt, scoresOf, tableOf } from './tables.ts';
import { DERIVED_FROM, TREE } from './tree.ts';
import { variantsOf } from './variants.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
/** What the page is made into. */
export const PAGE = join(DOCS, 'evidence.md');
export const CHART = join(DOCS, 'evidence.svg');

/** The comparisons of the usual budget. */
export function longOf(lines: readonly Line[]): Place[] {
  return placesOf(lines).filter(({ at }) => at.epochs !== SHORT || at.subject === 'common-det');
}

export function pageOf(lines: readonly Line[], changed: readonly Line[], refined: readonly RefinedLine[]): string {
  const varied = runsOf(changed) as VariedLine[];
  const places = placesOf(lines);
  const long = longOf(lines);
  return [
    introduction(runsOf(lines).length + varied.length, places),
    answersOf(long, places, varied),
    batches(lines, long),
    atBatchOne(long),
    inits(long),
    variantsOf(long, varied),
    refinedOf(refined),
    tree(long),
    shortAndLong(places),
    left(lines),
  ].join('\n\n');
}

function introduction(runs: number, places: readonly Place[]): string {
  return `# Evidence: which norm pays, where, and by how much

<!-- Written by \`npx tsx bench/evidence/page.ts\` from bench/evidence/runs.jsonl, variants.jsonl and refined.jsonl; a test fails where the two differ. -->

${plural(runs, 'training run')} in ${plural(places.length, 'comparison')}, each in \`bench/evidence/runs.jsonl\` or \`variants.jsonl\` as a line of JSON. \`npm run evidence\` goes on with those that are missing, and
writes this page anew; \`npm run evidence -- --quick\` repeats some rows, into a file of its own, in three minutes of CPU time on one thread (5.5 minutes on a busy machine). Every row sees the same
training samples as often, finds its learning rate in the same way, and is measured on samples that choose nothing ([how](compare-finetune.md)). Figures are means,
with the least and most over the seeds.

Repeated from scratch by \`--quick\`, 12 runs of digits, 12 of shapes and 3 of PaddleOCR’s classifier (BN frozen, BN in training mode, GN calibrated) gave the same scores to the last digit.

This is a part of the plan (\`bench/evidence/plan.ts\`): small networks and pictures, few samples, short budgets, three seeds. [What is missing](#what-is-missing) stands at the end.`;
}

function batches(lines: readonly Line[], long: readonly Place[]): string {
  const several = long.filter(({ runs }) => batchesOf(runs).length > 1);
  const tables = several.map(({ title, at, runs }) => `${about({ title, at, runs })}:\n\n${tableOf(lines, at)}`);
  return `## Batch by batch\n\n![Scores by batch](evidence.svg)\n\n${tables.join('\n\n')}\n\nAll batches see the same samples, so larger ones take fewer steps. Layer norm is equal to calibrated group norm where the data chose one group everywhere.`;
}

function about({ title, at, runs }: Place): string {
  return `${title}; ${at.count} samples, ${plural(at.epochs, 'epoch')}, ${runs[0]?.measure} on ${runs[0]?.tested} samples`;
}

function atBatchOne(long: readonly Place[]): string {
  const rows = ROW_NAMES.filter((row) => row !== 'gn-copy' && row !== 'layer' && row !== 'instance');
  const cells = long.map(({ title, runs }) => [title, ...rows.map((row) => rangeText(scoresOf(runs, row, 1)))]);
  const told = long.map(({ at, runs }) => {
    return `- ${at.subject}, ${labelOf(at)}: ${adviceOf(runs)?.sentence}`;
  });
  return `## Batch 1\n\n${markdown(['comparison', ...rows.map((row) => rowNamed(row).title)], cells)}\n\nWhat \`compare --finetune\` says of them:\n\n${told.join('\n')}`;
}

function inits(long: readonly Place[]): string {
  const rows: readonly RowName[] = ['bn-re-estimated', 'gn-copy', ...INITS];
  const having = long.filter(({ runs }) => runs.some(({ row }) => row === 'gn-calibrated'));
  const text = (runs: readonly RunLine[], row: RowName) => {
    const own = runs.filter((it) => it.row === row && it.batch === 1);
    return own.length === 0
      ? '–'
      : `${meanOf(own.map(({ before }) => before)).toFixed(3)} → ${rangeText(own.map(({ after }) => after))}`;
  };
  const cells = having.map(({ title, runs }) => [title, ...rows.map((row) => text(runs, row))]);
  return `## Init and reference\n\nBefore and after training at batch 1:\n\n${markdown(['comparison', ...rows.map((row) => rowNamed(row).title)], cells)}`;
}

/** Scores before any training. */
function refinedOf(lines: readonly RefinedLine[]): string {
  const cells = lines.map((it) => [
    `${TITLES[it.subject] ?? it.subject}: ${it.shift}, ${it.measure}`,
    ...[it.source, it.statistics, it.calibrated, it.refined].map((score) => score.toFixed(3)),
  ]);
  const taken = lines.filter((it) => it.refined !== it.calibrated).length;
  return `## Without training

Scores on ${lines[0]?.tested ?? 0} samples of the swapped file as it is, solved from 64 inputs: \`npx tsx bench/evidence/refined.ts\`. \`--refine\` takes what 200 steps learned only if held-out inputs come nearer to
the source by more than 7 %, which so few inputs did in ${taken} of ${lines.length}; where the source is wrong, there is nothing to come nearer to. [What it gives](refine.md) with more inputs.

${markdown(['model and shift', 'source', 'GN from statistics', 'GN calibrated', 'and `--refine`'], cells)}`;
}

function tree(long: readonly Place[]): string {
  const cells = verdictsOf(long).map(({ place, batch, judged: { says, best, isWrong } }) => [
    place.title,
    String(batch),
    rowNamed(says).title,
    rowNamed(best).title,
    isWrong ? 'wrong' : 'right, or no worse than chance allows',
    place.at.subject === DERIVED_FROM ? 'made from it' : '',
  ]);
  const lines = TREE.map((line, index) => `${index + 1}. ${line}`).join('\n');
  return `## Rule of thumb\n\n${lines}\n\nIt was made from the runs of ${DERIVED_FROM} and from PaddleOCR’s classifier in PyTorch, and tried on the others. Line 1 (folded norms) rests on\nlittle: the one comparison here, of 60 pictures, can’t tell, and after 1,000 steps [two detectors](finetune.md#what-a-detector-learnt) were level as they are and swapped, or ahead swapped: AP50 0.980 and 0.998, 0.979\nand 0.973, one seed each.\n\n${markdown(['comparison', 'batch', 'it says', 'highest mean', 'verdict', ''], cells)}`;
}

function shortAndLong(places: readonly Place[]): string {
  const cells = pairsOf(places).map(({ short, a, b, agrees }) => [
    short.title,
    `${rowNamed(a.row).title}${a.isClear ? '' : ' (can’t tell)'}`,
    `${rowNamed(b.row).title}${b.isClear ? '' : ' (can’t tell)'}`,
    agrees ? 'yes' : 'no',
  ]);
  return `## Short and long\n\nAdvice after 1 epoch and after 3, of the same rows and two seeds:\n\n${markdown(['comparison', 'after 1 epoch', 'after 3 epochs', 'agree, or can’t tell'], cells)}`;
}

function left(lines: readonly Line[]): string {
  const refused = lines.flatMap((line) => ('refused' in line ? [`${line.subject}, ${line.row}: ${line.refused}`] : []));
  const missing = FULL.filter((at) => runsAt(lines, at).length === 0);
  const bySubject = [...new Set(missing.map(({ subject }) => subject))].map((subject) => {
    const own = missing.filter((at) => at.subject === subject);
    return `${subject} (${own.map(({ shift, count, epochs }) => `${shift}, ${count} × ${epochs}`).join('; ')})`;
  });
  const rows = [...new Set(refused)].map((text) => `- ${text}`);
  return `## What is missing

- Comparisons of the plan without a run yet, as shift, samples × epochs: ${bySubject.length === 0 ? 'none' : bySubject.join(', ')}.
- Rows of those that were begun: the tables show what there is. The detector of ddddocr and budgets of one epoch have two seeds.
- Deep networks on large pictures, batches of RetinaFace (its file takes one picture), other groups on detectors and segmenters than 8 and 32, and budgets of hours.
- Layer, instance, batch renorm and copied norms were compared on digits, and on shapes in one comparison.${rows.length === 0 ? '' : `\n\nRows that could not be made:\n\n${rows.join('\n')}`}
`;
}

/** The rows that the chart shows. */
const DRAWN: readonly RowName[] = [
  'bn-frozen',
  'bn-train',
  'bn-re-estimated',
  'gn-calibrated',
  'gn-8',
  'gn-32-adapted',
];

/** The chart of the comparison that has most batches. */
export function chartOf(lines: readonly Line[]): string {
  const [first] = placesOf(lines).toSorted((a, b) => batchesOf(b.runs).length - batchesOf(a.runs).length);
  return drawChart(first?.runs ?? [], DRAWN);
}

/** The lines of a file; none if it is not there. */
export function readRuns(file: string): Line[] {
  return existsSync(file) ? linesOf(readFileSync(file, 'utf8')) : [];
}

/** Writes the page and its chart. */
export function writePage(): void {
  const lines = readRuns(RUNS);
  writeFileSync(PAGE, pageOf(lines, readRuns(VARIED), readRefined()));
  writeFileSync(CHART, chartOf(lines));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writePage();
