/**
 * Boxes and classes: task-aligned assignment, CIoU and cross-entropy on what the file answers (`detect/loss.ts`); AP50.
 *
 * A file that suppresses or ranks its own boxes is trained up to there, so the model that is trained has other outputs than the file,
 * and the same parameters.
 */
import { GnSwapError } from '../../errors.ts';
import { describePictures } from '../../inputs/images.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { classNames } from '../../measure/class-names.ts';
import type { Values } from '../../runtime/session.ts';
import { withWeightsOf } from '../detect/cut.ts';
import { type Detector, readDetector } from '../detect/find.ts';
import { keeperOf } from '../detect/keep.ts';
import { assign, detectionLoss, type Lesson } from '../detect/loss.ts';
import { answeredOf } from '../detect/reading.ts';
import { boxesOf, FoundScorer } from '../detect/scorer.ts';
import { readingAt } from '../detect/sizes.ts';
import type { TrainTask } from '../types.ts';

export const detect: TrainTask = {
  name: 'detect',
  async prepare({ model, data, examples: load, detection = {}, keep }) {
    const examples = await load();
    const [first] = examples as readonly [Example, ...Example[]];
    for (const example of examples) objectsOf(example);
    const detector = await readDetector(model, first, detection);
    const classes = data.classes ?? [];
    const names = classNames(model);
    const labels = labelsOf(detector, classes, names);
    const keeper = keep === undefined ? undefined : await keeperOf(keep, first, detector, model, classes, detection);
    const readingOf = (outputs: Values, batch: readonly Example[]) =>
      readingAt(detector.reading, outputs, batch[0]?.inputs ?? {});
    const lessonsOf = async (batch: readonly Example[]) => {
      const lessons = batch.map((example): Lesson => {
        return { objects: objectsOf(example).map((it) => ({ ...it, label: labels[it.label] ?? it.label })) };
      });
      return keeper === undefined ? lessons : keeper.teach(lessons, batch);
    };
    return {
      measure: 'AP50',
      ending: (file) => withWeightsOf(detector.model, file),
      notes: [
        `Boxes and scores: ${detector.why}.`,
        ...(data.image?.squares
          ? [
              `The file takes pictures of any size; they are fed as ${describePictures(data.image)}. --size 320x320 sets one size.`,
            ]
          : []),
      ],
      objective: {
        kind: 'host',
        lossOf: async (outputs, batch) => detectionLoss(outputs, await lessonsOf(batch), readingOf(outputs, batch)),
      },
      async fixed(outputs, batch) {
        const lessons = await lessonsOf(batch);
        const reading = readingOf(outputs, batch);
        const assignment = assign(answeredOf(outputs, reading.boxes), lessons, reading);
        return (other) => detectionLoss(other, lessons, reading, assignment).loss;
      },
      scorer: () => new FoundScorer(detector, labels, classes),
      scoresSteps: true,
      answerOf: (outputs, inputs = {}) => boxesOf(outputs, inputs, detector, labels, names),
      close: async () => keeper?.close(),
    };
  },
};

/** Objects of a sample; none of one that only a teacher answers. */
function objectsOf({ target }: Example) {
  if (target.kind === 'none') return [];
  if (target.kind !== 'boxes') {
    throw new GnSwapError('invalid-data', 'a sample has no boxes', { remedy: 'Give another --task' });
  }
  return target.boxes.flatMap(({ label, left, top, right, bottom }) =>
    right > left && bottom > top ? [{ label, box: [left, top, right, bottom] as const }] : [],
  );
}

/** The model's class of each class of the data: by name if the file names its classes, else the same numbers. */
function labelsOf(detector: Detector, classes: readonly string[], names: readonly string[] | undefined): number[] {
  const byName = names === undefined ? [] : classes.map((name) => names.indexOf(name));
  if (byName.length > 0 && byName.every((label) => label >= 0)) return byName;
  if (classes.length === detector.classes || (names === undefined && classes.length < detector.classes)) {
    return classes.map((_, label) => label);
  }
  throw new GnSwapError('invalid-data', `the data has ${classes.length} classes, and the model ${detector.classes}`, {
    remedy: `Give --classes ${classes.join(',')} to rebuild the last layers`,
  });
}
