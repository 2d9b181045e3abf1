/** What the page says first. */

import { type Advice, recommend } from '../../src/jobs/compare-finetune/recommend.ts';
import { rowNamed } from '../../src/jobs/compare-finetune/rows.ts';
import { FITS } from '../../src/jobs/finetune-hints.ts';
import { ROW_NAMES, type RowName } from '../../src/options/rows.ts';
import { plural } from '../../src/words.ts';
import { isAt, type RunLine, type VariedLine } from './lines.ts';
import { batchesOf, labelOf, type Place, pairsOf, verdictsOf } from './places.ts';
import { meanOf, scoresOf } from './tables.ts';
import { DERIVED_FROM } from './tree.ts';

/** Writes the answers. @param long comparisons with the usual budget @param all with the short ones @param varied runs with other groups or inputs */
export function answersOf(long: readonly Place[], all: readonly Place[], varied: readonly VariedLine[]): string {
  const one = long.filter(({ runs }) => scoresOf(runs, 'bn-train', 1).length > 0);
  const worse = one.filter(({ runs }) => isBelow(runs, 'bn-train', 'bn-frozen', 1));
  const several = long.flatMap(({ runs }) =>
    batchesOf(runs)
      .filter((batch) => batch > 1)
      .map((batch) => ({ runs, batch })),
  );
  const better = several.filter(({ runs, batch }) => isBelow(runs, 'bn-frozen', 'bn-train', batch));
  const lower = several.filter(({ runs, batch }) => isBelow(runs, 'bn-train', 'bn-frozen', batch));
  const { both, won, lost, swaps, advised, verdicts, wrong } = countsOf(long);
  const pairs = pairsOf(all);
  const agreed = pairs.filter(({ agrees }) => agrees);
  const alone = both.filter(({ runs }) => isBestUntrained(runs));
  return `## Answers

1. **Does a swap pay?** Of ${plural(both.length, 'comparison')} at batch 1, \`compare --finetune\` advises to swap in ${swaps.length}${namesOf(swaps)}, to re-estimate running statistics
   and train with them frozen in ${advised('statistics').length}, to train the file as it is in ${advised('file').length}, and not to train in ${advised('none').length} ([table](#batch-1)). If rows can’t be told apart it
   advises the simplest. Re-estimated statistics scored more before training than after it in ${alone.length}${namesOf(alone)}, so measure \`--to batch\` alone too.
2. **Does BatchNormalization in training mode fail at a batch of 1?** It scored below frozen BatchNormalization in ${worse.length} of ${one.length} comparisons
   at batch 1, and above it in ${better.length} of ${several.length} at batches of 2 to 16 ([table](#batch-by-batch)).${lower.length === 0 ? KEEP : ''}${figureOne(long)}
   PaddleOCR’s classifier, in PyTorch, shows the other case: its file still scores 0.658 on the new lines, and frozen BatchNormalization is better at every batch
   ([table](../examples/finetune/README.md)).
3. **When does group norm beat frozen BatchNormalization at batch 1?** The best group norm is above it in ${won.length} of ${both.length} comparisons${namesOf(won)}, below it in ${lost.length}${namesOf(lost)},
   and the ranges overlap in ${both.length - won.length - lost.length} ([table](#batch-1)).
4. **What do groups, init and reference change?** Groups most of all. ${groupsText(long)} ([table](#groups-and-inputs)). ${initsText(long)} ([table](#init-and-reference)). Groups
   that keep most of the source are [others](measurements/groups.md): the fit mostly takes one.
5. **How many unlabelled inputs are enough?** Before training, 24 pictures gave three detectors with folded norms a recall of 0.92 to 0.96 of their own boxes whichever pictures they were; 8
   gave 0.75 to 0.95. RetinaFace, whose norms are kept, needs none ([table](kept.md#detectors-measured)). ${inputsText(long, varied)} ([table](#groups-and-inputs)).
6. **What does a swap cost in latency?** The classifier takes 1.4 times as long in its cheapest form and 2.2 times in the default one, the text detector 1.0 to 1.1 times. \`--to frozen --fold\` leaves no
   norm in the graph; ONNX Runtime folds a BatchNormalization behind a Conv too, so neither costs time ([table](performance.md#latency-of-the-forms)).
7. **A rule of thumb** is [below](#rule-of-thumb). On comparisons that it was not made from it named a row that another beats by more than chance in ${wrong.length} of ${verdicts.length}.
   [Measure](compare-finetune.md) where you can.
8. **Does a short comparison tell what a long one does?** With a third of the samples seen, the advice agreed, or said that it can’t tell, in ${agreed.length} of ${pairs.length} ([table](#short-and-long)).
   It was clear in ${pairs.filter(({ a }) => a.isClear).length}.`;
}

