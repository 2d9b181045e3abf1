/** Average precision of what a detector finds, with non-maximum suppression where its readers do it. */
import type { Example, LabelledBox } from '../../inputs/labelled/types.ts';
import type { Box, Detection } from '../../measure/boxes/box.ts';
import { suppress } from '../../measure/boxes/suppress.ts';
import type { Values } from '../../runtime/session.ts';
import type { Answer, Score, Scorer } from '../types.ts';
import type { Detector } from './find.ts';
import { type ClassFigures, figuresOf, type Judged, weightedPrecision } from './precision.ts';
import { type Answered, answeredOf } from './reading.ts';
import { chanceOf } from './score-loss.ts';
import { readingAt } from './sizes.ts';

/** Boxes with lower scores change no figure that is worth reporting. */
const LEAST = 1e-3;
/** Boxes that are shown to a reader. */
const [SURE, MOST_SHOWN] = [0.25, 50];

/** What a detector finds in each picture of a batch, best first; labels are the model's, without its background. */
export function foundIn(
  outputs: Values,
  inputs: Values,
  { reading: first, suppressed }: Detector,
  least = LEAST,
): Detection[][] {
  const reading = readingAt(first, outputs, inputs);
  const answered = answeredOf(outputs, reading.boxes);
  return Array.from({ length: answered.pictures }, (_, picture) => {
    const found = rowsOf(answered, picture, reading, least);
    return suppressed ? suppress(found) : found.sort((a, b) => b.score - a.score);
  });
}

function rowsOf(
  { rows, columns, boxes, scores }: Answered,
  picture: number,
  { scores: how }: Detector['reading'],
  least: number,
): Detection[] {
  const labels = columns - (how.objectness ? 1 : 0);
  const found: Detection[] = [];
  for (let row = 0; row < rows; row++) {
    const at = picture * rows + row;
    let [best, label] = [0, -1];
    for (let column = 0, own = 0; column < labels; column++) {
      if (column === how.background) continue;
      const score = chanceOf(how, scores, at * columns, columns, column);
      if (score > best) [best, label] = [score, own];
      own++;
    }
    if (best < least) continue;
    const box: Box = [0, 1, 2, 3].map((i) => boxes[4 * at + i] as number) as [number, number, number, number];
    found.push({ box, score: best, label, place: row });
  }
  return found;
}

/**
 * What one sample is answered, with boxes that score as much as a reader would look at; labels are the data's.
 *
 * @param names of the model's classes, if it has any
 */
export function boxesOf(
  outputs: Values,
  inputs: Values,
  detector: Detector,
  labels: readonly number[],
  names: readonly string[] | undefined,
): Answer {
  const [found = []] = foundIn(outputs, inputs, detector, SURE);
  const boxes = found.slice(0, MOST_SHOWN).map(({ label: own, ...box }) => {
    const label = labels.indexOf(own);
    return { ...box, label, name: label < 0 ? names?.[own] : undefined };
  });
  return { kind: 'boxes', boxes };
}

/** Collects what was found in pictures whose objects are known. */
export class FoundScorer implements Scorer {
  readonly #detector: Detector;
  readonly #labels: readonly number[];
  readonly #classes: readonly string[];
  readonly #pictures: Judged[] = [];
  #weighted: ((weights: ArrayLike<number>) => number | undefined) | undefined;

  /** @param labels the model's class of each class of the data */
  constructor(detector: Detector, labels: readonly number[], classes: readonly string[]) {
    this.#detector = detector;
    this.#labels = labels;
    this.#classes = classes;
  }

  add(outputs: Values, batch: readonly Example[]): void {
    // Pictures that only a teacher answers say nothing of what is there.
    if (batch.every(({ target }) => target.kind !== 'boxes')) return;
    const inputs = batch[0]?.inputs ?? {};
    for (const [index, found] of foundIn(outputs, inputs, this.#detector).entries()) {
      const target = batch[index]?.target;
      if (target?.kind !== 'boxes') continue;
      this.#pictures.push({
        found: found.map((it) => ({ ...it, label: this.#labels.indexOf(it.label) })),
        objects: target.boxes.map((it) => ({ label: it.label, box: cornersOf(it) })),
        leftOut: target.leftOut?.map((it) => ({ label: it.label, box: cornersOf(it), isCrowd: it.isCrowd })),
      });
    }
  }

  result(): Score {
    const classes = figuresOf(this.#pictures);
    if (classes.length === 0) return { value: undefined, detail: 'no objects are drawn', figures: {} };
    const mean = (of: (it: (typeof classes)[number]) => number) =>
      classes.reduce((sum, it) => sum + of(it), 0) / classes.length;
    const [ap50, ap75, recall] = [mean((it) => it.ap50), mean((it) => it.ap75), mean((it) => it.recall)];
    const precise = classes.flatMap(({ precision }) => precision ?? []);
    const precision = precise.length === 0 ? undefined : precise.reduce((sum, it) => sum + it, 0) / precise.length;
    const figures: Record<string, number> = { AP50: ap50, AP75: ap75, 'recall at 0.25': recall };
    if (precision !== undefined) figures['precision at 0.25'] = precision;
    for (const it of classes) {
      const name = this.#classes[it.label] ?? String(it.label);
      for (const [of, value] of Object.entries(figuresOfClass(it))) figures[`${of} of ${name}`] = value;
    }
    const detail = `AP75 ${ap75.toFixed(3)}; at a score of 0.25, recall ${recall.toFixed(3)}, precision ${precision?.toFixed(3) ?? '–'}`;
    const own = classes.map((it) => {
      return { label: it.label, count: it.objects, figures: figuresOfClass(it), curve: it.curve };
    });
    return { value: ap50, detail, figures, classes: own };
  }

  weighted(weights: ArrayLike<number>): number | undefined {
    this.#weighted ??= weightedPrecision(this.#pictures);
    return this.#weighted(weights);
  }
}

function cornersOf({ left, top, right, bottom }: LabelledBox): Box {
  return [left, top, right, bottom];
}

function figuresOfClass({ ap50, ap75, recall, precision }: ClassFigures): Record<string, number> {
  const figures: Record<string, number> = { AP50: ap50, AP75: ap75, recall };
  if (precision !== undefined) figures.precision = precision;
  return figures;
}
