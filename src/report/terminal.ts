/** What a terminal is shown of a file, whether it was rewritten or checked. */
import type { Colors } from 'picocolors/types.js';
import { type Drift, MAP_THRESHOLD } from '../measure/drift.ts';
import { percent } from './figures.ts';
import { duration, printable, table } from './format.ts';
import type { VerdictLine } from './verdict-line.ts';

/** How to write. */
export interface TextStyle {
  readonly colors: Colors;
  /** Whether to show the figures of every check. */
  readonly verbose: boolean;
}

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;

/** A line for a check, without colours. */
export function checkLine(check: {
  readonly name: string;
  readonly status: keyof typeof MARKS;
  readonly detail: string;
}): string {
  return `  ${MARKS[check.status]} ${check.name.padEnd(12)} ${printable(check.detail)}`;
}

/** `read 2 ms, find 4 ms`. */
export function timesOf(timings: Readonly<Record<string, number>>): string {
  return Object.entries(timings)
    .map(([step, milliseconds]) => `${step} ${duration(milliseconds)}`)
    .join(', ');
}

/** A line for each output. */
export function driftTable(drift: readonly Drift[]): string[] {
  const number = (value: number) => (Number.isFinite(value) ? value.toPrecision(3) : 'not finite');
  const rows = drift.map(({ output, max, mean, relative, cosine, sqnr, argmax, overlap }) => [
    ...[`  ${printable(output)}`, number(max), number(mean), number(relative), number(cosine)],
    sqnr === null ? 'none differs' : `${number(sqnr)} dB`,
    percent(argmax),
    percent(overlap),
  ]);
  const head = ['  output', 'max', 'mean', 'relative', 'cosine', 'SQNR', 'same argmax', `overlap at ${MAP_THRESHOLD}`];
  return table([head, ...rows], [1, 2, 3, 4, 5, 6, 7]);
}

/** The verdict, a line each. */
export function verdictText(lines: readonly VerdictLine[], { colors }: TextStyle): string[] {
  const paint = { good: colors.green, warn: colors.yellow, bad: colors.red };
  const marks = { good: '✓', warn: '!', bad: '✗' };
  return lines.map(({ text, tone }) => {
    const line = `${tone === undefined ? '–' : marks[tone]} ${printable(text)}`;
    return tone === undefined ? line : paint[tone](line);
  });
}
