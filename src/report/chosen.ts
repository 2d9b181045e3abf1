/** Which solution of a calibration was taken, and why, in a sentence; undefined if there was one alone. */
import type { Solver } from '../calibrate/calibration.ts';
import type { CalibrationFacts } from '../jobs/outcome.ts';
import { plural } from '../words.ts';

const WORDS: Readonly<Record<Solver, string>> = {
  path: 'solved behind the swapped norms',
  source: 'solved from the source alone',
  statistics: 'without data',
};

export function chosenText({ choice }: Pick<CalibrationFacts, 'choice'>): string | undefined {
  if (choice === undefined) return undefined;
  const { solver, why, kept, samples } = choice;
  if (kept.every((it) => it.kept === null)) return `taken: ${WORDS[solver]}; its outputs could not be compared`;
  const list = kept.map((it) => `${WORDS[it.solver]} ${it.kept === null ? 'not judged' : it.kept.toFixed(3)}`);
  const on = `on ${plural(samples, 'input')} (${list.join(', ')})`;
  const reason = why === 'kept' ? 'which keeps most' : 'as no other keeps clearly more';
  return `taken: ${WORDS[solver]}, ${reason} ${on}`;
}
