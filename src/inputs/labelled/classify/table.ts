/** Classification: a table of `file,label`. */
import { GnSwapError } from '../../../errors.ts';
import { requireSeveral, resolveLabels } from '../classes.ts';
import type { Layout } from '../layout.ts';
import { pictureSamples } from '../pictures.ts';
import { type FileTable, hasTable, readFileTable } from '../tables.ts';

/** Names of the column that holds a class. */
export const LABEL_HEADERS = /^(label|labels|class|classes|class_?(name|id)|category|target|y)$/i;

/** `labels.csv` with or without a header; labels are names or numbers. */
export const classTable: Layout = {
  expects: 'a table labels.csv of file,label',
  matches: hasTable,
  async open(context) {
    const table = readFileTable(context);
    const column = labelColumn(table);
    const { classes, labels } = resolveLabels(
      table.rows.map(({ cells, place }) => ({ text: cells[column] ?? '', place })),
      context.options,
    );
    requireSeveral(labels, classes, table.file.path, context.options);
    const labelled = table.rows.map(({ file }, row) => {
      const label = labels[row] as number;
      return { file, stratum: label, target: () => ({ kind: 'class', label }) as const };
    });
    return { classes, samples: await pictureSamples(labelled, context) };
  },
};

function labelColumn({ file, header, fileColumn, width }: FileTable): number {
  const named = header?.findIndex((name) => LABEL_HEADERS.test(name)) ?? -1;
  if (named >= 0) return named;
  if (width === 2) return 1 - fileColumn;
  throw new GnSwapError('invalid-data', `it has ${width} columns, and none is named label`, {
    file: `${file.path}:1`,
    remedy: 'Name the columns in the first line: file,label',
  });
}
