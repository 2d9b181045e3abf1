/** Non-maximum suppression, class by class: of boxes that overlap, the one with the best score stays. */
import { type Detection, overlapOf } from './box.ts';

/** Boxes of one class that overlap by more are one object. */
const SAME_OBJECT = 0.5;
/** As many boxes as a picture is judged by. Detectors are evaluated on 100 (COCO) to 300. */
const MOST = 300;
/** Suppression compares pairs, so it looks at this many of the best at most. */
const MOST_COMPARED = 3000;

/** Keeps the best box of each object. The result is in the order of scores, best first. */
export function suppress(found: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of found.toSorted((a, b) => b.score - a.score).slice(0, MOST_COMPARED)) {
    if (kept.length === MOST) break;
    const isSame = (it: Detection) => it.label === candidate.label && overlapOf(it.box, candidate.box) > SAME_OBJECT;
    if (!kept.some(isSame)) kept.push(candidate);
  }
  return kept;
}
