/** Raw results → docs/evidence.md and its chart. `npx tsx bench/evidence/page.ts` writes both. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recommend } from '../../src/jobs/compare-finetune/recommend.ts';
import { rowNamed } from '../../src/jobs/compare-finetune/rows.ts';
import { ROW_NAMES, type RowName } from '../../src/options/rows.ts';
import { plural } from '../../src/words.ts';
import { drawChart } from './chart.ts';
import { type Line, linesOf, RUNS, type RunLine, runsOf } from './lines.ts';
import { FULL } from './plan.ts';
import { markdown, meanOf, rangeText, runsAt, scoresOf, tableOf } from './tables.ts';
import { DERIVED_FROM, judged, TREE } from './tree.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
/** What the page is made into. */
export const PAGE = join(DOCS, 'evidence.md');
export const CHART = join(DOCS, 'evidence.svg');

/** One comparison that has runs. */
interface Place {
  readonly title: string;
  readonly runs: readonly RunLine[];
  readonly at: { readonly subject: string; readonly shift: string; readonly count: number; readonly epochs: number };
}

const TITLES: Readonly<Record<string, string>> = {
  digits: 'digits (CNN, 9 BN)',
  shapes: 'shapes (ResNet, 15 BN)',
  segments: 'segments (U-Net, 10 BN)',
  'ocr-classifier': 'lines (PaddleOCR’s classifier, 35 BN)',
  'ocr-detector': 'pages (PaddleOCR’s detector)',
  'common-det': 'detector (ddddocr’s, folded)',
};

/** Epochs of a comparison that counts as short. */
const SHORT = 1;

export function pageOf(lines: readonly Line[]): string {
  const places = placesOf(lines);
  const long = places.filter(({ at }) => at.epochs !== SHORT || at.subject === 'common-det');
  return [
    introduction(lines, places),
    answers(long, places),
    batches(lines, long),
    atBatchOne(long),
    inits(long),
    tree(long),
    shortAndLong(places),
    left(lines),
  ].join('\n\n');
}

/** What a comparison must have to be shown. */
const ENDS: readonly RowName[] = ['bn-frozen', 'gn-calibrated'];

/** The shift, and what else is not as in most comparisons. */
function labelOf({ shift, count, epochs }: Place['at']): string {
  const samples = count === 100 ? '' : `, ${count} samples`;
  const budget = epochs <= 3 ? '' : `, ${epochs} epochs`;
  return `${shift}${samples}${budget}`;
}

function placesOf(lines: readonly Line[]): Place[] {
  const places: Place[] = [];
  for (const { subject, shift, count, epochs } of FULL) {
    const at = { subject, shift, count, epochs };
    const runs = runsAt(lines, at);
    // Without a swap to compare with, a comparison would say that none pays.
    const isWhole = ENDS.every((row) => scoresOf(runs, row, 1).length > 0);
    if (isWhole) places.push({ title: `${TITLES[subject] ?? subject}: ${labelOf(at)}`, runs, at });
  }
  return places;
}

function introduction(lines: readonly Line[], places: readonly Place[]): string {
  const runs = runsOf(lines).length;
  return `# Evidence: which norm pays, where, and by how much

<!-- Written by \`npx tsx bench/evidence/page.ts\` from bench/evidence/runs.jsonl; a test fails where the two differ. -->

${plural(runs, 'training run')} in ${plural(places.length, 'comparison')}, each in \`bench/evidence/runs.jsonl\` as a line of JSON. \`npm run evidence\` goes on with those that are missing, and
writes this page anew; \`npm run evidence -- --quick\` repeats some rows, into a file of its own (meant for ten minutes on a quiet machine; not timed yet). Every row sees the same training
samples as often, finds its learning rate in the same way, and is measured on samples that choose nothing ([how](compare-finetune.md)). Figures are means,
with the least and most over the seeds.

Five runs (digits, severe, BN frozen, seed 0, five batches) were repeated from scratch, and gave the same scores to the last digit.

This is a part of the plan (\`bench/evidence/plan.ts\`): small networks, few samples, short budgets. [What is missing](#what-is-missing) stands at the end.`;
}

