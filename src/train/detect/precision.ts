/**
 * Average precision as COCO computes it (github.com/cocodataset/cocoapi, `cocoeval.py`): of each class, detections of all pictures by
 * score, each matched with the free object that it overlaps most; precision made monotone and read at 101 recalls. What is of no object but
 * lies in a region that is left out, a crowd or a difficult object of Pascal VOC, is neither right nor wrong.
 */
import { type Box, coveredOf, type Detection, overlapOf } from '../../measure/boxes/box.ts';

/** What was found in a picture, and what is there. Labels are those of the data. */
export interface Judged {
  readonly found: readonly Detection[];
  readonly objects: readonly { readonly box: Box; readonly label: number }[];
  readonly leftOut?: readonly { readonly box: Box; readonly label: number; readonly isCrowd: boolean }[] | undefined;
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
  /** Precision at recalls of 0, 0.01 … 1, at an overlap of 0.5. */
  readonly curve: readonly number[];
}

/** Detections of a class that count in one picture. */
const MOST_FOUND = 100;
const RECALLS = 101;
const SURE = 0.25;

/** Figures of each class that has objects, in the order of their labels. */
export function figuresOf(pictures: readonly Judged[]): ClassFigures[] {
  return labelsOf(pictures).map((label) => {
    const at50 = matchesOf(pictures, label, 0.5);
    const at75 = matchesOf(pictures, label, 0.75);
    const sure = at50.matches.filter(({ score }) => score >= SURE);
    const right = sure.filter(({ isRight }) => isRight).length;
    const objects = at50.objects.reduce((sum, it) => sum + it, 0);
    const curve = curveOf(at50);
    return {
      label,
      objects,
      ap50: meanOf(curve),
      ap75: meanOf(curveOf(at75)),
      recall: right / objects,
      precision: sure.length === 0 ? undefined : right / sure.length,
      curve,
    };
  });
}

/**
 * Prepares AP50 for pictures that count more than once, or not at all.
 *
 * @returns the mean over classes with objects, undefined if there are none
 */
export function weightedPrecision(pictures: readonly Judged[]): (weights: ArrayLike<number>) => number | undefined {
  const classes = labelsOf(pictures).map((label) => matchesOf(pictures, label, 0.5));
  return (weights) => {
    const present = classes.filter(({ objects }) =>
      objects.some((count, picture) => count * (weights[picture] ?? 0) > 0),
    );
    return present.length === 0 ? undefined : meanOf(present.map((it) => meanOf(curveOf(it, weights))));
  };
}

function labelsOf(pictures: readonly Judged[]): number[] {
  return [...new Set(pictures.flatMap(({ objects }) => objects.map(({ label }) => label)))].sort((a, b) => a - b);
}

interface Match {
  readonly score: number;
  readonly isRight: boolean;
  readonly picture: number;
}

/** Detections of a class, best first, and its objects in each picture. */
interface Matches {
  readonly matches: readonly Match[];
  readonly objects: readonly number[];
}

function matchesOf(pictures: readonly Judged[], label: number, least: number): Matches {
  const matches: Match[] = [];
  const counts: number[] = [];
  for (const [picture, { found, objects, leftOut = [] }] of pictures.entries()) {
    const regions = leftOut.filter((it) => it.label === label);
    const own = objects.filter((it) => it.label === label);
    counts.push(own.length);
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
      else if (regions.some((it) => (it.isCrowd ? coveredOf(box, it.box) : overlapOf(box, it.box)) >= least)) continue;
      matches.push({ score, isRight: partner !== undefined, picture });
    }
  }
  return { matches: matches.sort((a, b) => b.score - a.score), objects: counts };
}

/** Precision at each of the recalls: the highest at that recall or beyond. */
function curveOf({ matches, objects }: Matches, weights?: ArrayLike<number>): number[] {
  const weightOf = (picture: number) => (weights === undefined ? 1 : (weights[picture] as number));
  const total = objects.reduce((sum, count, picture) => sum + count * weightOf(picture), 0);
  const count = matches.length;
  const [recalls, highest] = [new Float64Array(count), new Float64Array(count + 1)];
  let [right, all] = [0, 0];
  for (const [index, { isRight, picture }] of matches.entries()) {
    const weight = weightOf(picture);
    all += weight;
    if (isRight) right += weight;
    recalls[index] = right / total;
    highest[index] = all === 0 ? 0 : right / all;
  }
  for (let i = count - 1; i >= 0; i--) highest[i] = Math.max(highest[i] as number, highest[i + 1] as number);
  let at = 0;
  return Array.from({ length: RECALLS }, (_, step) => {
    // Rounded as COCO's own recalls are: 57 · 0.01 is a little more than 0.57, which 57 of 100 objects do not reach.
    const wanted = step * 0.01;
    while (at < count && (recalls[at] as number) < wanted) at++;
    return highest[at] as number;
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, it) => sum + it, 0) / values.length;
}
