/**
 * A class a pixel. Maps of several classes: cross-entropy, mean IoU. One map: binary cross-entropy and Dice, IoU of what is drawn.
 *
 * 1. The map may be smaller than the input: labels are then taken from the middle of the pixels that one of its pixels stands for.
 * 2. Pixels without a label are left out of loss and measure where classes exclude each other; a model with one map, or with a map for
 *    each class by itself, has no such pixels in its loss, so they count as background there, and are left out of the measure.
 */
import { GnSwapError } from '../../errors.ts';
import type { LossName } from '../../gradient/losses.ts';
import { type Example, UNLABELLED } from '../../inputs/labelled/types.ts';
import { pictureSize } from '../../measure/picture-size.ts';
import { DataType } from '../../onnx/data-type.ts';
import { numbersIn, type Value, type Values } from '../../runtime/session.ts';
import type { Scorer, TrainedOutput, TrainTask } from '../types.ts';
import { Confusion, type Counts } from './confusion.ts';
import { fewerClasses } from './fewer-classes.ts';
import { outputFor } from './outputs.ts';

/** From where on a pixel of a single map counts as drawn. */
const THERE = 0.5;

export const segment: TrainTask = {
  name: 'segment',
  async prepare(setup) {
    const { evidence, data, losses } = setup;
    const output = outputFor(setup, isMap, 'a map of classes');
    const maps = output.dims[1] as number;
    const made = evidence.made(output.name, 1);
    const isOne = maps === 1;
    const isEach = isOne || made === 'sigmoid';
    const classes = data.classes?.length ?? 0;
    if (classes > (isOne ? 2 : maps)) {
      throw new GnSwapError('invalid-data', `the masks have ${classes} classes, and ${output.name} has ${maps}`, {
        remedy: `Give --classes ${(data.classes ?? []).join(',')} to rebuild the last layer`,
      });
    }
    const own: readonly LossName[] = isEach ? ['bce', 'dice'] : ['cross-entropy'];
    const used = losses ?? own;
    const first = data.count === 0 ? undefined : await data.load(0);
    const sized = (batch: readonly Example[]) => sizedFor(batch[0], output, first);
    return {
      measure: isOne ? 'IoU' : 'mean IoU',
      notes: [
        ...(isOne ? [] : fewerClasses(output.name, data.classes ?? [], maps)),
        ...(data.isWhiteClass === true ? ['The masks are black and white: white is class 1.'] : []),
      ],
      scoresSteps: true,
      answerOf: (outputs) => mapOf(outputs, output, made === 'sigmoid' ? THERE : 0),
      objective: {
        kind: 'graph',
        terms: used.map((loss) => ({ output: output.name, loss, weight: 1 })),
        ...(used.join() === 'cross-entropy' ? { counted: labelledPixels } : {}),
        targets(batch) {
          return used.map((loss) =>
            loss === 'cross-entropy' ? labelMaps(batch, sized(batch)) : drawn(batch, sized(batch)),
          );
        },
      },
      scorer: () => new OverlapScorer(output, made === 'sigmoid'),
    };
  },
};

/** The map of a sample, whose picture may have another size than that of the first: a file that takes any has other maps for each. */
function sizedFor(example: Example | undefined, output: TrainedOutput, first: Example | undefined): TrainedOutput {
  const [was, is] = [first, example].map((it) => it && pictureSize(it.inputs));
  if (was === undefined || is === undefined) return output;
  const [count = 1, maps = 1, height = 0, width = 0] = output.dims;
  const side = (of: number, now: number, before: number) => Math.ceil((of * now) / before);
  return {
    ...output,
    dims: [count, maps, side(height, is.height, was.height), side(width, is.width, was.width)],
  };
}

function isMap({ dims }: TrainedOutput): boolean {
  return dims.length === 4 && (dims[2] as number) * (dims[3] as number) > 1;
}

/** The classes of a sample's pixels at another size (1). */
export function labelsAt({ target }: Example, height: number, width: number): Int16Array {
  if (target.kind !== 'map')
    throw new GnSwapError('invalid-data', 'a sample has no mask', { remedy: 'Give another --task' });
  if (target.height === height && target.width === width) return target.labels;
  const labels = new Int16Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * target.height) / height) * target.width;
    for (let x = 0; x < width; x++) {
      labels[y * width + x] = target.labels[row + Math.floor(((x + 0.5) * target.width) / width)] as number;
    }
  }
  return labels;
}

