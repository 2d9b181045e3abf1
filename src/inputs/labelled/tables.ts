/** Tables that name files, and what is said of each. */
import { GnSwapError } from '../../errors.ts';
import { IMAGE_FILES } from '../images.ts';
import { withPoints } from './decimal-commas.ts';
import { type FileFinder, finderByPart, finderByPath } from './file-finder.ts';
import type { DataFile, Folder } from './folder.ts';
import { refuseForeign } from './foreign.ts';
import { readJsonLines } from './json-lines.ts';
import type { LayoutContext } from './layout.ts';
import { readList } from './list.ts';
import { hasSemicolons, type Row, readTable } from './table.ts';

/** A table with its header, and the file that each row names. */
export interface FileTable {
  readonly file: DataFile;
  /** Names of the columns; undefined if the first line is a row. */
  readonly header: readonly string[] | undefined;
  readonly rows: readonly { readonly place: string; readonly file: DataFile; readonly cells: readonly string[] }[];
  /** Position of the column that names files. */
  readonly fileColumn: number;
  /** Cells of each row. */
  readonly width: number;
}

/** Names of tables. `metadata.jsonl` is that of Hugging Face. */
const TABLES = /\.(csv|tsv|jsonl)$/i;
/** Text is a table only if it is given: many other things end so. */
const GIVEN_TABLES = /\.(csv|tsv|jsonl|txt)$/i;
const FILE_HEADERS = /^(file|file_?name|file_?path|path|image|img|picture|image_?(id|file|path|name)|id)$/i;
/** Tables that say how masks are coloured. */
const COLOUR_TABLES = /^(classes|colou?rs|class_dict)\.(csv|tsv)$/i;

/** Tells whether a folder, or what was given in place of one, has a table of files. */
export function hasTable(folder: Folder): boolean {
  return isTable(folder) || tablesIn(folder.files).length > 0;
}

/** Tells whether a table was given in place of a folder. */
export function isTable({ chosen }: Folder): boolean {
  return GIVEN_TABLES.test(chosen?.name ?? '');
}

/**
 * Reads the table of a folder.
 *
 * @throws GnSwapError `invalid-data` if there are several and none is `labels.csv` or named after the part, for a row with fewer or
 *   more cells than others, and for one that names a file that is not there
 */
export function readFileTable({ folder, reader }: Pick<LayoutContext, 'folder' | 'reader'>): FileTable {
  const file = tableOf(folder);
  if (/\.txt$/i.test(file.name)) refuseForeign({ all: [file] }, reader);
  const bytes = reader.read(file.path);
  const rows = rowsOf(file, bytes);
  const [first] = rows;
  if (first === undefined) throw empty(file);
  const find = finderOf(folder.files, file);
  const isFile = (cell = '') => find(cell) !== undefined || IMAGE_FILES.test(cell);
  // A class may be called `picture`, so a row that names a file can't be the header.
  const hasHeader = !first.cells.some(isFile);
  const body = hasHeader ? rows.slice(1) : rows;
  const [row] = body;
  if (row === undefined) throw empty(file);
  const fileColumn = fileColumnOf(
    hasHeader ? first.cells : [],
    (column) => isFile(row.cells[column]),
    row.cells.length,
  );
  const width = first.cells.length;
  if (width < 2) {
    throw new GnSwapError('invalid-data', 'it has one column, and needs two: a file and its label', {
      file: `${file.path}:${first.line}`,
      remedy: 'Separate the columns by commas, semicolons or tabs',
    });
  }
  const isElsewhere = otherParts(folder, file, find);
  const header = hasHeader ? first.cells : undefined;
  const isSpreadsheet = /\.csv$/i.test(file.name) && hasSemicolons(bytes);
  const read = isSpreadsheet ? withPoints(body, header, fileColumn) : body;
  return {
    file,
    header,
    fileColumn,
    width,
    rows: read
      .filter((it) => !isElsewhere(it.cells[fileColumn]))
      .map((it) => located(it, file, width, fileColumn, find)),
  };
}

/** Tells which cells name pictures of other parts: one table may list those of all, and `val/1.png` is not `train/1.png`. */
function otherParts({ files, all, part }: Folder, table: DataFile, find: FileFinder): (cell?: string) => boolean {
  if (part === undefined) return () => false;
  const own = new Set(files.map(({ name }) => name));
  const whole = finderByPath(
    all.map((file) => ({ ...file, inner: file.name })),
    table,
  );
  const findAny = finderOf(all, table);
  return (cell = '') => {
    const exact = whole(cell);
    if (exact !== undefined) return !own.has(exact.name);
    return find(cell) === undefined && findAny(cell) !== undefined;
  };
}

function rowsOf({ name, path }: DataFile, bytes: Uint8Array): Row[] {
  if (/\.txt$/i.test(name)) return readList(bytes, path);
  return /\.jsonl$/i.test(name) ? readJsonLines(bytes, path) : readTable(bytes, path);
}

/** By its path, or else by a part of it that only one picture has. */
function finderOf(files: readonly DataFile[], table: DataFile): FileFinder {
  const [byPath, byPart] = [finderByPath(files, table), finderByPart(files, table)];
  return (cell) => byPath(cell) ?? byPart(cell);
}

/** The column of files: of those that are called so, the first that has one. `id` may be a number. */
function fileColumnOf(header: readonly string[], hasFile: (column: number) => boolean, width: number): number {
  const all = Array.from({ length: width }, (_, column) => column);
  const named = all.filter((column) => FILE_HEADERS.test(header[column] ?? ''));
  return named.find(hasFile) ?? named[0] ?? all.find(hasFile) ?? 0;
}

function located(
  { line, cells }: Row,
  table: DataFile,
  width: number,
  fileColumn: number,
  find: FileFinder,
): FileTable['rows'][number] {
  const place = `${table.path}:${line}`;
  if (cells.length !== width) {
    throw new GnSwapError('invalid-data', `the row has ${cells.length} cells, and the first line has ${width}`, {
      file: place,
      remedy: 'Give every row the same number of cells; quote cells that hold a comma',
    });
  }
  const cell = cells[fileColumn] ?? '';
  const file = find(cell);
  if (file === undefined) {
    throw new GnSwapError('invalid-data', `the file ${JSON.stringify(cell)} is not there`, {
      file: place,
      remedy: 'Write paths as they are from the folder of the table, with their endings, or remove the row',
    });
  }
  return { place, file, cells };
}

function tableOf(folder: Folder): DataFile {
  const { files, chosen, part, root } = folder;
  if (chosen !== undefined && isTable(folder)) return chosen;
  const tables = tablesIn(files);
  const [first] = tables;
  if (tables.length === 1 && first !== undefined) return first;
  const known = tables.find(({ inner }) => /^(labels|annotations|targets|boxes)\./i.test(inner));
  const ofPart = tables.find(({ inner }) => new RegExp(`^${part ?? 'train'}`, 'i').test(inner));
  const table = known ?? ofPart;
  if (table !== undefined) return table;
  throw new GnSwapError('invalid-data', `it has several tables: ${tables.map(({ name }) => name).join(', ')}`, {
    file: root,
    remedy: `Name the one to use: --data ${first?.path ?? root}`,
  });
}

function tablesIn(files: readonly DataFile[]): DataFile[] {
  return files.filter(({ inner }) => TABLES.test(inner) && !inner.includes('/') && !COLOUR_TABLES.test(inner));
}

function empty(file: DataFile): GnSwapError {
  return new GnSwapError('invalid-data', 'it has no rows', {
    file: file.path,
    remedy: 'Write a row for each picture: file,label',
  });
}