function answers(long: readonly Place[], all: readonly Place[]): string {
  const one = long.filter(({ runs }) => scoresOf(runs, 'bn-train', 1).length > 0);
  const worse = one.filter(({ runs }) => isBelow(runs, 'bn-train', 'bn-frozen', 1));
  const several = long.flatMap(({ runs }) =>
    batchesOf(runs)
      .filter((batch) => batch > 1)
      .map((batch) => ({ runs, batch })),
  );
  const better = several.filter(({ runs, batch }) => isBelow(runs, 'bn-frozen', 'bn-train', batch));
  const both = long.filter(({ runs }) => bestGroup(runs) !== undefined && scoresOf(runs, 'bn-frozen', 1).length > 0);
  const won = both.filter(({ runs }) => isBelow(runs, 'bn-frozen', bestGroup(runs) as RowName, 1));
  const lost = both.filter(({ runs }) => isBelow(runs, bestGroup(runs) as RowName, 'bn-frozen', 1));
  const verdicts = verdictsOf(long).filter(({ place }) => !isDerived(place));
  const wrong = verdicts.filter(({ judged: it }) => it.isWrong);
  const pairs = pairsOf(all);
  const agreed = pairs.filter(({ agrees }) => agrees);
  return `## Answers

1. **Does BatchNormalization in training mode fail at a batch of 1?** It scored below frozen BatchNormalization in ${worse.length} of ${one.length} comparisons
   at batch 1, and above it in ${better.length} of ${several.length} at batches of 2 to 16 ([table](#batch-by-batch)).${better.length === several.length ? KEEP : ''}
   PaddleOCR’s classifier, in PyTorch, shows the other case: its file still scores 0.658 on the new lines, and frozen BatchNormalization is better at every batch
   ([table](../examples/finetune/README.md)).
2. **When does group norm beat frozen BatchNormalization at batch 1?** The best group norm is above it in ${won.length} of ${both.length} comparisons${namesOf(won)}, below it in ${lost.length}${namesOf(lost)},
   and the ranges overlap in ${both.length - won.length - lost.length} ([table](#batch-1)).
3. **What do init and reference change?** ${initsText(long)} ([table](#init-and-reference)).
4. **A rule of thumb** is [below](#rule-of-thumb). On comparisons that it was not made from it named a row that another beats by more than chance in ${wrong.length} of ${verdicts.length}.
   [Measure](compare-finetune.md) where you can.
5. **Does a short comparison tell what a long one does?** With a third of the samples seen, the advice agreed, or said that it can’t tell, in ${agreed.length} of ${pairs.length} ([table](#short-and-long)).`;
}

/** What follows if training mode is better at every larger batch. */
const KEEP =
  ' So if running statistics do not fit the new samples at all, the reason to swap is a\n   batch of 1: with two samples per step and norms that are kept, train them as they are.';

/** Mean scores before training at batch 1, over the comparisons that have all of them. */
function initsText(long: readonly Place[]): string {
  const rows: readonly RowName[] = ['gn-copy', ...GROUPS];
  const whole = long.filter(({ runs }) => rows.every((row) => scoresOf(runs, row, 1).length > 0));
  const told = rows.map((row) => {
    const own = whole.flatMap(({ runs }) => runs.filter((it) => it.row === row && it.batch === 1));
    const [before, after] = [own.map((it) => it.before), own.map((it) => it.after)];
    return `${rowNamed(row).title} ${meanOf(before).toFixed(3)} → ${meanOf(after).toFixed(3)}`;
  });
  return `Mean of ${plural(whole.length, 'comparison')} at batch 1, before and after training: ${told.join('; ')}`;
}

/** Whether a row is below another by more than chance. */
function isBelow(runs: readonly RunLine[], low: RowName, high: RowName, batch: number): boolean {
  const scored = [low, high].map((name) => ({ name, scores: scoresOf(runs, name, batch) }));
  if (scored.some(({ scores }) => scores.length === 0)) return false;
  const [a, b] = scored.map(({ scores }) => meanOf(scores)) as [number, number];
  const told = recommend(scored, '', runs[0]?.tested ?? 1);
  return a < b && told !== undefined && !told.tied.includes(low);
}

const GROUPS: readonly RowName[] = ['gn-statistics', 'gn-calibrated', 'gn-adapted'];

function bestGroup(runs: readonly RunLine[]): RowName | undefined {
  const made = GROUPS.filter((row) => scoresOf(runs, row, 1).length > 0);
  return made.toSorted((a, b) => meanOf(scoresOf(runs, b, 1)) - meanOf(scoresOf(runs, a, 1)))[0];
}

function namesOf(places: readonly Place[]): string {
  return places.length === 0 ? '' : ` (${places.map(({ at }) => `${at.subject} ${labelOf(at)}`).join('; ')})`;
}

