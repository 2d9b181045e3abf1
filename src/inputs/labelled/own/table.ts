/** A loss of one's own: a table of pictures, with a column for each input that the loss has beside the outputs of the model. */
import { GnSwapError } from '../../../errors.ts';
import { DataType } from '../../../onnx/data-type.ts';
import type { Value } from '../../../runtime/session.ts';
import { sizeOf } from '../../generated.ts';
import { classTable } from '../classify/table.ts';
import { fileSamples } from '../file-samples.ts';
import type { Layout } from '../layout.ts';
import { columnsNamed, numberOf } from '../regress/table.ts';
import { type FileTable, hasTable, readFileTable } from '../tables.ts';
import { requireOne } from './labels.ts';
import { dimsOf, fitTargets, requireNoClasses, targetsModel, type WantedInput, wantedInputs } from './names.ts';

/**
 * `file,wanted[0],wanted[1],weight`: the numbers of each input in their order. Columns of other names are passed over. If no column is named
 * after an input, `file,label` gives the class.
 */
export const ownTable: Layout = {
  expects: 'a table file,INPUT,… with a column for each further input of the loss',
  matches: hasTable,
  async open(context) {
    const targets = targetsModel(context.options);
    const table = readFileTable(context);
    const wanted = wantedInputs(targets);
    const isNamed = wanted.some((input) => columnsOf(table, input, wanted).length > 0);
    const [only] = wanted;
    const areNumbers = only?.isFloat === true && hasFractions(table);
    if (!isNamed && wanted.length === 1 && table.width === 2 && !areNumbers) {
      requireOne(context, 'a table file,label');
      return classTable.open(context);
    }
    requireNoClasses(context);
    const columns = (input: WantedInput) =>
      areNumbers && !isNamed && table.width === 2 ? soleColumn(table, input) : requireColumns(table, input, wanted);
    const inputs = wanted.map((input) => ({ input, columns: columns(input) }));
    const labelled = table.rows.map(({ file, cells, place }) => {
      const given = inputs.map(({ input, columns }): [string, Value] => {
        const data = Float64Array.from(columns, (column) => numberOf(cells[column] ?? '', place));
        if (!input.isFloat) requireWhole(data, place);
        const type = input.isFloat ? DataType.DOUBLE : DataType.INT32;
        return [
          input.name,
          { type, dims: dimsOf(input, data.length), data: input.isFloat ? data : Int32Array.from(data) },
        ];
      });
      const values = fitTargets(targets, Object.fromEntries(given), place);
      return { file, stratum: 0, target: () => ({ kind: 'values', values }) as const };
    });
    return { samples: await fileSamples(labelled, context) };
  },
};

/** Fractions can't be classes, so they are the numbers themselves. */
function hasFractions({ rows, fileColumn }: FileTable): boolean {
  const cells = rows.map((row) => Number(row.cells[1 - fileColumn] || Number.NaN));
  return cells.every(Number.isFinite) && !cells.every(Number.isInteger);
}

/** The one column beside the files, for an input of one number. */
function soleColumn(table: FileTable, input: WantedInput): number[] {
  return (numbersOf(input) ?? 1) === 1 ? [1 - table.fileColumn] : requireColumns(table, input, [input]);
}

function columnsOf(
  { header, fileColumn, width }: FileTable,
  { name }: WantedInput,
  wanted: readonly WantedInput[],
): number[] {
  const all = Array.from({ length: width }, (_, column) => column).filter((column) => column !== fileColumn);
  const names = wanted.map((it) => it.name);
  return columnsNamed(header, all, name, names);
}

function requireColumns(table: FileTable, input: WantedInput, wanted: readonly WantedInput[]): number[] {
  const columns = columnsOf(table, input, wanted);
  const file = `${table.file.path}:1`;
  const remedy = `Name the columns in the first line: file,${wanted.map(columnNames).join(',')}`;
  if (columns.length === 0) {
    throw new GnSwapError('invalid-data', `no column is named after the loss's input ${input.text}`, { file, remedy });
  }
  const each = numbersOf(input);
  if (each !== undefined && each !== columns.length) {
    const message = `it has ${columns.length} columns for the loss's input ${input.text}, which takes ${each} numbers`;
    throw new GnSwapError('invalid-data', message, { file, remedy });
  }
  return columns;
}

/** How many numbers one sample has; undefined if the loss does not tell. */
function numbersOf({ dims }: WantedInput): number | undefined {
  const rest = dims?.slice(1);
  return rest?.every((dim) => dim !== undefined) ? sizeOf({ dims: rest }) : undefined;
}

/** `weight`, or `wanted[0],wanted[1]`; of many numbers the first two. */
function columnNames(input: WantedInput): string {
  const count = numbersOf(input) ?? 1;
  if (count === 1) return input.name;
  const all = Array.from({ length: Math.min(count, 2) }, (_, index) => `${input.name}[${index}]`);
  return [...all, ...(count > 2 ? ['…'] : [])].join(',');
}

function requireWhole(numbers: Float64Array, place: string): void {
  const broken = numbers.find((it) => !Number.isInteger(it) || Math.abs(it) > 2 ** 31 - 1);
  if (broken === undefined) return;
  throw new GnSwapError('invalid-data', `${broken} is not a whole number, and the loss takes whole numbers`, {
    file: place,
    remedy: 'Correct the number, or give the input of the loss the type float32',
  });
}
