/** How much of what a detector found before training it still finds. */
import type { Example } from '../../inputs/labelled/types.ts';
import type { Detection } from '../../measure/boxes/box.ts';
import { matchBoxes } from '../../measure/boxes/match.ts';
import { classNames } from '../../measure/class-names.ts';
import type { Model } from '../../onnx/model.ts';
import { keepSession } from '../../runtime/session.ts';
import { joinInputs } from '../feed.ts';
import { knownTo } from '../judge.ts';
import { readDetector } from './find.ts';
import { foundIn } from './scorer.ts';
import type { DetectorOptions } from './types.ts';

/** Of the boxes that the source gives a score of 0.25 or more. */
export interface Forgotten {
  readonly boxes: number;
  /** Found by the trained model, too: the same class, an overlap of 0.5 or more. */
  readonly kept: number;
  /** Of classes that the trained model does not have. */
  readonly gone: number;
  /** Boxes of the trained model that are none of the source's. */
  readonly others: number;
  readonly pictures: number;
}

const SURE = 0.25;

/**
 * Compares a detector before and after training on the same pictures.
 *
 * @param names of the source's classes, if its file gives none; classes without names are the same if their number is
 */
export async function forgotten(
  source: Model,
  trained: Model,
  examples: AsyncIterable<Example> | Iterable<Example>,
  options: DetectorOptions = {},
  names: readonly string[] | undefined = classNames(source),
): Promise<Forgotten> {
  const now = classNames(trained);
  const labelOf = (label: number) => {
    const name = names?.[label];
    return name === undefined || now === undefined ? label : now.indexOf(name);
  };
  let [boxes, kept, gone, others, pictures] = [0, 0, 0, 0, 0];
  const finders: Finder[] = [];
  try {
    for await (const example of examples) {
      // Outputs are read as on the first picture.
      // One after the other, so that the first is closed if the second can't be read.
      if (finders.length === 0)
        for (const model of [source, trained]) finders.push(await finderOf(model, example, options));
      const [before = [], after = []] = await Promise.all(finders.map(({ find }) => find(example)));
      for (const [picture, found] of before.entries()) {
        const own = found.map((it) => ({ ...it, label: labelOf(it.label) }));
        boxes += own.length;
        gone += own.filter(({ label }) => label < 0).length;
        const matched = matchBoxes(own, after[picture] ?? []).length;
        kept += matched;
        others += (after[picture] ?? []).length - matched;
        pictures++;
      }
    }
  } finally {
    for (const { close } of finders) await close();
  }
  return { boxes, kept, gone, others, pictures };
}

interface Finder {
  find(example: Example): Promise<Detection[][]>;
  close(): Promise<void>;
}

async function finderOf(model: Model, example: Example, options: DetectorOptions): Promise<Finder> {
  const detector = await readDetector(model, example, options, false);
  const { session, close } = await keepSession(detector.model);
  return {
    close,
    async find(picture) {
      return foundIn(await session.run(knownTo(session, joinInputs([picture]))), picture.inputs, detector, SURE);
    },
  };
}
