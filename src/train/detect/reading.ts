/** Outputs of a detector ↔ boxes in pixels and scores, and gradients of these back to the outputs. */
import { GnSwapError } from '../../errors.ts';
import { gradientOfBins, meanOfBins } from '../../measure/boxes/bins.ts';
import type { Box } from '../../measure/boxes/box.ts';
import { type BoxFormat, cornersOf } from '../../measure/boxes/formats.ts';
import type { Anchor, GridReading } from '../../measure/boxes/grid.ts';
import { type Columns, type Places, placesOf } from '../../measure/boxes/table.ts';
import { numbersOf, type Value, type Values } from '../../runtime/session.ts';
import { plural } from '../../words.ts';

/** How four numbers become corners in pixels. */
export interface BoxReading {
  readonly boxes: readonly Columns[];
  readonly scores: readonly Columns[];
  readonly format: BoxFormat;
  /** Of each row, what its numbers count from: the middle and the sides of an anchor (arXiv:1506.01497, equation 2), or a point of a cell. */
  readonly anchors?: readonly Anchor[] | undefined;
  /** If they count from cells: where in a cell, and in what. */
  readonly grid?: GridReading | undefined;
  /** x and y of where each row stands, one after the other, if rows stand on a grid. */
  readonly points?: readonly number[] | undefined;
  /** What the four numbers are multiplied by before they are decoded. */
  readonly factors: readonly number[];
  /** What x and y are multiplied by to become pixels. */
  readonly scale: readonly [number, number];
}

/** Numbers of a detector, picture by picture and row by row. */
export interface Answered {
  readonly pictures: number;
  readonly rows: number;
  /** Of scores. */
  readonly columns: number;
  /** Corners in pixels: [pictures, rows, 4]. */
  readonly boxes: Float64Array;
  /** As the model gives them: [pictures, rows, columns]. */
  readonly scores: Float64Array;
}

/** Reads what a detector answered. @throws GnSwapError `invalid-arguments` if an output has not the shape that was named */
export function answeredOf(values: Values, reading: BoxReading): Answered {
  const boxes = levelsOf(values, reading.boxes);
  const scores = levelsOf(values, reading.scores);
  const [{ pictures }] = boxes.levels;
  const { rows } = boxes;
  const columns = scores.levels[0].columns;
  const names = [...reading.boxes, ...reading.scores].map(({ output }) => output).join(' and ');
  const apart = (what: string) =>
    new GnSwapError('invalid-arguments', `${what} of scores in ${names}`, {
      node: '--boxes',
      remedy: 'Name outputs that belong together with --boxes and --scores',
    });
  if (scores.rows !== rows) throw apart(`${rows} rows of boxes and ${scores.rows}`);
  const other = [...boxes.levels, ...scores.levels].find((it) => it.pictures !== pictures);
  if (other !== undefined)
    throw apart(`tables of ${pictures} and of ${plural(other.pictures, 'picture')}, of boxes or`);
  const answered = {
    pictures,
    rows,
    columns,
    boxes: new Float64Array(pictures * rows * 4),
    scores: new Float64Array(pictures * rows * columns),
  };
  readRows(scores.levels, columns, answered.scores);
  const raw = rawBoxes(boxes, reading, pictures);
  const bins = binsOf(reading);
  const four = [0, 0, 0, 0];
  for (let row = 0; row < pictures * rows; row++) {
    fourOf(raw, row, bins, four);
    decode(reading, row % rows, four, answered.boxes, 4 * row);
  }
  return answered;
}

/** Columns for one number of a box. */
function binsOf({ boxes: [first] }: BoxReading): number {
  return first?.bins ?? 1;
}

/** Numbers of boxes as the outputs hold them: [pictures, rows, 4 · bins]. */
function rawBoxes({ levels, rows }: Levels, reading: BoxReading, pictures: number): Float64Array {
  const width = 4 * binsOf(reading);
  const raw = new Float64Array(pictures * rows * width);
  readRows(levels, width, raw);
  return raw;
}

/** Writes the four numbers of a row's box into a list. */
function fourOf(raw: Float64Array, row: number, bins: number, four: number[]): void {
  for (let it = 0; it < 4; it++) {
    const at = (4 * row + it) * bins;
    four[it] = bins === 1 ? (raw[at] as number) : meanOfBins(raw, at, bins);
  }
}

/**
 * Turns gradients by corners and scores into gradients by the outputs that hold them.
 *
 * @param boxes of the shape of `Answered.boxes`
 * @param scores of the shape of `Answered.scores`
 */
export function gradientsOf(
  values: Values,
  reading: BoxReading,
  { boxes, scores }: Pick<Answered, 'boxes' | 'scores'>,
): Record<string, Value> {
  const gradients: Record<string, Value & { data: Float32Array }> = {};
  const into = (columns: readonly Columns[]) => {
    for (const { output } of columns) {
      const value = values[output] as Value;
      gradients[output] ??= { type: 1, dims: value.dims, data: new Float32Array(value.data.length) };
    }
    return levelsOf(gradients, columns).levels;
  };
  const numbers = levelsOf(values, reading.boxes);
  const targets = into(reading.boxes);
  const bins = binsOf(reading);
  const width = 4 * bins;
  const own = new Float64Array(width);
  const four = [0, 0, 0, 0];
  // Most rows learn no box, and keep a gradient of 0.
  eachRow(numbers.levels, width, (level, from, index) => {
    const row = index / width;
    const of = cornersAt(boxes, row);
    if (of.every((it) => it === 0)) return;
    readRow(level, from, own, 0, width);
    fourOf(own, 0, bins, four);
    for (const [column, it] of byNumbers(reading, row % numbers.rows, four, of).entries()) {
      const at = column * bins;
      own.set(bins === 1 ? [it] : gradientOfBins(own.subarray(at, at + bins), it), at);
    }
    writeRow(own, 0, targets[numbers.levels.indexOf(level)] as Level, from, width);
  });
  const toScores = into(reading.scores);
  const { columns } = toScores[0];
  eachRow(toScores, columns, (level, to, index) => writeRow(scores, index, level, to, columns));
  return gradients;
}

