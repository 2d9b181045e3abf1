/** Outputs of a detector → what it found in each picture. */

import type { Values } from '../../runtime/session.ts';
import { pictureSize } from '../picture-size.ts';
import type { Detection } from './box.ts';
import { type BoxFormat, cornersOf } from './formats.ts';
import { anchorsAt, type Cell, cellsOfLevels, type GridReading } from './grid.ts';
import type { Roles } from './roles/types.ts';
import { stacked, type Table, tableOf } from './table.ts';

/** What counts as found, as in Ultralytics' and YOLOX' programs. */
export const FOUND = 0.25;

/** How the numbers of a detector are to be read. Told from the source's first answers, and the same for both models. */
export interface Decoding {
  readonly format: BoxFormat;
  /** If coordinates count from cells: where in a cell, and in what. */
  readonly grid: GridReading | undefined;
  /** What the four numbers are multiplied by before they are decoded, as anchors' variances are. */
  readonly factors: readonly number[];
  readonly score: 'probability' | 'sigmoid' | 'softmax' | 'none';
  /** The class that means nothing was found. */
  readonly background: number | undefined;
}

/** What a detector's outputs hold, one level below the other. */
export interface Tables {
  readonly boxes: Table;
  /** Boxes, level by level. */
  readonly levels: readonly Table[];
  readonly scores: Table | undefined;
  readonly labels: Table | undefined;
  readonly pictures: Table | undefined;
}

/** Reads the tables of roles; undefined if an output has another shape than its role asks for. */
export function tablesOf(values: Values, roles: Roles): Tables | undefined {
  const all = (list: Roles['boxes']) => {
    const tables = list.map((columns) => tableOf(values, columns));
    return tables.every((it) => it !== undefined) ? tables : [];
  };
  const levels = all(roles.boxes);
  const boxes = stacked(levels);
  if (boxes === undefined) return undefined;
  const of = (columns: Roles['labels']) => columns && tableOf(values, columns);
  const scores = stacked(all(roles.scores));
  return { boxes, levels, scores, labels: of(roles.labels), pictures: of(roles.pictures) };
}

/** What a detector answered. */
export interface Found {
  /** One list for each picture. */
  readonly pictures: readonly (readonly Detection[])[];
  /** The largest score of all rows, be it large enough to count or not; NaN if the model gives none. */
  readonly top: number;
}

/** Reads what was found in each picture; undefined if an output has another shape than its role asks for. */
export function detectionsOf(values: Values, inputs: Values, roles: Roles, decoding: Decoding): Found | undefined {
  const tables = tablesOf(values, roles);
  if (tables === undefined) return undefined;
  let top = tables.scores === undefined ? Number.NaN : 0;
  const { boxes, scores, labels, pictures } = tables;
  const cells = decoding.grid && gridOf(tables, roles, inputs);
  const anchors = cells && decoding.grid && anchorsAt(cells, decoding.grid);
  const lists: Detection[][] = Array.from({ length: boxes.pictures }, () => []);
  for (let picture = 0; picture < boxes.pictures; picture++) {
    for (let row = 0; row < boxes.rows; row++) {
      const best = scores && bestOf(scores, picture, row, roles, decoding);
      if (best !== undefined) {
        if (best.score > top) top = best.score;
        if (!(best.score >= FOUND)) continue;
      }
      const numbers = decoding.factors.map((factor, column) => factor * boxes.at(picture, row, column));
      const label = labels?.at(picture, row, 0) ?? best?.label ?? 0;
      const detection = {
        box: cornersOf(decoding.format, numbers, anchors?.[row]),
        score: best?.score ?? Number.NaN,
        label,
        place: row,
      };
      const own = pictures === undefined ? picture : pictures.at(picture, row, 0);
      lists[own] ??= [];
      lists[own]?.push(detection);
    }
  }
  return { pictures: lists, top };
}

/** The cell of each row, if rows are the cells of usual grids over the picture. */
export function gridOf({ levels }: Pick<Tables, 'levels'>, { boxes }: Roles, inputs: Values): Cell[] | undefined {
  const size = pictureSize(inputs);
  const counts = levels.map(({ rows }) => rows);
  return size && cellsOfLevels(counts, size.height, size.width, boxes[0]?.layout === 'maps');
}

/** The best class of a row, and its score from 0 to 1. */
export function bestOf(
  scores: Table,
  picture: number,
  row: number,
  { objectness }: Pick<Roles, 'objectness'>,
  { score: kind, background }: Pick<Decoding, 'score' | 'background'>,
): { score: number; label: number } {
  const first = objectness ? 1 : 0;
  let [best, label] = [Number.NEGATIVE_INFINITY, 0];
  for (let column = first; column < scores.columns; column++) {
    const value = scores.at(picture, row, column);
    if (column - first === background || !(value > best)) continue;
    best = value;
    label = column - first;
  }
  const share = (value: number) => (kind === 'sigmoid' ? 1 / (1 + Math.exp(-value)) : value);
  const score = kind === 'softmax' ? softmaxOf(best, scores, picture, row, first) : share(best);
  return { score: objectness ? score * share(scores.at(picture, row, 0)) : score, label };
}

/** The share of a value among those of its row, from the largest of them down, as the exponential of a large number is none. */
function softmaxOf(value: number, scores: Table, picture: number, row: number, first: number): number {
  let [top, total] = [Number.NEGATIVE_INFINITY, 0];
  for (let column = first; column < scores.columns; column++) top = Math.max(top, scores.at(picture, row, column));
  for (let column = first; column < scores.columns; column++) total += Math.exp(scores.at(picture, row, column) - top);
  return Math.exp(value - top) / total;
}
