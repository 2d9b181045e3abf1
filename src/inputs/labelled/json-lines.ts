/** Lines of JSON, as Hugging Face's `metadata.jsonl` → rows, the first of which names the columns. */
import { GnSwapError } from '../../errors.ts';
import type { Row } from './table.ts';
import { linesOf } from './text.ts';

/**
 * Reads a table whose lines are objects. Each key that any of them has is a column. Cells that are neither text nor a number, such as lists of boxes, stay JSON.
 *
 * @throws GnSwapError `invalid-data` naming the line that is not an object
 */
export function readJsonLines(bytes: Uint8Array, file: string): Row[] {
  const written = linesOf(bytes).flatMap((text, index) => (text.trim() === '' ? [] : [{ text, line: index + 1 }]));
  const entries = written.map(({ text, line }) => ({ line, values: entryOf(text, `${file}:${line}`) }));
  const columns = [...new Set(entries.flatMap(({ values }) => Object.keys(values)))];
  if (columns.length === 0) return [];
  const rows = entries.map(({ line, values }) => ({
    line,
    cells: columns.map((name) => cellOf(Object.hasOwn(values, name) ? values[name] : undefined)),
  }));
  return [{ line: 1, cells: columns }, ...rows];
}

function entryOf(text: string, place: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    // A byte order mark may be left at the beginning.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // Refused below.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GnSwapError('invalid-data', 'the line is not an object of JSON', {
    file: place,
    remedy: 'Write one in each line: {"file_name": "1.jpg", "label": "cat"}',
  });
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value.trim() : JSON.stringify(value);
}
