/** Boxes in a picture, and how much two of them overlap. */

/** Corners: left, top, right, bottom. Any unit, as long as both boxes have the same. */
export type Box = readonly [number, number, number, number];

/** Something that a detector found. */
export interface Detection {
  readonly box: Box;
  /** From 0 to 1; NaN if the model gives none. */
  readonly score: number;
  readonly label: number;
  /** Row or anchor that it was read from. */
  readonly place: number;
}

/** Intersection over union, from 0 to 1. Two boxes without an area overlap only if they are the same. */
export function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const both = Math.max(0, width) * Math.max(0, height);
  const either = areaOf(a) + areaOf(b) - both;
  if (either > 0) return both / either;
  return a.every((corner, index) => corner === b[index]) ? 1 : 0;
}

/** The share of a box that lies within another one, from 0 to 1. */
export function coveredOf(box: Box, by: Box): number {
  const width = Math.min(box[2], by[2]) - Math.max(box[0], by[0]);
  const height = Math.min(box[3], by[3]) - Math.max(box[1], by[1]);
  const area = areaOf(box);
  return area > 0 ? (Math.max(0, width) * Math.max(0, height)) / area : 0;
}

function areaOf([left, top, right, bottom]: Box): number {
  return Math.max(0, right - left) * Math.max(0, bottom - top);
}
