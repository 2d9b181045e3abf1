/** Small pieces of text: names made printable, tables, figures. */

import { UNSEEN } from '../words.ts';

export { sizeText as bytes } from '../words.ts';

/** No name that means something is longer; a file may hold one of a gigabyte. */
const LONGEST = 1000;

/**
 * A name from a model or the user, safe for a terminal: control characters, and those that turn the direction of writing,
 * are spelled out, and of what is too long the middle is left out.
 */
export function printable(text: string): string {
  const half = LONGEST / 2;
  const short = text.length <= LONGEST ? text : `${text.slice(0, half)} … ${text.slice(-half)}`;
  return short.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** A whole number with commas, `12,345`. Intl has the same, and takes 10 ms to begin with. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Columns of text, two spaces apart; `right` lists the columns that are aligned to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map(() => 0);
  for (const row of rows) {
    for (let column = 0; column < widths.length; column++) {
      const length = row[column]?.length ?? 0;
      if (length > (widths[column] as number)) widths[column] = length;
    }
  }
  const aligned = (cell: string, column: number) =>
    right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(aligned).join('  ').trimEnd());
}

/** `35 ms`, `1.2 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
