/**
 * What a detector knew before, taught again: fine-tuning on new classes erases the old ones otherwise.
 *
 * The model as it was answers every picture. Row by row, the chances of its classes become targets for those of the data that nobody
 * labels, and its boxes are taught with the weight of its score. What it takes a labelled object for does not count: a person has said what
 * stands there. In a picture without labels there is no object of a new class; otherwise new classes would be found all over such pictures.
 */
import { GnSwapError } from '../../errors.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { type Box, overlapOf } from '../../measure/boxes/box.ts';
import { MATCH_OVERLAP } from '../../measure/boxes/match.ts';
import { classNames } from '../../measure/class-names.ts';
import type { Model } from '../../onnx/model.ts';
import { keepSession } from '../../runtime/session.ts';
import { joinInputs } from '../feed.ts';
import { knownTo } from '../judge.ts';
import { type Detector, readDetector } from './find.ts';
import { type Lesson, labelColumn, type Taught } from './loss.ts';
import { answeredOf } from './reading.ts';
import { chanceOf } from './score-loss.ts';
import { readingAt } from './sizes.ts';
import type { DetectorOptions, Keep } from './types.ts';

/** Adds to lessons what the model before training answers. */
export interface Keeper {
  teach(lessons: readonly Lesson[], batch: readonly Example[]): Promise<Lesson[]>;
  close(): Promise<void>;
}

/** Boxes of rows that score less are not taught. */
const SURE = 0.05;

/**
 * @param student the model that is trained; its rows are those of the source
 * @param labelled classes that the data labels, and the teacher has no say in
 */
export async function keeperOf(
  { source, classes }: Keep,
  example: Example,
  student: Detector,
  trained: Model,
  labelled: readonly string[],
  options: DetectorOptions,
): Promise<Keeper> {
  const teacher = await readDetector(source, example, options);
  const pairs = pairsOf(classes ?? classNames(source), classNames(trained), teacher, student, labelled);
  const { session, close } = await keepSession(teacher.model);
  return {
    close,
    async teach(lessons, batch) {
      const inputs = knownTo(session, joinInputs(batch));
      const outputs = await session.run(inputs);
      const answered = answeredOf(outputs, readingAt(teacher.reading, outputs, inputs).boxes);
      const { rows, columns } = answered;
      const { scores } = teacher.reading;
      const width = student.classes + (student.reading.scores.background === undefined ? 0 : 1);
      return lessons.map((lesson, picture): Lesson => {
        const chances = new Float64Array(rows * width).fill(Number.NaN);
        const taught: Taught[] = [];
        for (let row = 0; row < rows; row++) {
          const at = picture * rows + row;
          let best = 0;
          for (const [from, to] of pairs) {
            const chance = chanceOf(scores, answered.scores, at * columns, columns, labelColumn(from, scores));
            chances[row * width + labelColumn(to, student.reading.scores)] = chance;
            best = Math.max(best, chance);
          }
          if (best < SURE) continue;
          const box = [0, 1, 2, 3].map((i) => answered.boxes[4 * at + i]) as [number, number, number, number];
          if (lesson.objects.some((it) => overlapOf(it.box, box) >= MATCH_OVERLAP)) {
            for (const [, to] of pairs) chances[row * width + labelColumn(to, student.reading.scores)] = 0;
          } else if (box[2] > box[0] && box[3] > box[1]) taught.push({ row, box: box satisfies Box, weight: best });
        }
        return { ...lesson, chances, taught };
      });
    },
  };
}

/** Classes of the teacher and of the student that are the same one. */
function pairsOf(
  old: readonly string[] | undefined,
  now: readonly string[] | undefined,
  teacher: Detector,
  student: Detector,
  labelled: readonly string[],
): [from: number, to: number][] {
  if (old === undefined || now === undefined) {
    if (teacher.classes === student.classes) return Array.from({ length: teacher.classes }, (_, it) => [it, it]);
    throw new GnSwapError('invalid-arguments', 'the file does not name its classes, so it is not known which to keep', {
      node: '--keep',
      remedy: 'Name the classes that the file has now, in their order, with --old-classes',
    });
  }
  const pairs = old.flatMap((name, from): [number, number][] => {
    const to = now.indexOf(name);
    return to < 0 || labelled.includes(name) ? [] : [[from, to]];
  });
  if (pairs.length > 0) return pairs;
  throw new GnSwapError('invalid-arguments', 'none of the classes of the file is among those to train', {
    node: '--keep',
    remedy: `Name old and new classes together: --classes ${[...old.slice(0, 3), '…', ...labelled].join(',')}`,
  });
}
