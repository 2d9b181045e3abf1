/**
 * Numbers with a comma where others have a point, as spreadsheets in many countries write them: `1.jpg;21,5`. They separate columns by semicolons for
 * that reason, so in tables with another separator a comma is left alone: `"1,234"` may be a thousand.
 */
import type { Row } from './table.ts';

const NUMBER = /^[+-]?(\d+(,\d+)?|,\d+)(e[+-]?\d+)?$/i;
/** Cells of such a column may hold several classes: `0,2`. */
const LISTS = /^(labels|classes|tags)$/i;

/** Writes a point into the columns that hold nothing but numbers, and some with a comma. @param own the column of the files, which is left alone */
export function withPoints(rows: readonly Row[], header: readonly string[] | undefined, own: number): readonly Row[] {
  const [first] = rows;
  const columns = (first?.cells ?? []).flatMap((_, column) => {
    const cells = rows.map((row) => row.cells[column] ?? '').filter((cell) => cell !== '');
    const isNumbers = cells.every((cell) => NUMBER.test(cell)) && cells.some((cell) => cell.includes(','));
    return isNumbers && column !== own && !LISTS.test(header?.[column] ?? '') ? [column] : [];
  });
  if (columns.length === 0) return rows;
  return rows.map(({ line, cells }) => ({
    line,
    cells: cells.map((cell, column) => (columns.includes(column) ? cell.replace(',', '.') : cell)),
  }));
}
