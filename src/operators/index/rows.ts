/**
 * Adds rows where an index says, the transpose of Gather.
 *
 * ONNX Runtime's ScatterND with reduction `add` is fast, and wrong where an index comes twice and several threads work (measured:
 * an error of 3.5 on sums of five numbers, 4 threads); ScatterElements is right, on one thread. So
 * 1. indices that are known and come in a run are padding;
 * 2. other known ones are a Gather: each row fetches what was read from it, a row of zeros standing in where it was read less often;
 * 3. computed ones, and known ones of which (2) would fetch too much, are ScatterElements.
 */
import type { GradientContext } from '../gradient-rule.ts';
import { padAxis, reshapeTo, zerosOf } from '../shaping.ts';

/** More fetched rows than this for each that was read, and (2) does more work than (3). */
const MOST_FETCHED = 16;

/** What was read: along an axis of `dim` rows, `count` of them. */
export interface Read {
  readonly axis: number;
  /** Dimensions of what it was read from. */
  readonly dims: readonly number[];
  /** Element type donor: a value whose type the result has. */
  readonly like: string;
  readonly count: number;
  /** The rows, not negative, if they are the same in every run. */
  readonly known: readonly number[] | undefined;
  /** Name of the rows as int64 of dimensions [count], negative ones counted from the end or not. */
  computed(): string;
}

/** @param updates of the dimensions of what was read from, with `count` in place of `dim` at the axis */
export function addRows(g: GradientContext, updates: string, read: Read): string {
  const { axis, dims, known, count } = read;
  const dim = dims[axis] as number;
  const [start] = known ?? [];
  if (known !== undefined && start !== undefined && known.every((row, place) => row === start + place)) {
    return padAxis(g, updates, dims.toSpliced(axis, 1, count), axis, start, dim - start - count);
  }
  const places = known && placesOf(known, dim);
  const most = places?.reduce((longest, list) => Math.max(longest, list.length), 0) ?? 0;
  if (places !== undefined && most * dim <= MOST_FETCHED * count) return fetched(g, updates, read, places, most);
  const across = dims.map((_, at) => (at === axis ? count : 1));
  const rows = known === undefined ? read.computed() : g.ints(known);
  const spread = g.op('Expand', [reshapeTo(g, rows, across), g.ints(dims.toSpliced(axis, 1, count))]);
  return g.op('ScatterElements', [zerosOf(g, dims, g.type(read.like)), spread, updates], { axis, reduction: 'add' });
}

/** For each row, the places at which it was read. */
function placesOf(rows: readonly number[], dim: number): number[][] {
  const places = Array.from({ length: dim }, (): number[] => []);
  for (const [place, row] of rows.entries()) places[row]?.push(place);
  return places;
}

function fetched(
  g: GradientContext,
  updates: string,
  { axis, dims, count }: Read,
  places: readonly (readonly number[])[],
  most: number,
): string {
  const isFull = places.every((list) => list.length === most);
  const source = isFull ? updates : padAxis(g, updates, dims.toSpliced(axis, 1, count), axis, 0, 1);
  const order = places.flatMap((list) => Array.from({ length: most }, (_, at) => list[at] ?? count));
  const rows = g.op('Gather', [source, g.ints(order)], { axis });
  if (most === 1) return rows;
  const apart = reshapeTo(g, rows, dims.toSpliced(axis, 1, places.length, most));
  return g.op('ReduceSum', [apart, g.ints([axis + 1])], { keepdims: 0 });
}
