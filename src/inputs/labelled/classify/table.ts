/** Classification: a table of `file,label`. */
import { GnSwapError } from '../../../errors.ts';
import { asInModel, requireSeveral, resolveLabels, type WrittenLabel } from '../classes.ts';
import { fileSamples } from '../file-samples.ts';
import type { Layout } from '../layout.ts';
import { type FileTable, hasTable, readFileTable } from '../tables.ts';
import { classColumns, classIn } from './columns.ts';

/** Names of the column that holds a class. */
export const LABEL_HEADERS = /^(label|labels|class|classes|class_?(name|id)|category|target|y)$/i;
/** Columns that only tables of boxes have. There, a picture has several rows, and the class of each is that of a part of it. */
const BOX_HEADERS = /^(bbox|objects|x_?min|xmin|x1|left|region_shape_attributes)$/i;

/** `labels.csv` with or without a header; labels are names or numbers, or a column of 0 and 1 for each class. */
export const classTable: Layout = {
  expects: 'a table labels.csv of file,label',
  matches: hasTable,
  async open(context) {
    const table = readFileTable(context);
    requireNoBoxes(table);
    const { options } = context;
    const { written, names } = writtenIn(table);
    const { classes, labels } = resolveLabels(written, {
      ...options,
      classes: options.classes ?? (names && asInModel(names, options)),
    });
    requireOneClass(table, labels, classes);
    requireSeveral(labels, classes, table.file.path, options);
    const labelled = table.rows.map(({ file }, row) => {
      const label = labels[row] as number;
      return { file, stratum: label, target: () => ({ kind: 'class', label }) as const };
    });
    return { classes, samples: await fileSamples(labelled, context) };
  },
};

/** The class of each row, and the names of all if the table has a column for each. */
function writtenIn(table: FileTable): { readonly written: WrittenLabel[]; readonly names?: readonly string[] } {
  const { file, header, fileColumn, width, rows } = table;
  const by = (textOf: (row: FileTable['rows'][number]) => string) =>
    rows.map((row) => ({ text: textOf(row), place: row.place }));
  const named = header?.findIndex((name, column) => column !== fileColumn && LABEL_HEADERS.test(name)) ?? -1;
  const column = named >= 0 ? named : width === 2 ? 1 - fileColumn : undefined;
  if (column !== undefined) return { written: by(({ cells }) => cells[column] ?? '') };
  const columns = classColumns(table);
  if (columns !== undefined) return { written: by((row) => classIn(row, columns)), names: columns.names };
  throw new GnSwapError('invalid-data', `it has ${width} columns, and none is named label`, {
    file: `${file.path}:1`,
    remedy: 'Name the columns in the first line: file,label',
  });
}

/** The name of a column that only tables of boxes have. */
export function boxColumn({ header }: Pick<FileTable, 'header'>): string | undefined {
  return header?.find((name) => BOX_HEADERS.test(name));
}

function requireNoBoxes(table: FileTable): void {
  const box = boxColumn(table);
  if (box === undefined) return;
  const { file } = table;
  throw new GnSwapError('invalid-data', `it is a table of boxes: it has a column ${box}`, {
    file: `${file.path}:1`,
    remedy: 'Use --task detect, or a table of file,label with a row for each picture',
    next: { set: { task: 'detect' } },
  });
}

/** A picture of two classes would be learned as both. */
function requireOneClass({ rows }: FileTable, labels: readonly number[], classes: readonly string[]): void {
  const known = new Map<string, { readonly label: number; readonly place: string }>();
  for (const [row, { file, place }] of rows.entries()) {
    const label = labels[row] as number;
    const other = known.get(file.path);
    if (other === undefined) known.set(file.path, { label, place });
    if (other === undefined || other.label === label) continue;
    const message = `${file.name} is ${JSON.stringify(classes[label])} here, and ${JSON.stringify(classes[other.label])} in line ${other.place.replace(/^.*:/, '')}`;
    throw new GnSwapError('invalid-data', message, {
      file: place,
      remedy: 'Remove one of the rows: a picture has one class',
    });
  }
}
