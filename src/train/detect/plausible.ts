/**
 * Boxes as they were read → an error if they cannot be boxes of a picture, because nothing is learnt from numbers that are misread.
 *
 * 1. All are finite.
 * 2. What a Sigmoid made are scores, unless rows are queries (DETR) or NonMaxSuppression reads them as boxes.
 * 3. Nearly all have a width and a height that are not negative: half of all offsets are.
 * 4. Most have their middle in the picture or close to it: pixels that are read as shares lie far outside.
 * 5. Rows that stand on a grid cover the picture: offsets, and shares that are read as pixels, lie in one place.
 */
import { GnSwapError } from '../../errors.ts';
import type { BoxFormat } from '../../measure/boxes/formats.ts';
import { placesOf } from '../../measure/boxes/table.ts';
import { numbersOf, type Values } from '../../runtime/session.ts';
import { answeredOf, type BoxReading } from './reading.ts';
import type { DetectorOptions } from './types.ts';

/** What else is known of the boxes. */
export interface Known {
  readonly size: { readonly width: number; readonly height: number };
  /** Whether each object is for one row only, as in DETR: such rows may lie anywhere. */
  readonly isSet: boolean;
  /** Whether a Sigmoid made them. */
  readonly isSquashed: boolean;
  /** Told by an operator, as NonMaxSuppression does. */
  readonly format: BoxFormat | undefined;
  readonly unit: string;
  /** Names of the file's outputs. */
  readonly outputs: readonly string[];
}

/** Shares of boxes that may have a negative side: when the format was found, and when it was said. */
const [FEW, HALF] = [0.1, 0.5];
/** How far outside the picture the middle of a box may lie, as a share of the picture's side. */
const BEYOND = 0.5;
/** What the middles of nine tenths of all boxes span at least, as a share of the picture's side. */
const LEAST_SPAN = 0.1;
/** Fewer rows may well lie in one place. */
const FEWEST = 20;

/** Checks boxes of one picture. @throws GnSwapError `invalid-arguments` that says what is wrong and what to give */
export function checkBoxes(values: Values, reading: BoxReading, known: Known, options: DetectorOptions): void {
  const wrong = wrongWith(values, reading, known, options);
  if (wrong === undefined) return;
  const names = [...new Set(reading.boxes.map(({ output }) => output))].join(', ');
  throw new GnSwapError('invalid-arguments', `read as boxes (${reading.format} in ${known.unit}): ${wrong}`, {
    node: names,
    remedy: remedyFor(options, known.outputs),
  });
}

function wrongWith(
  values: Values,
  reading: BoxReading,
  { size, isSet, isSquashed, format }: Known,
  { boxFormat, boxUnit }: DetectorOptions,
): string | undefined {
  const { boxes, rows } = answeredOf(values, reading);
  const corners = Array.from({ length: rows }, (_, row) => boxes.subarray(4 * row, 4 * row + 4));
  const bad = corners.filter((box) => !box.every(Number.isFinite)).length;
  if (bad > 0) return `${bad} of ${rows} are not finite numbers`;
  if (isSquashed && !isSet && format === undefined && boxFormat === undefined) {
    return 'a Sigmoid makes these numbers, so they are scores';
  }
  const negative = format === undefined ? inverted(values, reading) : 0;
  if (negative > (boxFormat === undefined ? FEW : HALF) * rows) {
    return `${Math.round((100 * negative) / rows)} % have a negative width or height`;
  }
  const x = corners.map(([l = 0, , r = 0]) => (l + r) / 2 / size.width).sort((a, b) => a - b);
  const y = corners.map(([, t = 0, , b = 0]) => (t + b) / 2 / size.height).sort((a, b) => a - b);
  if ([x, y].some((all) => !(Math.abs(at(all, 0.5) - 0.5) <= 0.5 + BEYOND))) return 'most lie outside the picture';
  const isSaid = boxFormat !== undefined && boxUnit !== undefined;
  const span = Math.max(...[x, y].map((all) => at(all, 0.95) - at(all, 0.05)));
  if (isSet || isSaid || rows < FEWEST || span >= LEAST_SPAN) return undefined;
  return `nearly all lie within ${(100 * span).toPrecision(2)} % of the picture’s sides, and rows of a detector cover the picture`;
}

/** How many rows have their second corner left of or above the first, or a negative side. */
function inverted(values: Values, { boxes, format }: BoxReading): number {
  let count = 0;
  for (const columns of boxes) {
    const value = values[columns.output];
    const places = value && placesOf(value.dims, columns);
    const numbers = value && numbersOf(value);
    if (places === undefined || numbers === undefined) continue;
    for (let row = 0; row < places.rows; row++) {
      const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((it) => numbers[places.place(0, row, it)] as number);
      if (format === 'xyxy' ? c < a || d < b : (format === 'cxcywh' || format === 'xywh') && (c < 0 || d < 0)) count++;
    }
  }
  return count;
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}

function remedyFor({ boxes, boxFormat, boxUnit }: DetectorOptions, outputs: readonly string[]): string {
  // Boxes that are looked at may be values in the file, and have no name to give.
  const among = `${outputs.length === 1 ? 'output' : 'outputs'} ${outputs.join(', ')}`;
  const other = (given: string | undefined) => (given === undefined ? '' : 'another ');
  return [
    boxes === undefined
      ? `Name boxes and scores, of the file’s ${among}, as in --boxes output0[0:4] --scores output0[4:84]`
      : 'Name other --boxes',
    `or give ${other(boxFormat)}--box-format (xyxy, cxcywh, xywh, ltrb, yolox) and ${other(boxUnit)}--box-unit (pixels, unit, cells)`,
    'or, for offsets to anchors, --box-format anchors --anchors 8:16,32/16:64,128/32:256,512',
  ].join('; ');
}
