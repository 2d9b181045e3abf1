/** A line of YOLO's label files: `class cx cy w h`, as shares of the picture. */
import { GnSwapError } from '../../../errors.ts';
import type { KeyPoints } from './data-yaml.ts';

/** A box as shares of its picture; `label` as it is numbered in the files. */
export interface YoloBox {
  readonly label: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly place: string;
}

/** Shares are written with a few digits, and rounded past 1. */
const ROUNDING = 1e-3;

/**
 * Reads a label file. A line of a polygon, `class x1 y1 x2 y2 …`, stands for the box around it, and so do the corners of a turned box. Behind
 * the box of a pose, its key points are passed over.
 *
 * @param keyPoints what `data.yaml` says of poses: a line of one may have as many numbers as a polygon
 * @throws GnSwapError `invalid-data` naming file and line, for a line that is not a box in the picture
 */
export function readYoloLabels(text: string, file: string, keyPoints?: KeyPoints): YoloBox[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    const fields = line.trim().split(/\s+/);
    return fields[0] === '' ? [] : [boxOf(fields, `${file}:${index + 1}`, keyPoints)];
  });
}

function boxOf(fields: readonly string[], place: string, keyPoints: KeyPoints | undefined): YoloBox {
  const numbers = fields.map(Number);
  const bad = fields.find((_, index) => !Number.isFinite(numbers[index]));
  if (bad !== undefined) {
    throw new GnSwapError('invalid-data', `${JSON.stringify(bad)} is not a number`, { file: place, remedy: FORMAT });
  }
  const [label = 0, ...written] = numbers;
  if (!Number.isInteger(label) || label < 0) {
    throw new GnSwapError('invalid-data', `the class ${label} is not a whole number from 0`, {
      file: place,
      remedy: FORMAT,
    });
  }
  const shares = isPose(written, keyPoints) ? written.slice(0, 4) : written;
  requireCount(shares.length, place, keyPoints);
  const outside = shares.find((share) => share < -ROUNDING || share > 1 + ROUNDING);
  if (outside !== undefined) {
    throw new GnSwapError('invalid-data', `${outside} is not a share of the picture, from 0 to 1`, {
      file: place,
      remedy: outside > 2 ? 'Divide pixels by the width and height of the picture' : FORMAT,
    });
  }
  const box = shares.length === 4 ? fromCentre(shares) : around(shares);
  if (box.right <= box.left || box.bottom <= box.top) {
    throw new GnSwapError('invalid-data', 'the box has no area', {
      file: place,
      remedy: 'Remove the line, or give the box a width and height',
    });
  }
  return { label, ...box, place };
}

/** A line of a pose, for certain: as many numbers as `data.yaml` says, or visibilities that no corner of a polygon can be. */
function isPose(numbers: readonly number[], keyPoints: KeyPoints | undefined): boolean {
  if (keyPoints !== undefined) return numbers.length === 4 + keyPoints.count * keyPoints.numbers;
  const visibilities = numbers.filter((_, index) => index >= 4 && index % 3 === 0);
  const areVisibilities =
    numbers.length >= 7 && numbers.length % 3 === 1 && visibilities.every((it) => [0, 1, 2].includes(it));
  return areVisibilities && (numbers.length % 2 === 1 || visibilities.includes(2));
}

function requireCount(count: number, place: string, keyPoints: KeyPoints | undefined): void {
  if (count === 4) return;
  if (keyPoints !== undefined) {
    const { count: points, numbers } = keyPoints;
    const message = `the line has ${count + 1} fields; by kpt_shape [${points}, ${numbers}] a pose has ${5 + points * numbers}`;
    throw new GnSwapError('invalid-data', message, {
      file: place,
      remedy: 'Correct the line, or kpt_shape in data.yaml',
    });
  }
  if (count >= 6 && count % 2 === 0) return;
  throw new GnSwapError('invalid-data', `the line has ${count + 1} fields, and a box has 5`, {
    file: place,
    // Predictions are saved with a score behind.
    remedy: count === 5 ? `Remove the last number if it is a score. ${FORMAT}` : FORMAT,
  });
}

const FORMAT = 'Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1';

function fromCentre([x = 0, y = 0, width = 0, height = 0]: readonly number[]) {
  return { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 };
}

function around(points: readonly number[]) {
  const [xs, ys] = [0, 1].map((axis) => points.filter((_, index) => index % 2 === axis)) as [number[], number[]];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}
