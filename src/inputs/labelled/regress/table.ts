/** Regression: a table of `file,value[,value…]`. */
import { GnSwapError } from '../../../errors.ts';
import { DataType } from '../../../onnx/data-type.ts';
import type { Value } from '../../../runtime/session.ts';
import { plural } from '../../../words.ts';
import { sizeOf } from '../../generated.ts';
import { fileSamples } from '../file-samples.ts';
import type { Layout } from '../layout.ts';
import { type FileTable, hasTable, readFileTable } from '../tables.ts';
import { type NumberOutput, numberOutputs, targetDims } from './outputs.ts';

/** Columns of the table that hold the numbers of an output, in their order. */
interface OutputColumns {
  readonly output: NumberOutput;
  readonly columns: readonly number[];
}

/**
 * `labels.csv` with or without a header. All columns but the file are numbers of the model's output, in their order. For a model with
 * several outputs the header names them: `file,age,pose[0],pose[1]`.
 */
export const numberTable: Layout = {
  expects: 'a table labels.csv of file,value[,value…]',
  matches: hasTable,
  async open(context) {
    const { model } = context;
    const table = readFileTable(context);
    const outputs = columnsOf(table, numberOutputs(model));
    const labelled = table.rows.map(({ file, cells, place }) => {
      const values = Object.fromEntries(
        outputs.map(({ output, columns }): [string, Value] => {
          const data = Float32Array.from(columns, (column) => numberOf(cells[column] ?? '', place));
          return [output.name, { type: DataType.FLOAT, dims: targetDims(output, columns.length, model), data }];
        }),
      );
      return { file, stratum: 0, target: () => ({ kind: 'values', values }) as const };
    });
    return { samples: await fileSamples(labelled, context) };
  },
};

/** The number in a cell. @throws GnSwapError `invalid-data` naming its line if it is none */
export function numberOf(cell: string, place: string): number {
  const value = cell === '' ? Number.NaN : Number(cell);
  if (Number.isFinite(Math.fround(value))) return value;
  throw new GnSwapError(
    'invalid-data',
    cell === ''
      ? 'a value is missing'
      : `${JSON.stringify(cell)} is ${Number.isFinite(value) ? 'too large for float32' : 'not a number'}`,
    {
      file: place,
      remedy: 'Write numbers with a decimal point, or remove the row',
    },
  );
}

function columnsOf(table: FileTable, outputs: readonly NumberOutput[]): OutputColumns[] {
  const { file, header, fileColumn, width } = table;
  const all = Array.from({ length: width }, (_, column) => column).filter((column) => column !== fileColumn);
  const [only] = outputs;
  const names = outputs.map(({ name }) => name);
  const named = outputs
    .map((output) => ({ output, columns: columnsNamed(header, all, output.name, names) }))
    .filter(({ columns }) => columns.length > 0);
  const place = `${file.path}:1`;
  const found =
    outputs.length === 1 && only !== undefined && named.length === 0
      ? [{ output: only, columns: numberColumns(table, all, only) }]
      : named;
  if (found.length === 0) {
    throw new GnSwapError('invalid-data', `no column is named after an output of the model (${names.join(', ')})`, {
      file: place,
      remedy: `Name the columns in the first line: file,${names.join(',')}`,
    });
  }
  for (const { output, columns } of found) requireCount(output, columns.length, place);
  return found;
}

/** All columns; or those of numbers alone, if there are remarks in others and as many numbers as the output has. */
function numberColumns({ header, rows }: FileTable, all: readonly number[], { dims }: NumberOutput): readonly number[] {
  if (header === undefined || dims === undefined || sizeOf({ dims }) === all.length) return all;
  const numbers = all.filter((column) => !rows.every(({ cells }) => isWord(cells[column] ?? '')));
  return sizeOf({ dims }) === numbers.length ? numbers : all;
}

/** Whether a cell holds no number; one that is empty may be of either kind. */
export function isWord(cell: string): boolean {
  return cell === '' || !Number.isFinite(Number(cell));
}

/**
 * The columns that are called `NAME`, or `NAME[0]`, `NAME[1]`, … in the order of these numbers: where names were sorted, `NAME[10]` is before
 * `NAME[2]`.
 *
 * @param names what columns may be called; `out.1` does not belong to `out` if it is one of them
 */
export function columnsNamed(
  header: readonly string[] | undefined,
  columns: readonly number[],
  name: string,
  names: readonly string[],
): number[] {
  const placed = columns.flatMap((column) => {
    const text = header?.[column] ?? '';
    if (text === name) return [{ column, place: -1 }];
    const [, own, place] = /^(.*)[.[](\d+)\]?$/s.exec(text) ?? [];
    return own === name && !names.includes(text) ? [{ column, place: Number(place) }] : [];
  });
  return placed.sort((a, b) => a.place - b.place).map(({ column }) => column);
}

function requireCount({ name, dims }: NumberOutput, count: number, place: string): void {
  const wanted = dims === undefined ? count : sizeOf({ dims });
  if (wanted === count) return;
  throw new GnSwapError(
    'invalid-data',
    `it has ${count} values in a row, and output ${JSON.stringify(name)} has ${plural(wanted, 'number')}`,
    {
      file: place,
      remedy:
        'Give a column for each number of the output, or name the columns after outputs: file,OUTPUT[0],OUTPUT[1]',
    },
  );
}
