/**
 * Which of several solutions to take, by what each kept on a few samples.
 *
 * 1. Numbers, regions and vectors show small differences, so the solution that keeps most is taken.
 * 2. Boxes and classes are counted, and a few samples hold about as many as chance moves. There a solution has to keep more by more than
 *    chance would, sample by sample, to be taken instead of the one that is better on most models: without data for boxes, or behind the
 *    swapped norms if that is no choice; from data for classes (docs/measurements/calibration.md). With one standard error as the limit, two lines of sixteen took the classifier of
 *    examples/finetune from 0.656 to 0.594, and pictures of the same few people a RetinaFace from 0.908 / 0.940 to 0.977 / 0.685.
 */
import type { Solver, SolverChoice } from '../calibrate/calibration.ts';
import { differencesOf, isBeyondChance } from '../measure/chance.ts';
import type { TaskName } from '../measure/tasks/types.ts';

/** What a solution kept. */
export interface Trial {
  readonly solver: Solver;
  /** From 0 to 1; `null` if no output could be judged. */
  readonly kept: number | null;
  /** The same of each sample alone, in the same order for all solutions. */
  readonly each: readonly (number | null)[];
  /** What the outputs were taken for. */
  readonly tasks: readonly TaskName[];
}

/** @param trials of equals the first is taken; the one without data stands last, if there is one */
export function prefer(trials: readonly Trial[]): Pick<SolverChoice, 'solver' | 'why'> {
  const tasks = new Set(trials.flatMap((it) => it.tasks));
  const statistics = trials.filter(({ solver }) => solver === 'statistics');
  const solved = trials.filter(({ solver }) => solver !== 'statistics');
  const boxes = () =>
    statistics.length > 0 ? best([...statistics, best(solved, isMore)], isClearlyMore) : best(solved, isClearlyMore);
  const others = () => best([...solved, ...statistics], tasks.has('classify') ? isClearlyMore : isMore);
  const choice = tasks.has('detect') ? boxes() : others();
  const isMost = trials.every((it) => !isMore(it, choice));
  return { solver: choice.solver, why: isMost ? 'kept' : 'unsure' };
}

/**
 * Whether {@link prefer} may take a solution that was not tried yet: nothing keeps more than everything, and of equals the first is taken.
 * Without data boxes are taken first, so there that is tried in any case.
 *
 * @param trials of those before it
 */
export function mayBeTaken(solver: Solver, [first]: readonly Trial[]): boolean {
  return first?.kept !== 1 || (solver === 'statistics' && first.tasks.includes('detect'));
}

function best(trials: readonly Trial[], isBetter: (a: Trial, b: Trial) => boolean): Trial {
  return trials.reduce((known, it) => (isBetter(it, known) ? it : known));
}

function isMore(a: Trial, b: Trial): boolean {
  return shareOf(a) > shareOf(b);
}

/** Where nothing could be judged, neither found anything, which is more than to find what the source does not: that keeps 0. */
function shareOf({ kept }: Trial): number {
  return kept ?? Number.MIN_VALUE;
}

/**
 * Whether one keeps more than the other by more than chance. (2) Where the source finds nothing in any sample, what is found is wrong,
 * and what finds nothing is right: there is no sample that could tell otherwise.
 */
function isClearlyMore(a: Trial, b: Trial): boolean {
  const isOnlyWrong = a.kept === null && b.kept === 0;
  return isMore(a, b) && (isOnlyWrong || isBeyondChance(differencesOf(a.each, b.each)));
}
