/** Comma-, semicolon- or tab-separated text → rows, each with the line that it begins on (RFC 4180). */
import { GnSwapError } from '../../errors.ts';
import { textOf } from './text.ts';

export interface Row {
  /** From 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads a table. The separator is the one that the first line has most often, or that Excel's line `sep=;` says. Cells are trimmed unless they are quoted; blank lines are
 * left out.
 *
 * @throws GnSwapError `invalid-data` for a quote that is not closed
 */
export function readTable(bytes: Uint8Array, file: string): Row[] {
  const text = textOf(bytes);
  const { separator, said } = separatorOf(text);
  // A quoted cell with doubled quotes, or a plain one; and what ends it.
  const cell = new RegExp(
    `[ ]*"((?:[^"]|"")*)"[ ]*(${separator}|\\r?\\n|\\r|$)|([^\\r\\n${separator}]*)(${separator}|\\r?\\n|\\r|$)`,
    'y',
  );
  const rows: Row[] = [];
  let cells: string[] = [];
  let line = said === '' ? 1 : 2;
  let start = line;
  cell.lastIndex = said.length;
  while (cell.lastIndex < text.length || cells.length > 0) {
    const [whole, quoted, quotedEnd, plain = '', plainEnd] = cell.exec(text) ?? [''];
    if (quoted === undefined && plain.trimStart().startsWith('"')) {
      throw new GnSwapError('invalid-data', 'a quote in this line is not closed', {
        file: `${file}:${start}`,
        remedy: 'Close it, or write a quote inside a cell twice',
      });
    }
    cells.push(quoted?.replaceAll('""', '"') ?? plain.trim());
    line += whole.match(/\r?\n|\r/g)?.length ?? 0;
    if ((quotedEnd ?? plainEnd) === separator) continue;
    if (cells.some((it) => it !== '')) rows.push({ line: start, cells });
    cells = [];
    start = line;
  }
  return rows;
}

/** Tells whether columns are separated by semicolons. */
export function hasSemicolons(bytes: Uint8Array): boolean {
  return separatorOf(textOf(bytes)).separator === ';';
}

/** What separates columns, and the line that says so, if there is one. */
function separatorOf(text: string): { readonly separator: string; readonly said: string } {
  const [said = '', separator] = /^sep=([,;\t])(?:\r\n|\n|\r)/i.exec(text) ?? [];
  return { separator: separator ?? likelySeparator(text), said };
}

function likelySeparator(text: string): string {
  const [first = ''] = text.split(/[\r\n]/).filter((line) => line.trim() !== '');
  const counts = ['\t', ';', ','].map((it) => [it, first.split(it).length] as const);
  return counts.reduce((best, it) => (it[1] > best[1] ? it : best), [',', 1] as const)[0];
}
