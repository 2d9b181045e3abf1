/** The rule of thumb of docs/evidence.md, and how often it is wrong. It was made from {@link DERIVED_FROM}, and from the table in README. */
import { recommend, type Scored } from '../../src/jobs/compare-finetune/recommend.ts';
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
  readonly steps: number;
}

/** The subject that the limits were set by, in all its comparisons. */
export const DERIVED_FROM = 'digits';

/** A file that scores less on the new samples does not fit them any more. */
const FITS = 0.5;
/** So many steps bring frozen running statistics as far as re-estimated ones. */
const MANY = 1000;

/** The rule, in the lines that are printed. */
export const TREE = [
  'norms were folded away → train the file as it is (`bn-frozen`)',
  `the file scores ${FITS} or more on the new samples → train it as it is (\`bn-frozen\`)`,
  'it scores less, and steps have two samples or more → BatchNormalization in training mode (`bn-train`)',
  `it scores less, steps have one sample, and there are ${MANY.toLocaleString('en')} of them or more → train it as it is (\`bn-frozen\`)`,
  'it scores less, and there are fewer steps of one sample → `--to batch` re-estimates the running statistics, then train with them frozen (`bn-re-estimated`)',
] as const;

export function decide({ batch, hasNorms, before, steps }: Known): RowName {
  if (!hasNorms || before >= FITS) return 'bn-frozen';
  if (batch >= 2) return 'bn-train';
  return steps >= MANY ? 'bn-frozen' : 'bn-re-estimated';
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
    steps: Math.max(0, ...runs.filter((it) => it.batch === batch).map((it) => it.steps)),
  });
  const advice = recommend(scored, '', runs[0]?.tested ?? 1);
  if (advice === undefined || !scored.some(({ name }) => name === says)) return undefined;
  const best = scored.reduce((a, b) => (meanOf(b.scores) > meanOf(a.scores) ? b : a)).name;
  return { says, best, isWrong: says !== best && !advice.tied.includes(says) };
}
