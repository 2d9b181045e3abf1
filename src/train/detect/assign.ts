/**
 * Which rows of a detector learn which objects.
 *
 * - Dense detectors, by task-aligned assignment (arXiv:2108.07755): of the rows inside an object, the ten whose score^0.5 · overlap^6 is
 *   largest; a row that several objects want goes to the one that it fits best. A row is inside if its cell's centre is, or, without a
 *   grid, the centre of the box that it predicts. An object that has no row inside gets the nearest ones.
 * - Sets (DETR, arXiv:2005.12872), one to one, at the least sum of costs.
 */
import type { Box } from '../../measure/boxes/box.ts';
import { fitOf } from './ciou.ts';
import { cheapestPairs } from './hungarian.ts';

/** An object to learn. */
export interface Wanted {
  readonly box: Box;
  readonly label: number;
}

/** A row that learns an object. */
export interface Assigned {
  readonly row: number;
  /** Position of the object. */
  readonly object: number;
  /** What the row's score should become, from 0 to 1. */
  readonly share: number;
}

/** What a detector says of one picture. */
export interface Predicted {
  readonly rows: number;
  boxOf(row: number): Box;
  /** From 0 to 1. */
  scoreOf(row: number, label: number): number;
}

/** Rows that learn one object. */
const MOST = 10;
/** Rows for an object that has none inside. */
const NEAREST = 3;
const SCORE_POWER = 0.5;
const FIT_POWER = 6;

interface Candidate {
  readonly row: number;
  readonly fit: number;
  readonly aligned: number;
}

/**
 * @param points x and y of the middle of each row's cell, one after the other; undefined without a grid
 * @param most rows that learn one object
 */
export function alignTasks(
  predicted: Predicted,
  objects: readonly Wanted[],
  points: ArrayLike<number> | undefined,
  most = MOST,
): Assigned[] {
  const places = points ?? middlesOf(predicted);
  const taken = new Map<number, { object: number; fit: number; aligned: number }>();
  for (const [object, { box, label }] of objects.entries()) {
    const candidates = rowsFor(box, places, predicted.rows).map((row): Candidate => {
      const fit = Math.max(0, fitOf(predicted.boxOf(row), box).ciou);
      return { row, fit, aligned: predicted.scoreOf(row, label) ** SCORE_POWER * fit ** FIT_POWER };
    });
    // Where nothing fits yet, as with fresh weights, the order is that of the rows.
    candidates.sort((a, b) => b.aligned - a.aligned || b.fit - a.fit || a.row - b.row);
    for (const { row, fit, aligned } of candidates.slice(0, most)) {
      const other = taken.get(row);
      if (other === undefined || other.fit < fit) taken.set(row, { object, fit, aligned });
    }
  }
  return withShares(taken, objects.length);
}

/** The best row of an object should score what its box overlaps, others in proportion. */
function withShares(
  taken: ReadonlyMap<number, { object: number; fit: number; aligned: number }>,
  objects: number,
): Assigned[] {
  const bestFit = new Float64Array(objects);
  const bestAligned = new Float64Array(objects);
  for (const { object, fit, aligned } of taken.values()) {
    bestFit[object] = Math.max(bestFit[object] as number, fit);
    bestAligned[object] = Math.max(bestAligned[object] as number, aligned);
  }
  return [...taken].map(([row, { object, aligned }]) => {
    const most = bestAligned[object] as number;
    const share = most > 0 ? (aligned / most) * (bestFit[object] as number) : 0;
    return { row, object, share: Math.max(share, LEAST_SHARE) };
  });
}

/** A share of 0 would leave a row without any pull towards its object. */
const LEAST_SHARE = 1e-3;

function middlesOf({ rows, boxOf }: Predicted): Float64Array {
  const middles = new Float64Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const [x1, y1, x2, y2] = boxOf(row);
    middles[2 * row] = (x1 + x2) / 2;
    middles[2 * row + 1] = (y1 + y2) / 2;
  }
  return middles;
}

function rowsFor([left, top, right, bottom]: Box, places: ArrayLike<number>, rows: number): number[] {
  const inside: number[] = [];
  for (let row = 0; row < rows; row++) {
    const [x, y] = [places[2 * row] as number, places[2 * row + 1] as number];
    if (x > left && x < right && y > top && y < bottom) inside.push(row);
  }
  if (inside.length > 0) return inside;
  const [cx, cy] = [(left + right) / 2, (top + bottom) / 2];
  const nearest: { row: number; distance: number }[] = [];
  for (let row = 0; row < rows; row++) {
    const distance = ((places[2 * row] as number) - cx) ** 2 + ((places[2 * row + 1] as number) - cy) ** 2;
    if (nearest.length === NEAREST && !(distance < (nearest.at(-1)?.distance ?? 0))) continue;
    nearest.push({ row, distance });
    nearest.sort((a, b) => a.distance - b.distance);
    nearest.length = Math.min(nearest.length, NEAREST);
  }
  return nearest.map(({ row }) => row);
}

/** Weights of DETR's costs: of the class, of the corners' distance, of the overlap. */
const COSTS = { score: 2, distance: 5, fit: 2 } as const;

/**
 * Pairs objects with rows one to one; of more objects than rows, the first ones.
 *
 * @param size of the picture, which distances are measured by
 */
export function matchSets(
  predicted: Predicted,
  objects: readonly Wanted[],
  size: { readonly width: number; readonly height: number },
): Assigned[] {
  const count = Math.min(objects.length, predicted.rows);
  const sides = [size.width, size.height, size.width, size.height];
  const costs = objects.slice(0, count).map(({ box, label }) =>
    Float64Array.from({ length: predicted.rows }, (_, row) => {
      const own = predicted.boxOf(row);
      const distance = own.reduce((sum, x, i) => sum + Math.abs(x - (box[i] as number)) / (sides[i] as number), 0);
      const cost =
        COSTS.distance * distance -
        COSTS.score * predicted.scoreOf(row, label) -
        COSTS.fit * Math.max(-2, fitOf(own, box).ciou);
      // A box that is not a number must not stop the search.
      return Number.isFinite(cost) ? cost : 1e9;
    }),
  );
  return cheapestPairs(count, predicted.rows, (object, row) => costs[object]?.[row] ?? 0).map((row, object) => ({
    row,
    object,
    share: 1,
  }));
}
