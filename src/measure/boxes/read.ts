/** Outputs of a detector → what it found in each picture. */

import type { Values } from '../../runtime/session.ts';
import { pictureSize } from '../picture-size.ts';
import type { TaskOptions } from '../tasks/types.ts';
import type { Detection } from './box.ts';
import { type BoxFormat, cornersOf } from './formats.ts';
import { type Cell, cellsOf } from './grid.ts';
import type { Roles } from './roles/types.ts';
import { stacked, type Table, tableOf } from './table.ts';

/** What counts as found, as in Ultralytics' and YOLOX' programs. */
export const FOUND = 0.25;

/** How the numbers of a detector are to be read. Told from the source's first answers, and the same for both models. */
export interface Decoding {
  readonly format: BoxFormat;
  /** Whether coordinates count cells of the grid. */
  readonly isCells: boolean;
  /** What the four numbers are multiplied by before they are decoded, as anchors' variances are. */
  readonly factors: readonly number[];
  readonly score: 'probability' | 'sigmoid' | 'softmax' | 'none';
  /** The class that means nothing was found. */
  readonly background: number | undefined;
}

interface Tables {
  readonly boxes: Table;
  readonly scores: Table | undefined;
  readonly labels: Table | undefined;
  readonly pictures: Table | undefined;
}

function tablesOf(values: Values, roles: Roles): Tables | undefined {
  const all = (list: Roles['boxes']) => {
    const tables = list.map((columns) => tableOf(values, columns));
    return tables.every((it) => it !== undefined) ? stacked(tables) : undefined;
  };
  const boxes = all(roles.boxes);
  if (boxes === undefined) return undefined;
  const of = (columns: Roles['labels']) => columns && tableOf(values, columns);
  return { boxes, scores: all(roles.scores), labels: of(roles.labels), pictures: of(roles.pictures) };
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
  const cells = decoding.isCells ? gridFor(boxes.rows, inputs) : undefined;
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
        box: cornersOf(decoding.format, numbers, cells?.[row]),
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

function gridFor(rows: number, inputs: Values): Cell[] | undefined {
  const size = pictureSize(inputs);
  return size && cellsOf(rows, size.height, size.width);
}

function bestOf(
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

/** Tells how to read a detector's numbers, from what the caller says, the graph, and the source's answers. */
export function decodingOf(values: Values, inputs: Values, roles: Roles, options: TaskOptions): Decoding | undefined {
  const tables = tablesOf(values, roles);
  if (tables === undefined) return undefined;
  const scoring = scoringOf(tables.scores, roles, options);
  const rows = sample(tables, roles, scoring);
  const format = options.boxFormat ?? roles.format ?? formatOf(rows);
  // A grid that does not fit says that these are no cells after all.
  const isCells = (options.boxUnit ?? (format === 'yolox' ? 'cells' : roles.unit)) === 'cells';
  const hasGrid = isCells && gridFor(tables.boxes.rows, inputs) !== undefined;
  const own = isCells && !hasGrid ? 'anchors' : format;
  return { ...scoring, format: own, isCells: hasGrid, factors: own === 'anchors' ? variancesOf(rows) : [1, 1, 1, 1] };
}

function scoringOf(
  scores: Table | undefined,
  { kind, background, rows: of, objectness }: Roles,
  { scoreKind }: TaskOptions,
): Pick<Decoding, 'score' | 'background'> {
  if (scores === undefined) return { score: 'none', background: undefined };
  const facts = factsOf(scores);
  const isProbability = (scoreKind ?? kind) === 'probability' || ((scoreKind ?? kind) === undefined && facts.isUnit);
  if (isProbability) {
    return { score: 'probability', background: background && scores.columns > 1 ? facts.background : undefined };
  }
  // Logits of a Softmax are as often above 0 as below; those of a Sigmoid are far below it where nothing was found.
  // Of two columns, one of which is above 0 more often than not whatever they are, nearly all rows have to say so.
  const most = scores.columns > 2 ? 0.5 : 0.9;
  const isSoftmax = of === 'anchors' && !objectness && scores.columns > 1 && facts.positive > most;
  return { score: isSoftmax ? 'softmax' : 'sigmoid', background: isSoftmax ? facts.background : undefined };
}

/**
 * Whether all are from 0 to 1, the share of rows whose largest is above 0, and the class that is the background if there is one: the first or
 * the last, whichever is largest more often. In a picture of a crowd, any other may be largest most often.
 */
function factsOf(scores: Table): { isUnit: boolean; positive: number; background: number } {
  let [isUnit, positive] = [true, 0];
  const wins = new Array<number>(scores.columns).fill(0);
  for (let row = 0; row < scores.rows; row++) {
    let best = 0;
    for (let column = 0; column < scores.columns; column++) {
      const value = scores.at(0, row, column);
      if (!(value >= -1e-3 && value <= 1 + 1e-3)) isUnit = false;
      if (value > scores.at(0, row, best)) best = column;
    }
    if (scores.at(0, row, best) > 0) positive++;
    wins[best] = (wins[best] as number) + 1;
  }
  const share = scores.rows === 0 ? 0 : positive / scores.rows;
  const [first = 0, last = 0] = [wins[0], wins.at(-1)];
  return { isUnit, positive: share, background: first >= last ? 0 : scores.columns - 1 };
}

/** Rows to tell a format from: those with about the best score, as others may hold anything. */
const TOLD_FROM = 100;

function sample({ boxes, scores }: Tables, roles: Roles, scoring: Pick<Decoding, 'score' | 'background'>): number[][] {
  const order = Array.from({ length: boxes.rows }, (_, row) => ({
    row,
    score: scores === undefined ? 0 : bestOf(scores, 0, row, roles, scoring).score,
  }));
  const best = order.sort((a, b) => b.score - a.score).slice(0, TOLD_FROM);
  const least = (best[0]?.score ?? 0) / 2;
  const sure = best.filter(({ score }) => score >= least);
  return sure.map(({ row }) => [0, 1, 2, 3].map((column) => boxes.at(0, row, column)));
}

/** Corners if nearly all rows could be: a centre in their place would mean that most boxes are larger than their distance from 0. */
function formatOf(rows: readonly number[][]): BoxFormat {
  const corners = rows.filter(([a = 0, b = 0, c = 0, d = 0]) => c >= a && d >= b);
  return corners.length >= 0.9 * rows.length ? 'xyxy' : 'cxcywh';
}

/** Offsets of more than an anchor's size are in units of the usual variances 0.1 and 0.2 (SSD, arXiv:1512.02325). */
function variancesOf(rows: readonly number[][]): readonly number[] {
  const offsets = rows.flatMap(([x = 0, y = 0]) => [Math.abs(x), Math.abs(y)]).sort((a, b) => a - b);
  const large = offsets[Math.floor(0.9 * offsets.length)] ?? 0;
  return large > 1.5 ? [0.1, 0.1, 0.2, 0.2] : [1, 1, 1, 1];
}
