/** Tables with a column of 0 and 1 for each class, as Kaggle and Roboflow write them. */
import { GnSwapError } from '../../../errors.ts';
import type { FileTable } from '../tables.ts';

/** Names of the classes, and their columns. */
export interface ClassColumns {
  readonly names: readonly string[];
  readonly columns: readonly number[];
}

/** Finds the columns, if all but that of the files hold 0 and 1 alone; undefined if they do not, or have no names. */
export function classColumns({ header, rows, fileColumn, width }: FileTable): ClassColumns | undefined {
  const columns = Array.from({ length: width }, (_, column) => column).filter((column) => column !== fileColumn);
  const names = columns.map((column) => header?.[column] ?? '');
  const areDistinct = names.every((name) => name !== '') && new Set(names).size === names.length;
  const areFlags = rows.every(({ cells }) => columns.every((column) => isFlag(cells[column] ?? '')));
  return areDistinct && areFlags && names.length > 1 ? { names, columns } : undefined;
}

/** The one class of a row. @throws GnSwapError `invalid-data` for a row of none, or of several */
export function classIn({ cells, place }: FileTable['rows'][number], { names, columns }: ClassColumns): string {
  const found = names.filter((_, index) => Number(cells[columns[index] as number]) === 1);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const what = only === undefined ? 'none of the classes' : `${found.length} classes (${found.join(', ')})`;
  throw new GnSwapError('invalid-data', `the picture has ${what}, and a model of classes tells one`, {
    file: place,
    remedy: 'Keep the rows of one class; or learn a number for each column, for a model that answers each by itself',
    next: { set: { task: 'regress', loss: 'bce' } },
  });
}

/** A cell that is empty is no 0: whoever leaves one out may not know. */
function isFlag(cell: string): boolean {
  return cell !== '' && (Number(cell) === 0 || Number(cell) === 1);
}