function cornersAt(boxes: Float64Array, row: number): Box {
  const at = 4 * row;
  return [boxes[at] as number, boxes[at + 1] as number, boxes[at + 2] as number, boxes[at + 3] as number];
}

/** Writes the corners that four numbers stand for, and changes the numbers. */
function decode(reading: BoxReading, row: number, four: number[], corners: Float64Array, at: number): void {
  const { format, anchors, factors, scale } = reading;
  for (let column = 0; column < 4; column++) {
    four[column] = (factors[column] as number) * (four[column] as number);
  }
  const anchor = anchors?.[row];
  const box = cornersOf(format, four, anchor);
  for (let side = 0; side < 4; side++) {
    const corner = box[side] as number;
    corners[at + side] = anchor === undefined ? corner * (scale[side % 2] as number) : corner;
  }
}

/** The gradient by the four numbers, from that by the corners. */
function byNumbers(reading: BoxReading, row: number, numbers: readonly number[], corners: readonly number[]): number[] {
  const { format, anchors, factors, scale } = reading;
  const anchor = anchors?.[row];
  const [kx, ky] = anchor === undefined ? scale : [anchor.width, anchor.height];
  const [l = 0, t = 0, r = 0, b = 0] = corners.map((it, side) => it * (side % 2 === 0 ? kx : ky));
  const four = factors.map((factor, column) => factor * (numbers[column] as number));
  const own = unformatted(format, four, [l, t, r, b]);
  return own.map((it, column) => it * (factors[column] as number));
}

function unformatted(format: BoxFormat, [a = 0, b = 0, c = 0, d = 0]: readonly number[], [l, t, r, low]: Box): Box {
  switch (format) {
    case 'xyxy': {
      const [x, y] = [a <= c, b <= d];
      return [x ? l : r, y ? t : low, x ? r : l, y ? low : t];
    }
    case 'ltrb':
      return [-l, -t, r, low];
    case 'xywh':
      return [l + r, t + low, r, low];
    case 'cxcywh':
      return [l + r, t + low, (r - l) / 2, (low - t) / 2];
    default:
      return [l + r, t + low, ((r - l) / 2) * Math.exp(c), ((low - t) / 2) * Math.exp(d)];
  }
}

type Level = Places & { readonly numbers: ArrayLike<number> };

interface Levels {
  readonly levels: [Level, ...Level[]];
  /** Of all levels. */
  readonly rows: number;
}

function levelsOf(values: Readonly<Record<string, Value>>, columns: readonly Columns[]): Levels {
  const levels = columns.map((it): Level => {
    const value = values[it.output];
    const places = value && placesOf(value.dims, it);
    const numbers = value && numbersOf(value);
    if (places === undefined || numbers === undefined) {
      throw new GnSwapError('invalid-arguments', `${it.output} does not hold a table of boxes or scores`, {
        node: it.output,
        remedy: 'Name the outputs with --boxes and --scores',
      });
    }
    return { ...places, numbers };
  });
  const [first, ...others] = levels;
  if (first === undefined) {
    throw new GnSwapError('invalid-arguments', 'no output holds scores, and they are needed to learn classes', {
      node: '--scores',
      remedy: 'Name the output that holds them with --scores',
    });
  }
  return { levels: [first, ...others], rows: levels.reduce((sum, { rows }) => sum + rows, 0) };
}

function readRow({ numbers, step }: Level, from: number, into: Float64Array, to: number, width: number): void {
  for (let column = 0; column < width; column++) into[to + column] = numbers[from + column * step] as number;
}

/** Puts the numbers of a row where they belong in its output. */
function writeRow(row: Float64Array, from: number, { numbers, step }: Level, to: number, width: number): void {
  const own = numbers as Float32Array;
  for (let column = 0; column < width; column++) own[to + column * step] = row[from + column] as number;
}

/** Reads the numbers of all levels, as [pictures, rows, width] over the levels one after the other. */
function readRows(levels: readonly Level[], width: number, into: Float64Array): void {
  eachRow(levels, width, (level, from, index) => readRow(level, from, into, index, width));
}

/** Visits the rows of all levels: where their first number is in its output, and among [pictures, rows, width] of all levels. */
function eachRow(
  levels: readonly Level[],
  width: number,
  visit: (level: Level, place: number, index: number) => void,
): void {
  const total = levels.reduce((sum, { rows }) => sum + rows, 0);
  let start = 0;
  for (const level of levels) {
    const { pictures, rows, place } = level;
    for (let picture = 0; picture < pictures; picture++) {
      for (let row = 0; row < rows; row++) {
        visit(level, place(picture, row, 0), (picture * total + start + row) * width);
      }
    }
    start += rows;
  }
}