function batchesOf(runs: readonly RunLine[]): number[] {
  return [...new Set(runs.map(({ batch }) => batch))].sort((a, b) => a - b);
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
    const scored = ROW_NAMES.map((name) => ({ name, scores: scoresOf(runs, name, 1) }));
    return `- ${at.subject}, ${labelOf(at)}: ${recommend(scored, runs[0]?.measure ?? '', runs[0]?.tested ?? 1)?.sentence}`;
  });
  return `## Batch 1\n\n${markdown(['comparison', ...rows.map((row) => rowNamed(row).title)], cells)}\n\nWhat \`compare --finetune\` says of them:\n\n${told.join('\n')}`;
}

function inits(long: readonly Place[]): string {
  const rows: readonly RowName[] = ['gn-copy', ...GROUPS];
  const having = long.filter(({ runs }) => runs.some(({ row }) => row === 'gn-copy'));
  const text = (runs: readonly RunLine[], row: RowName) => {
    const own = runs.filter((it) => it.row === row && it.batch === 1);
    return own.length === 0
      ? '–'
      : `${meanOf(own.map(({ before }) => before)).toFixed(3)} → ${rangeText(own.map(({ after }) => after))}`;
  };
  const cells = having.map(({ title, runs }) => [title, ...rows.map((row) => text(runs, row))]);
  return `## Init and reference\n\nBefore and after training at batch 1:\n\n${markdown(['comparison', ...rows.map((row) => rowNamed(row).title)], cells)}`;
}

function isDerived({ at }: Place): boolean {
  const { subject, shift, count, epochs } = DERIVED_FROM;
  return at.subject === subject && at.shift === shift && at.count === count && at.epochs === epochs;
}

function verdictsOf(long: readonly Place[]) {
  return long.flatMap((place) =>
    batchesOf(place.runs).flatMap((batch) => {
      const it = judged(place.runs, batch);
      return it === undefined ? [] : [{ place, batch, judged: it }];
    }),
  );
}

function tree(long: readonly Place[]): string {
  const cells = verdictsOf(long).map(({ place, batch, judged: { says, best, isWrong } }) => [
    place.title,
    String(batch),
    rowNamed(says).title,
    rowNamed(best).title,
    isWrong ? 'wrong' : 'right, or no worse than chance allows',
    isDerived(place) ? 'made from it' : '',
  ]);
  const lines = TREE.map((line, index) => `${index + 1}. ${line}`).join('\n');
  return `## Rule of thumb\n\n${lines}\n\nIt was made from digits under a severe shift (100 samples, 3 epochs) and from PaddleOCR’s classifier in PyTorch, and tried on the others:\n\n${markdown(['comparison', 'batch', 'it says', 'highest mean', 'verdict', ''], cells)}`;
}

/** Comparisons that were made with a short budget and a long one. */
function pairsOf(places: readonly Place[]) {
  return places.flatMap((short) => {
    const long = places.find(
      ({ at }) =>
        at.subject === short.at.subject &&
        at.shift === short.at.shift &&
        at.count === short.at.count &&
        at.epochs === 3,
    );
    if (short.at.epochs !== SHORT || long === undefined) return [];
    const rows = ROW_NAMES.filter((row) => [short, long].every(({ runs }) => scoresOf(runs, row, 1).length > 0));
    const told = [short, long].map(({ runs }) =>
      recommend(
        rows.map((name) => ({ name, scores: scoresOf(runs, name, 1).slice(0, 2) })),
        '',
        runs[0]?.tested ?? 1,
      ),
    );
    const [a, b] = told;
    if (a === undefined || b === undefined) return [];
    const equal = (row: RowName) => row === b.row || b.tied.includes(row);
    return [{ short, a, b, agrees: !a.isClear || equal(a.row) }];
  });
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
- Seeds and rows of those that were begun: the tables show what there is.
- Deep networks, RetinaFace, how many unlabelled inputs are enough after training, and budgets of hours.
- What a swap costs in latency is in [performance](performance.md).${rows.length === 0 ? '' : `\n\nRows that could not be made:\n\n${rows.join('\n')}`}
`;
}

/** The rows that the chart shows. */
const DRAWN: readonly RowName[] = ['bn-frozen', 'bn-train', 'bn-re-estimated', 'gn-calibrated', 'gn-adapted'];

/** The chart of the comparison that has most batches. */
export function chartOf(lines: readonly Line[]): string {
  const [first] = placesOf(lines).toSorted((a, b) => batchesOf(b.runs).length - batchesOf(a.runs).length);
  return drawChart(first?.runs ?? [], DRAWN);
}

/** Writes the page and its chart. */
export function writePage(): void {
  const lines = existsSync(RUNS) ? linesOf(readFileSync(RUNS, 'utf8')) : [];
  writeFileSync(PAGE, pageOf(lines));
  writeFileSync(CHART, chartOf(lines));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writePage();
