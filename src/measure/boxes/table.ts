/** Outputs of detectors as tables: a row for each anchor or box of a picture. */
import { numbersOf, type Value } from '../../runtime/session.ts';
import { meanOfBins } from './bins.ts';

/**
 * How an output holds its table. Letters stand for its axes: n pictures, r rows, c columns. `maps` is [n, anchors · columns,
 * height, width]; `halves` is the same with two columns, all anchors' first ones before all second ones, of which only the
 * second counts.
 */
export type Layout = 'r' | 'rc' | 'nr' | 'nrc' | 'ncr' | 'maps' | 'halves';

/** Where to find a table. */
export interface Columns {
  readonly output: string;
  readonly layout: Layout;
  readonly from: number;
  readonly to: number;
  /** Of maps: columns of one anchor. */
  readonly each?: number;
  /** Of boxes: how many columns stand for one number, as a distribution over 0, 1, 2 …; 1. */
  readonly bins?: number;
}

export interface Table {
  readonly pictures: number;
  readonly rows: number;
  readonly columns: number;
  at(picture: number, row: number, column: number): number;
}

/** Where the numbers of a table are in its output. */
export interface Places extends Omit<Table, 'at'> {
  place(picture: number, row: number, column: number): number;
  /** How far apart the columns of a row are. */
  readonly step: number;
}

/** Reads a table; undefined if the output is not there, or has another rank. */
export function tableOf(values: Readonly<Record<string, Value>>, columns: Columns): Table | undefined {
  const value = values[columns.output];
  const numbers = value && numbersOf(value);
  const places = value && placesOf(value.dims, columns);
  if (numbers === undefined || places === undefined) return undefined;
  const { place, step, ...sizes } = places;
  const { bins = 1 } = columns;
  if (bins === 1) {
    return { ...sizes, at: (picture, row, column) => numbers[place(picture, row, column)] as number };
  }
  const own = new Float64Array(bins);
  return {
    ...sizes,
    columns: sizes.columns / bins,
    at(picture, row, column) {
      const first = place(picture, row, column * bins);
      for (let bin = 0; bin < bins; bin++) own[bin] = numbers[first + bin * step] as number;
      return meanOfBins(own);
    },
  };
}

/** Finds the numbers of a table in an output of those dimensions, bins by themselves; undefined if it has another rank. */
export function placesOf(dims: readonly number[], { layout, from, to, each = 1 }: Columns): Places | undefined {
  if (dims.length !== RANKS[layout]) return undefined;
  const [a = 1, b = 1, c = 1, d = 1] = dims;
  const width = to - from;
  const sizes = (pictures: number, rows: number) => ({ pictures, rows, columns: width });
  switch (layout) {
    case 'r':
      return { pictures: 1, rows: a, columns: 1, step: 1, place: (_, row) => row };
    case 'rc':
      return { pictures: 1, rows: a, columns: width, step: 1, place: (_, row, column) => row * b + from + column };
    case 'nr':
      return { pictures: a, rows: b, columns: 1, step: 1, place: (picture, row) => picture * b + row };
    case 'nrc':
      return { ...sizes(a, b), step: 1, place: (n, row, column) => (n * b + row) * c + from + column };
    case 'ncr':
      return { ...sizes(a, c), step: c, place: (n, row, column) => (n * b + from + column) * c + row };
    case 'halves': {
      const half = (b * c * d) / 2;
      return { pictures: a, rows: half, columns: 1, step: 1, place: (n, row) => (2 * n + 1) * half + row };
    }
    case 'maps': {
      const area = c * d;
      const place = (n: number, row: number, column: number) =>
        (n * b + Math.floor(row / area) * each + from + column) * area + (row % area);
      return { ...sizes(a, (b / each) * area), step: area, place };
    }
  }
}

const RANKS: Readonly<Record<Layout, number>> = { r: 1, rc: 2, nr: 2, nrc: 3, ncr: 3, maps: 4, halves: 4 };

/** Tables one below the other, as detectors with an output for each level have them. */
export function stacked(tables: readonly Table[]): Table | undefined {
  const [first, ...others] = tables;
  if (first === undefined || others.length === 0) return first;
  const ends: number[] = [];
  for (const { rows } of tables) ends.push((ends.at(-1) ?? 0) + rows);
  const at = (picture: number, row: number, column: number) => {
    const level = ends.findIndex((end) => row < end);
    return tables[level]?.at(picture, row - (ends[level - 1] ?? 0), column) ?? Number.NaN;
  };
  return { pictures: first.pictures, rows: ends.at(-1) ?? 0, columns: first.columns, at };
}
