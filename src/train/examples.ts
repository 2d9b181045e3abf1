/** Held-out samples that a reader is shown: what is right, and what was answered before training and after. */
import type { LabelledData, Target } from '../inputs/labelled/types.ts';
import { type Picture, pictureOf, span } from '../inputs/picture-back.ts';
import { Random } from '../inputs/random.ts';
import { numbersIn } from '../runtime/session.ts';
import type { Judged } from './judge.ts';
import type { Answer } from './types.ts';

/** One sample. */
export interface ShownExample {
  readonly name: string;
  /** `chance`: picked by chance; `wrong`: one of those that are still wrong after training. */
  readonly why: 'chance' | 'wrong';
  /** Of the input, small; `null` if the sample is not a picture. */
  readonly picture: Picture | null;
  /** Height and width of the input, which boxes are in. */
  readonly size: { readonly height: number; readonly width: number } | null;
  /** `null` without labels. */
  readonly right: Answer | null;
  readonly before: Answer | null;
  readonly after: Answer | null;
}

/** A handful: more is not looked at, and makes reports heavy. */
const [BY_CHANCE, WRONG] = [8, 4];
/** Pixels of a picture's longer side. */
const SIDE = 224;

/** Picks samples by chance, in the order of the data. */
export function pick(count: number, seed: number): Set<number> {
  const all = Array.from({ length: count }, (_, sample) => sample);
  return new Set(
    new Random(seed)
      .shuffle(all)
      .slice(0, BY_CHANCE)
      .sort((a, b) => a - b),
  );
}

/**
 * Loads what is shown.
 *
 * @param picked by chance
 * @param after of the trained model; absent if nothing was written
 */
export async function showExamples(
  data: LabelledData,
  picked: ReadonlySet<number>,
  before: Judged,
  after: Judged | undefined,
): Promise<ShownExample[]> {
  const now = after ?? before;
  const shown: ShownExample[] = [];
  let wrong = 0;
  for (let sample = 0; sample < data.count; sample++) {
    const isPicked = picked.has(sample);
    const answer = now.answers.get(sample);
    if (!isPicked && (wrong >= WRONG || answer?.kind !== 'class')) continue;
    const { inputs, target } = await data.load(sample);
    const right = answerOfTarget(target);
    if (!isPicked) {
      if (right?.kind !== 'class' || answer?.kind !== 'class' || right.label === answer.label) continue;
      wrong++;
    }
    const picture = pictureOf(inputs, data.image, SIDE) ?? null;
    // A detector may take the size of the picture in an input before it.
    const own = inputs[data.image?.name ?? ''] ?? Object.values(inputs)[0];
    const [height = 0, width = 0] = sidesOf(own?.dims ?? [], data.image?.layout);
    shown.push({
      name: data.names[sample] ?? '',
      why: isPicked ? 'chance' : 'wrong',
      picture,
      size: picture === null ? null : { height, width },
      right: shrunk(right),
      before: shrunk(before.answers.get(sample)),
      after: shrunk(after?.answers.get(sample)),
    });
  }
  return shown.toSorted((a, b) => Number(a.why === 'wrong') - Number(b.why === 'wrong'));
}

function sidesOf(dims: readonly number[], layout: 'nchw' | 'nhwc' | undefined): readonly number[] {
  const [a = 0, b = 0, c = 0] = dims.slice(-3);
  const isLast = layout === undefined ? (c === 1 || c === 3) && a !== 1 && a !== 3 : layout === 'nhwc';
  return isLast ? [a, b] : [b, c];
}

function answerOfTarget(target: Target): Answer | null {
  switch (target.kind) {
    case 'boxes':
      return {
        kind: 'boxes',
        boxes: target.boxes.map(({ label, left, top, right, bottom }) => ({ label, box: [left, top, right, bottom] })),
      };
    case 'values':
      return {
        kind: 'values',
        values: Object.fromEntries(
          Object.entries(target.values).map(([name, value]) => [name, Array.from(numbersIn(value))]),
        ),
      };
    case 'none':
      return null;
    default:
      return target;
  }
}

/** A map at the size of what is shown: each pixel is that in the middle of those that it stands for. */
function shrunk(answer: Answer | null | undefined): Answer | null {
  if (answer?.kind !== 'map') return answer ?? null;
  const { height, width, labels } = answer;
  const shrink = Math.min(1, SIDE / Math.max(height, width));
  const [rows, columns] = [Math.max(1, Math.round(height * shrink)), Math.max(1, Math.round(width * shrink))];
  const middle = (index: number, count: number, size: number) => {
    const [from, to] = span(index, count, size);
    return Math.floor((from + to) / 2);
  };
  const small = new Int16Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const row = middle(y, rows, height) * width;
    for (let x = 0; x < columns; x++) small[y * columns + x] = labels[row + middle(x, columns, width)] as number;
  }
  return { kind: 'map', labels: small, height: rows, width: columns };
}
