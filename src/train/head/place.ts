/** Where the numbers of classes lie in a value. */

/**
 * Along `axis` lie blocks of `block` numbers, and in each block `count` of classes from `at` on. A layer with 3 anchors, each with 5 other
 * numbers and 80 classes, has an axis of 255: blocks of 85, 80 from the fifth on.
 */
export interface Place {
  readonly axis: number;
  /** Of the whole axis. */
  readonly size: number;
  readonly block: number;
  readonly at: number;
  readonly count: number;
}

/** The axis when each block has so many more classes. */
export function sizeAfter({ size, block }: Place, more: number): number {
  return (size / block) * (block + more);
}

/** Whether the axis is one block. */
export function isWhole({ size, block }: Place): boolean {
  return size === block;
}

/**
 * Follows a place through a reshape; undefined if the blocks do not stay together.
 *
 * The classes of a detector of one class have no axis before the reshape that gives them one: [1, anchors, H, W] → [1, rows, 1]. So blocks of
 * one number go to an axis of 1 if there is one, and stay where the anchors are if not.
 *
 * @param from dimensions before
 * @param to dimensions after
 * @param splits whether the axis may be split into blocks, which needs sizes that can be written anew
 */
export function reshaped(
  place: Place,
  from: readonly number[],
  to: readonly number[],
  splits = true,
): Place | undefined {
  const group = groupOf(place.axis, from, to);
  if (group === undefined) return undefined;
  const after = product(from.slice(place.axis + 1, group.fromEnd));
  const isSplit = splits && place.block === 1;
  const toEnd = group.toEnd + (isSplit ? Math.max(0, onesAt(to, group.toEnd) - onesAt(from, group.fromEnd)) : 0);
  let best: Place | undefined;
  for (let axis = group.toStart; axis < toEnd; axis++) {
    const size = to[axis] as number;
    const isKept = product(to.slice(axis + 1, toEnd)) === after && size % place.block === 0 && size > 0;
    const isBetter = best === undefined || (isSplit ? best.size > 1 && size === 1 : size > best.size);
    if (isKept && isBetter) best = { ...place, axis, size };
  }
  return best;
}

/** How many dimensions of 1 follow each other from there on. */
function onesAt(dims: readonly number[], start: number): number {
  const end = dims.findIndex((dim, axis) => axis >= start && dim !== 1);
  return (end < 0 ? dims.length : end) - start;
}

interface Group {
  readonly fromEnd: number;
  readonly toStart: number;
  readonly toEnd: number;
}

/** The smallest run of dimensions around an axis that another run of the same product takes the place of. */
function groupOf(axis: number, from: readonly number[], to: readonly number[]): Group | undefined {
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const toStart = j;
    let [a, b] = [from[i++] ?? 1, to[j++] ?? 1];
    while (a !== b) {
      if (a < b && i < from.length) a *= from[i++] as number;
      else if (b < a && j < to.length) b *= to[j++] as number;
      else return undefined;
    }
    // Dimensions of 1 behind it belong to it, if nothing else follows.
    if (from.slice(i).every((dim) => dim === 1) && to.slice(j).every((dim) => dim === 1)) {
      i = from.length;
      j = to.length;
    }
    if (axis < i) return { fromEnd: i, toStart, toEnd: j };
  }
  return undefined;
}

function product(dims: readonly number[]): number {
  return dims.reduce((result, dim) => result * dim, 1);
}
