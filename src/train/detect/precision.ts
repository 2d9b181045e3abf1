/**
 * Average precision as COCO computes it (github.com/cocodataset/cocoapi, `cocoeval.py`): of each class, detections of all pictures by
 * score, each matched with the free object that it overlaps most; precision made monotone and read at 101 recalls.
 */
import { type Box, type Detection, overlapOf } from '../../measure/boxes/box.ts';

/** What was found in a picture, and what is there. Labels are those of the data. */
export interface Judged {
  readonly found: readonly Detection[];
  readonly objects: readonly { readonly box: Box; readonly label: number }[];
}

/** Of one class. */
export interface ClassFigures {
  readonly label: number;
  readonly objects: number;
  readonly ap50: number;
  readonly ap75: number;
  /** Of detections with a score of 0.25 or more; precision is undefined if there are none. */
  readonly recall: number;
  readonly precision: number | undefined;
}

/** Detections of a class that count in one picture. */
const MOST_FOUND = 100;
const RECALLS = 101;
const SURE = 0.25;

/** Figures of each class that has objects, in the order of their labels. */
export function figuresOf(pictures: readonly Judged[]): ClassFigures[] {
  const labels = [...new Set(pictures.flatMap(({ objects }) => objects.map(({ label }) => label)))];
  return labels
    .sort((a, b) => a - b)
    .map((label) => {
      const at50 = matchesOf(pictures, label, 0.5);
      const at75 = matchesOf(pictures, label, 0.75);
      const sure = at50.matches.filter(({ score }) => score >= SURE);
      const right = sure.filter(({ isRight }) => isRight).length;
      return {
        label,
        objects: at50.objects,
        ap50: averagePrecision(at50.matches, at50.objects),
        ap75: averagePrecision(at75.matches, at75.objects),
        recall: right / at50.objects,
        precision: sure.length === 0 ? undefined : right / sure.length,
      };
    });
}

interface Match {
  readonly score: number;
  readonly isRight: boolean;
}

function matchesOf(pictures: readonly Judged[], label: number, least: number): { matches: Match[]; objects: number } {
  const matches: Match[] = [];
  let count = 0;
  for (const { found, objects } of pictures) {
    const own = objects.filter((it) => it.label === label);
    count += own.length;
    const free = new Set(own);
    const best = found.filter((it) => it.label === label).toSorted((a, b) => b.score - a.score);
    for (const { box, score } of best.slice(0, MOST_FOUND)) {
      let [partner, overlap]: [(typeof own)[number] | undefined, number] = [undefined, least];
      for (const object of free) {
        const both = overlapOf(box, object.box);
        // Of equal ones COCO takes the last.
        if (both >= overlap) [partner, overlap] = [object, both];
      }
      if (partner !== undefined) free.delete(partner);
      matches.push({ score, isRight: partner !== undefined });
    }
  }
  return { matches: matches.sort((a, b) => b.score - a.score), objects: count };
}

function averagePrecision(matches: readonly Match[], objects: number): number {
  let right = 0;
  const curve = matches.map(({ isRight }, index) => {
    if (isRight) right++;
    return { recall: right / objects, precision: right / (index + 1) };
  });
  const highest = new Float64Array(curve.length + 1);
  for (let i = curve.length - 1; i >= 0; i--) {
    highest[i] = Math.max(curve[i]?.precision ?? 0, highest[i + 1] as number);
  }
  let [sum, at] = [0, 0];
  for (let step = 0; step < RECALLS; step++) {
    const wanted = step / (RECALLS - 1);
    while (at < curve.length && (curve[at]?.recall ?? 0) < wanted) at++;
    sum += highest[at] as number;
  }
  return sum / RECALLS;
}