/** What is counted, over the comparisons that have frozen BatchNormalization and a group norm. */
export function countsOf(long: readonly Place[]) {
  const both = long.filter(({ runs }) => bestGroup(runs) !== undefined && scoresOf(runs, 'bn-frozen', 1).length > 0);
  const won = both.filter(({ runs }) => isBelow(runs, 'bn-frozen', bestGroup(runs) as RowName, 1));
  const lost = both.filter(({ runs }) => isBelow(runs, bestGroup(runs) as RowName, 'bn-frozen', 1));
  const verdicts = verdictsOf(long).filter(({ place }) => place.at.subject !== DERIVED_FROM);
  const wrong = verdicts.filter(({ judged: it }) => it.isWrong);
  const advised = (wanted: Advice['do']) => both.filter(({ runs }) => adviceOf(runs)?.do === wanted);
  return { both, won, lost, swaps: advised('swap'), advised, verdicts, wrong };
}

/** The sentence on them in README. */
export function summaryOf(long: readonly Place[]): string {
  const { both, won, lost, swaps, advised, verdicts, wrong } = countsOf(long);
  const kept = advised('statistics').length + advised('file').length;
  return (
    `Of ${plural(both.length, 'comparison')} at a batch of 1, \`compare --finetune\` advises a swap in ${swaps.length}, to train with BatchNormalization in ${kept}, and not to train in ${advised('none').length}. ` +
    `Group norm beat frozen BN in ${won.length}, and lost to it in ${lost.length}. The rule is wrong in ${wrong.length} of ${verdicts.length}.`
  );
}

/** What `compare --finetune` says at a batch of 1. */
export function adviceOf(runs: readonly RunLine[]): Advice | undefined {
  const scored = ROW_NAMES.map((name) => ({ name, scores: scoresOf(runs, name, 1) }));
  return recommend(scored, runs[0]?.measure ?? '', runs[0]?.tested ?? 1);
}

/** Whether training took from what re-estimated statistics gave. */
function isBestUntrained(runs: readonly RunLine[]): boolean {
  const own = runs.filter(({ row, batch }) => row === 'bn-re-estimated' && batch === 1);
  return own.length > 0 && meanOf(own.map(({ before }) => before)) > meanOf(own.map(({ after }) => after));
}

/** What follows if training mode is worse at no larger batch. */
const KEEP =
  ' So if running statistics do not fit the new samples at all, the reason to swap is a\n   batch of 1: with two samples per step and norms that are kept, train them as they are.';

/** The deep net at the batches of the paper's first figure, 1 and 16. */
function figureOne(long: readonly Place[]): string {
  const runsOf = (samples: number) =>
    long.find(({ at }) => at.subject === 'deep' && at.shift === 'severe' && at.count === samples)?.runs ?? [];
  const runs = runsOf(100);
  const [one, many] = [1, 16].map((batch) => (row: RowName) => scoresOf(runs, row, batch)) as [
    (row: RowName) => number[],
    (row: RowName) => number[],
  ];
  if (many('bn-train').length === 0) return '';
  const figure = (scores: readonly number[]) => meanOf(scores).toFixed(3);
  const [frozen, group] = (['bn-frozen', 'gn-32-adapted'] as const).map((row) => scoresOf(runsOf(400), row, 1));
  const more =
    frozen?.length && group?.length
      ? ` With four times the samples\n   at a batch of 1 frozen BN reaches ${figure(frozen)}, and that group norm ${figure(group)}.`
      : '';
  return `
   The deep net shows the paper’s Figure 1: in training mode it reaches ${figure(many('bn-train'))} at a batch of 16 and stays at chance at 1 (${figure(one('bn-train'))}), where group norm of 32 groups with an
   adapted reference reaches ${figure(one('gn-32-adapted'))}. With 21 steps of 16 samples group norm learns ${figure(many('gn-32-adapted').length > 0 ? many('gn-32-adapted') : many('gn-adapted'))}.${more}`;
}

