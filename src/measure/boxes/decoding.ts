/** How a detector's numbers are to be read, from what the caller says, the graph, and the source's answers. */
import type { Values } from '../../runtime/session.ts';
import { pictureSize } from '../picture-size.ts';
import type { TaskOptions } from '../tasks/types.ts';
import type { Detection } from './box.ts';
import { gridReadingOf, isDistances } from './distances.ts';
import type { BoxFormat } from './formats.ts';
import type { Cell, GridReading } from './grid.ts';
import { bestOf, type Decoding, FOUND, gridOf, type Tables, tablesOf } from './read.ts';
import type { Roles } from './roles/types.ts';
import type { Table } from './table.ts';

/** Tells how to read a detector's numbers, from what the caller says, the graph, and the source's answers. */
export function decodingOf(values: Values, inputs: Values, roles: Roles, options: TaskOptions): Decoding | undefined {
  const tables = tablesOf(values, roles);
  if (tables === undefined) return undefined;
  const scoring = scoringOf(tables.scores, roles, options);
  const order = rankedRows(tables, roles, scoring);
  const rows = sample(tables, order);
  const cells = gridOf(tables, roles, inputs);
  const size = pictureSize(inputs);
  // Offsets to anchors, and what nothing is known of, may be distances from cells.
  const isUnknown = roles.format === undefined || roles.format === 'anchors';
  const isLtrb = isUnknown && roles.rows === 'anchors' && cells && size && isDistances(tables.boxes, cells, size);
  const format = options.boxFormat ?? (isLtrb ? 'ltrb' : roles.format) ?? formatOf(rows);
  const grid = cells && gridReading(format, tables.boxes, cells, order, roles, options);
  // A grid that does not fit says that these are no cells after all.
  const isCells = (options.boxUnit ?? (format === 'yolox' || format === 'ltrb' ? 'cells' : roles.unit)) === 'cells';
  const own = isCells && grid === undefined ? 'anchors' : format;
  return { ...scoring, format: own, grid, factors: own === 'anchors' ? variancesOf(rows) : [1, 1, 1, 1] };
}

/** How numbers count from cells; undefined if they do not. */
function gridReading(
  format: BoxFormat,
  boxes: Table,
  cells: readonly Cell[],
  order: readonly Ranked[],
  roles: Roles,
  { boxUnit, boxOffset }: TaskOptions,
): GridReading | undefined {
  if (format === 'ltrb') {
    const found = order.filter(({ score }) => score >= FOUND).slice(0, MOST_COMPARED);
    const said = { offset: boxOffset, isPixels: boxUnit === undefined ? undefined : boxUnit === 'pixels' };
    return gridReadingOf(boxes, cells, roles.boxes[0]?.bins ?? 1, found, said);
  }
  const isCells = (boxUnit ?? (format === 'yolox' ? 'cells' : roles.unit)) === 'cells';
  return isCells ? { offset: boxOffset ?? 0, isPixels: false } : undefined;
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

/** Of so many found boxes each two are compared. */
const MOST_COMPARED = 300;

type Ranked = Omit<Detection, 'box'>;

/** Rows of the first picture, best first. */
function rankedRows(
  { boxes, scores }: Tables,
  roles: Roles,
  scoring: Pick<Decoding, 'score' | 'background'>,
): Ranked[] {
  const rows = Array.from({ length: boxes.rows }, (_, place): Ranked => {
    return { place, ...(scores === undefined ? { score: 0, label: 0 } : bestOf(scores, 0, place, roles, scoring)) };
  });
  return rows.sort((a, b) => b.score - a.score);
}

function sample({ boxes }: Tables, order: readonly Ranked[]): number[][] {
  const best = order.slice(0, TOLD_FROM);
  const least = (best[0]?.score ?? 0) / 2;
  const sure = best.filter(({ score }) => score >= least);
  return sure.map(({ place }) => [0, 1, 2, 3].map((column) => boxes.at(0, place, column)));
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
