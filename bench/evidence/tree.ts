/** The rule of thumb of docs/evidence.md, and how often it is wrong. It was made from {@link DERIVED_FROM}, and from the table in README. */

import { recommend, type Scored } from '../../src/jobs/compare-finetune/recommend.ts';
import { FITS } from '../../src/jobs/finetune-hints.ts';
import { ROW_NAMES, type RowName } from '../../src/options/rows.ts';
import type { RunLine } from './lines.ts';
import { meanOf, scoresOf } from './tables.ts';

/** What is known before training. */
export interface Known {
  readonly batch: number;
  /** Whether the file has BatchNormalization, not folded away. */
  readonly hasNorms: boolean;
  /** Score of the file as it is on the new samples. */
  readonly before: number;
  /** Whether it tells classes of whole samples, not boxes or maps. */
  readonly isClassifier: boolean;
}

/** The subject that the limits were set by, in all its comparisons. */
export const DERIVED_FROM = 'digits';

/** The rule, in the lines that are printed. */
export const TREE = [
  'norms were folded away → train the file as it is (`bn-frozen`)',
  `the file scores ${FITS} or more on the new samples → train it as it is (\`bn-frozen\`)`,
  'it scores less, and steps have two samples or more → BatchNormalization in training mode (`bn-train`)',
  'it scores less, steps have one sample, and it tells classes → swap with `--calibrate NEW --reference adapted --groups 32`, then train (`gn-32-adapted`)',
  'the same, and it finds boxes or maps → `--to batch` re-estimates the running statistics, then train with them frozen (`bn-re-estimated`)',
] as const;

export function decide({ batch, hasNorms, before, isClassifier }: Known): RowName {
  if (!hasNorms || before >= FITS) return 'bn-frozen';
  if (batch >= 2) return 'bn-train';
  return isClassifier ? 'gn-32-adapted' : 'bn-re-estimated';
}

/** What the rule says of a comparison, and whether a row is better by more than chance. */
export interface Judged {
  readonly says: RowName;
  readonly best: RowName;
  readonly isWrong: boolean;
}

/** @returns undefined if the row that the rule says was not run */
export function judged(runs: readonly RunLine[], batch: number): Judged | undefined {
  const scored = ROW_NAMES.map((name): Scored => ({ name, scores: scoresOf(runs, name, batch) })).filter(
    ({ scores }) => scores.length > 0,
  );
  const before = meanOf(scoresOf(runs, 'none', batch));
  const hasNorms = runs.some(({ row }) => row === 'bn-re-estimated');
  const says = decide({
    batch,
    hasNorms,
    before,
    isClassifier: runs[0]?.measure === 'accuracy',
  });
  const advice = recommend(scored, '', runs[0]?.tested ?? 1);
  if (advice === undefined || !scored.some(({ name }) => name === says)) return undefined;
  const best = scored.reduce((a, b) => (meanOf(b.scores) > meanOf(a.scores) ? b : a)).name;
  return { says, best, isWrong: says !== best && !advice.tied.includes(says) };
}