/** Mean scores before and after training at batch 1, over the comparisons that have all groups. */
function groupsText(long: readonly Place[]): string {
  const rows: readonly RowName[] = ['gn-calibrated', 'gn-8', 'gn-adapted', 'gn-32-adapted'];
  const whole = long.filter(({ runs }) => rows.every((row) => scoresOf(runs, row, 1).length > 0));
  const isLost = ({ runs }: Place) => runs[0]?.measure === 'accuracy' && meanOf(scoresOf(runs, 'none', 1)) < FITS;
  const lost = whole.filter(isLost);
  return (
    `In the ${plural(lost.length, 'comparison')} of classifiers that score below ${FITS} on the new samples, means before and after training are ${meansText(lost, rows)}; in the\n` +
    `   ${whole.length - lost.length} others ${meansText(
      whole.filter((it) => !isLost(it)),
      rows,
    )}`
  );
}

function meansText(places: readonly Place[], rows: readonly RowName[]): string {
  const told = rows.map((row) => {
    const own = places.map(({ runs }) => runs.filter((it) => it.row === row && it.batch === 1));
    const of = (pick: (run: RunLine) => number) => meanOf(own.map((runs) => meanOf(runs.map(pick)))).toFixed(3);
    return `${rowNamed(row).title} ${of((it) => it.before)} → ${of((it) => it.after)}`;
  });
  return told.join('; ');
}

/** Mean scores after training with so many inputs, over the comparisons that have all numbers. */
function inputsText(long: readonly Place[], varied: readonly VariedLine[]): string {
  const told = (['gn-calibrated', 'bn-re-estimated'] as const).map((row) => {
    const groups = long.flatMap(({ at, runs }) => {
      const own = varied.filter((it) => isAt(it, at) && it.row === row);
      const few = ['8 inputs', '24 inputs'].map((name) => own.filter(({ variant }) => variant === name));
      const usual = runs.filter((it) => it.row === row && it.batch === 1);
      return few.every((it) => it.length > 0) && usual.length > 0 ? [[...few, usual]] : [];
    });
    const means = [0, 1, 2].map((column) =>
      meanOf(groups.map((it) => meanOf((it[column] ?? []).map(({ after }) => after)))).toFixed(3),
    );
    return `${rowNamed(row).title} ${means.join(', ')} in ${plural(groups.length, 'comparison')}`;
  });
  return `After training, with 8, 24 and 64 inputs: ${told.join('; ')}`;
}

/** Mean scores before training at batch 1, over the comparisons that have all of them. */
function initsText(long: readonly Place[]): string {
  const rows: readonly RowName[] = ['gn-copy', ...INITS];
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

/** Group norms that keep what was learned. */
const GROUPS: readonly RowName[] = ['gn-statistics', 'gn-calibrated', 'gn-8', 'gn-adapted', 'gn-32-adapted'];

/** Those whose init and reference are compared, with the same groups. */
export const INITS: readonly RowName[] = ['gn-statistics', 'gn-calibrated', 'gn-adapted'];

function bestGroup(runs: readonly RunLine[]): RowName | undefined {
  const made = GROUPS.filter((row) => scoresOf(runs, row, 1).length > 0);
  return made.toSorted((a, b) => meanOf(scoresOf(runs, b, 1)) - meanOf(scoresOf(runs, a, 1)))[0];
}

function namesOf(places: readonly Place[]): string {
  return places.length === 0 ? '' : ` (${places.map(({ at }) => `${at.subject} ${labelOf(at)}`).join('; ')})`;
}