function labelMaps(batch: readonly Example[], { dims }: TrainedOutput): Value {
  const [, , height = 0, width = 0] = dims;
  const area = height * width;
  const data = new BigInt64Array(batch.length * area);
  for (const [index, example] of batch.entries()) {
    const labels = labelsAt(example, height, width);
    for (let i = 0; i < area; i++) data[index * area + i] = BigInt(labels[i] as number);
  }
  return { type: DataType.INT64, dims: [batch.length, height, width], data };
}

function labelledPixels([labels]: readonly Value[]): number {
  let count = 0;
  for (const label of (labels?.data ?? []) as BigInt64Array) if (label >= 0n) count++;
  return count;
}

/** 1 where a class is drawn, in its map; a single map is that of class 1. */
function drawn(batch: readonly Example[], { dims }: TrainedOutput): Value {
  const [, maps = 1, height = 0, width = 0] = dims;
  const area = height * width;
  const data = new Float32Array(batch.length * maps * area);
  for (const [index, example] of batch.entries()) {
    const labels = labelsAt(example, height, width);
    for (let i = 0; i < area; i++) {
      const label = labels[i] as number;
      const map = maps === 1 ? label - 1 : label;
      if (map >= 0 && map < maps) data[(index * maps + map) * area + i] = 1;
    }
  }
  return { type: DataType.FLOAT, dims: [batch.length, maps, height, width], data };
}

/** The class of each pixel of one sample's map, or of the sample at `index`. */
function mapOf(outputs: Values, { name, dims }: TrainedOutput, threshold: number, index = 0) {
  const value = outputs[name];
  const numbers = numbersIn(value);
  const [, maps = 1, height = 0, width = 0] = value?.dims ?? dims;
  const area = height * width;
  const start = index * maps * area;
  const labels = new Int16Array(area);
  for (let i = 0; i < area; i++) {
    let answer = 0;
    if (maps === 1) answer = Number((numbers[start + i] as number) > threshold);
    else {
      for (let map = 1; map < maps; map++) {
        if ((numbers[start + map * area + i] as number) > (numbers[start + answer * area + i] as number)) answer = map;
      }
    }
    labels[i] = answer;
  }
  return { kind: 'map', labels, height, width } as const;
}

class OverlapScorer implements Scorer {
  readonly #output: TrainedOutput;
  readonly #threshold: number;
  readonly #confusion: Confusion;
  readonly #samples: Counts[] = [];

  constructor(output: TrainedOutput, isProbability: boolean) {
    this.#output = output;
    this.#threshold = isProbability ? THERE : 0;
    this.#confusion = new Confusion(Math.max(2, output.dims[1] as number));
  }

  add(outputs: Values, batch: readonly Example[]): void {
    for (const [index, example] of batch.entries()) {
      const { labels: answers, height, width } = mapOf(outputs, this.#output, this.#threshold, index);
      const own = new Confusion(this.#confusion.size);
      const rights = labelsAt(example, height, width);
      for (let i = 0; i < rights.length; i++) {
        if (rights[i] !== UNLABELLED) own.add(rights[i] as number, answers[i] as number);
      }
      const counts = own.counts();
      this.#samples.push(counts);
      this.#confusion.addAll(counts);
    }
  }

  result() {
    const overlaps = this.#overlaps(this.#confusion);
    const value = meanOf(overlaps);
    const isOne = this.#output.dims[1] === 1;
    const classes = this.#confusion.classes().map((it) => {
      const overlap = this.#confusion.overlap(it.label);
      return overlap === undefined ? it : { ...it, figures: { IoU: overlap, ...it.figures } };
    });
    return {
      value,
      detail: isOne ? 'of what is drawn' : `over ${overlaps.length} classes`,
      figures: { classes: overlaps.length, worst: overlaps.length === 0 ? 0 : Math.min(...overlaps) },
      confusion: this.#confusion.rows(),
      classes,
    };
  }

  weighted(weights: ArrayLike<number>): number | undefined {
    const total = new Confusion(this.#confusion.size);
    for (const [sample, counts] of this.#samples.entries()) total.addAll(counts, weights[sample]);
    return meanOf(this.#overlaps(total));
  }

  /** Of classes that are drawn or answered; a single map is that of class 1. */
  #overlaps(confusion: Confusion): number[] {
    const labels = Array.from({ length: confusion.size }, (_, label) => label);
    const isOne = this.#output.dims[1] === 1;
    return labels.slice(isOne ? 1 : 0).flatMap((label) => confusion.overlap(label) ?? []);
  }
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, it) => sum + it, 0) / values.length;
}
