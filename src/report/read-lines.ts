/** What was read of the inputs that were given, for a terminal. */
import type { CalibrationFacts, ComparedOn } from '../jobs/outcome.ts';
import { plural } from '../words.ts';
import { printable } from './format.ts';
import type { TextStyle } from './terminal.ts';

/** How pictures were read; no line if there were none. */
export function picturesLine(pictures: string | undefined, { colors }: TextStyle): string[] {
  return pictures === undefined ? [] : [colors.dim(`pictures read as ${printable(pictures)}`)];
}

/** Files that could not be read: the first three, or all with `--verbose`. */
export function skippedLine(skipped: CalibrationFacts['skipped'], { colors, verbose }: TextStyle): string[] {
  if (skipped.length === 0) return [];
  const shown = verbose ? skipped : skipped.slice(0, 3);
  const named = shown.map(({ file, reason }) => `${printable(file)}: ${printable(reason)}`).join('; ');
  const more = shown.length < skipped.length ? '; …' : '';
  return [`${colors.yellow('skipped')}: ${plural(skipped.length, 'file')} (${named}${more})`];
}

/** What the figures of a comparison stand on: few inputs say little. */
export function comparedOnLines(facts: ComparedOn, style: TextStyle): string[] {
  const { path, solvedOn, heldOut, seed, pictures, skipped } = facts;
  const measured = heldOut === 0 ? 'measured on the same' : `measured on ${plural(heldOut, 'other')}`;
  return [
    `solved on ${plural(solvedOn, 'input')} of ${printable(path)}, ${measured} (seed ${seed})`,
    ...picturesLine(pictures, style),
    ...skippedLine(skipped, style),
  ];
}
