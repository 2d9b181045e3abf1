/** Which solution of a calibration was taken, and why, in a sentence; undefined if there was one alone. */
import type { Refinement, Solver } from '../calibrate/calibration.ts';
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
  const own = kept.find((it) => it.solver === solver)?.kept ?? null;
  // Where one could not be judged, the source found nothing: a figure of 0 then only says that another found something.
  if (own === null || (own === 0 && kept.some((it) => it.kept === null))) {
    const isLike = own === null && kept.some((it) => it.kept !== null);
    const found = isLike ? 'which finds nothing on these inputs, like the source' : 'the outputs could not be compared';
    return `used: ${WORDS[solver]}${isLike ? ', ' : '; '}${found}`;
  }
  if (own === 1 && kept.length === 1)
    return `used: ${WORDS[solver]}, which keeps everything on ${plural(samples, 'input')}`;
  const list = kept.map((it) => `${WORDS[it.solver]} ${it.kept === null ? 'not judged' : it.kept.toFixed(3)}`);
  const on = `on ${plural(samples, 'input')} (${list.join(', ')})`;
  const isEqual = kept.every((it) => it.kept === own);
  const reason =
    why !== 'kept'
      ? 'because no other solution keeps clearly more'
      : isEqual
        ? 'the first of those that keep the same'
        : 'which keeps most';
  return `used: ${WORDS[solver]}, ${reason} ${on}`;
}

/** Says whether refined γ and β were taken, and why, in a sentence; undefined if they were not asked for. */
export function refinedText({ refined }: Pick<CalibrationFacts, 'refined'>): string | undefined {
  if (refined === undefined) return undefined;
  const { taken, why, steps, best, distance, kept, samples } = refined;
  const figures = [
    kept.before === null || kept.after === null ? undefined : `kept ${three(kept.before)} → ${three(kept.after)}`,
    distance === null ? undefined : `distance ${three(distance.before)} → ${three(distance.after)}`,
  ].filter((it) => it !== undefined);
  const on = figures.length === 0 ? '' : ` (${figures.join(', ')}, on ${plural(samples, 'input')})`;
  if (taken) {
    const until = best === steps ? plural(steps, 'step') : `${plural(steps, 'step')}, those of step ${best}`;
    return `refined by ${until}${on}`;
  }
  return `not refined: ${NOT_TAKEN[why]}${on}`;
}

const NOT_TAKEN: Readonly<Record<Refinement['why'], string>> = {
  // Never together with what was not taken.
  kept: '',
  farther: 'held-out inputs came hardly nearer to the source',
  worse: 'held-out inputs keep less of the source’s behaviour',
  unsure: 'it keeps no more boxes of held-out inputs than chance allows',
  few: 'fewer than 5 held-out inputs can’t tell boxes apart; give 25 inputs or more',
  alike: 'the source answers the same',
  unmeasured: 'no input was held out to judge it on; give two or more',
  'too-large': 'some numbers are too large for the type of the norms',
};

function three(value: number): string {
  return value.toFixed(3);
}
