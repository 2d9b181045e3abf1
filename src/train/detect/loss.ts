/**
 * The loss of a detector on what its file answers: 7.5 · (1 − CIoU) on the boxes of the rows that learn an object, and 0.5 ·
 * cross-entropy on all scores, both divided by the sum of what the scores should be (as Ultralytics' trainers have it).
 *
 * What a teacher adds is 7.5 · (1 − CIoU)²: its boxes are met already, and there the slope of CIoU is not 0 but changes its sign, which would push each box to
 * and fro in every step.
 *
 * What rows learn is decided on the same answers, and counts as fixed: the gradient is that of the loss with these assignments.
 */
import type { Box } from '../../measure/boxes/box.ts';
import type { Values } from '../../runtime/session.ts';
import type { HostLoss } from '../types.ts';
import { type Assigned, alignTasks, matchSets, type Predicted, type Wanted } from './assign.ts';
import { fitOf } from './ciou.ts';
import { type Answered, answeredOf, type BoxReading, gradientsOf } from './reading.ts';
import { chanceOf, type ScoreReading, scoreLoss } from './score-loss.ts';
import type { AnchorLayout } from './types.ts';

const BOX_WEIGHT = 7.5;
const SCORE_WEIGHT = 0.5;

/** How a detector's outputs are read and taught. */
export interface DetectorReading {
  readonly boxes: BoxReading;
  readonly scores: ScoreReading;
  /** Whether each object is for one row only, as in DETR. */
  readonly isSet: boolean;
  /** Whether nothing suppresses boxes that overlap, so that one row only may find an object. */
  readonly isSingle: boolean;
  /** Of the picture that this was found on. */
  readonly size: { readonly width: number; readonly height: number };
  /** Of boxes that are offsets to anchors: which ones a picture of another size has. */
  readonly layout?: AnchorLayout | undefined;
}

/** What a teacher adds: what rows of a picture should be, whoever learns what. */
export interface Taught {
  readonly row: number;
  readonly box: Box;
  /** How sure the teacher is, from 0 to 1. */
  readonly weight: number;
}

/** What one picture should be answered with. */
export interface Lesson {
  /** Objects to find. In a picture that only a teacher answers there are none. */
  readonly objects: readonly Wanted[];
  /** Chances of classes that a teacher gives, by row and label: [rows, labels]; NaN where it knows nothing. */
  readonly chances?: Float64Array | undefined;
  readonly taught?: readonly Taught[] | undefined;
}

/** What each picture's rows learn. */
export type Assignment = readonly (readonly Assigned[])[];

/** Decides what rows learn from what they answer. */
export function assign(answered: Answered, lessons: readonly Lesson[], reading: DetectorReading): Assignment {
  const { points } = reading.boxes;
  const most = reading.isSingle ? 1 : undefined;
  return lessons.map(({ objects }, picture) => {
    const predicted = predictedOf(answered, picture, reading);
    return reading.isSet ? matchSets(predicted, objects, reading.size) : alignTasks(predicted, objects, points, most);
  });
}

/**
 * Computes loss and gradients of a batch.
 *
 * @param assignment decided on these outputs if not given
 */
export function detectionLoss(
  outputs: Values,
  lessons: readonly Lesson[],
  reading: DetectorReading,
  assignment?: Assignment,
): HostLoss {
  const answered = answeredOf(outputs, reading.boxes);
  const assigned = assignment ?? assign(answered, lessons, reading);
  const boxes = new Float64Array(answered.boxes.length);
  const scores = new Float64Array(answered.scores.length);
  let total = 0;
  for (const rows of assigned) for (const { share } of rows) total += share;
  for (const { taught = [] } of lessons) for (const { weight } of taught) total += weight;
  const each = 1 / Math.max(1, total);
  let loss = 0;
  for (const [picture, lesson] of lessons.entries()) {
    const rows = assigned[picture] ?? [];
    const pull = (row: number, target: Box, weight: number, isSmooth = false) => {
      const at = 4 * (picture * answered.rows + row);
      const { ciou, gradient } = fitOf(boxAt(answered, at), target);
      const miss = 1 - ciou;
      loss += weight * (isSmooth ? miss * miss : miss);
      const slope = isSmooth ? 2 * miss : 1;
      for (const [i, it] of gradient.entries()) boxes[at + i] = (boxes[at + i] as number) - weight * slope * it;
    };
    for (const { row, object, share } of rows) {
      const target = lesson.objects[object]?.box;
      if (target !== undefined) pull(row, target, BOX_WEIGHT * share * each);
    }
    for (const { row, box, weight } of lesson.taught ?? []) pull(row, box, BOX_WEIGHT * weight * each, true);
    loss += teachScores(answered, picture, lesson, rows, reading, SCORE_WEIGHT * each, scores);
  }
  return { loss, counted: total, gradients: gradientsOf(outputs, reading.boxes, { boxes, scores }) };
}

function teachScores(
  { rows, columns, scores }: Answered,
  picture: number,
  { objects, chances }: Lesson,
  assigned: readonly Assigned[],
  reading: DetectorReading,
  weight: number,
  gradient: Float64Array,
): number {
  const labels = columns - (reading.scores.objectness ? 1 : 0);
  const byRow = new Map(assigned.map((it) => [it.row, it]));
  const targets = new Float64Array(labels);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    targets.fill(0);
    if (chances !== undefined) {
      for (let label = 0; label < labels; label++) {
        const chance = chances[row * labels + label] as number;
        if (!Number.isNaN(chance)) targets[label] = chance;
      }
    }
    const own = byRow.get(row);
    if (own !== undefined) {
      const label = labelColumn(objects[own.object]?.label ?? 0, reading.scores);
      targets[label] = Math.max(own.share, targets[label] as number);
    }
    loss += scoreLoss(reading.scores, scores, (picture * rows + row) * columns, columns, targets, weight, gradient);
  }
  return loss;
}

/** The column of a class among the scores: where a background comes first, classes are counted from behind it. */
export function labelColumn(label: number, { background }: Pick<ScoreReading, 'background'>): number {
  return background !== undefined && label >= background ? label + 1 : label;
}

function boxAt({ boxes }: Answered, at: number): Box {
  return [boxes[at] as number, boxes[at + 1] as number, boxes[at + 2] as number, boxes[at + 3] as number];
}

function predictedOf(answered: Answered, picture: number, { scores }: DetectorReading): Predicted {
  const { rows, columns } = answered;
  return {
    rows,
    boxOf: (row) => boxAt(answered, 4 * (picture * rows + row)),
    scoreOf: (row, label) =>
      chanceOf(scores, answered.scores, (picture * rows + row) * columns, columns, labelColumn(label, scores)),
  };
}
