/**
 * A class a pixel. Maps of several classes: cross-entropy, mean IoU. One map: binary cross-entropy and Dice, IoU of what is drawn.
 *
 * Maps are [n, K, h, w], or [n, h, w, K] as Keras has them.
 *
 * 1. The map may be smaller than the input: labels are then taken from the middle of the pixels that one of its pixels stands for.
 * 2. Pixels without a label are left out of loss and measure where classes exclude each other; a model with one map, or with a map for
 *    each class by itself, has no such pixels in its loss, so they count as background there, and are left out of the measure.
 */
import { GnSwapError } from '../../errors.ts';
import type { LossName } from '../../gradient/losses.ts';
import { type Example, UNLABELLED } from '../../inputs/labelled/types.ts';
import { argmax } from '../../measure/argmax.ts';
import { mapsOf } from '../../measure/maps.ts';
import { pictureSize } from '../../measure/picture-size.ts';
import { DataType } from '../../onnx/data-type.ts';
import { numbersIn, type Value, type Values } from '../../runtime/session.ts';
import { mapAxis } from '../class-axis.ts';
import type { Scorer, TrainedOutput, TrainTask } from '../types.ts';
import { Confusion, type Counts } from './confusion.ts';
import { fewerClasses } from './fewer-classes.ts';
import { outputFor, probabilities } from './outputs.ts';

/** An output that holds maps. */
interface MapOutput extends TrainedOutput {
  /** Of the classes. */
  readonly axis: number;
}

/** From where on a pixel of a single map counts as drawn. */
const THERE = 0.5;

export const segment: TrainTask = {
  name: 'segment',
  prepare(setup) {
    const { evidence, data, losses, first } = setup;
    const found = outputFor(setup, isMap, 'a map of classes');
    const axis = mapAxis(setup.model, found.name, found.dims, first?.inputs ?? {});
    const output: MapOutput = { ...found, axis };
    const maps = mapsOf(output.dims, output.axis).count;
    const made = evidence.made(output.name, axis);
    const isOne = maps === 1;
    const isEach = isOne || made === 'sigmoid';
    const at = { ...(axis !== 1 && { axis }), ...probabilities(made) };
    const classes = data.classes?.length ?? 0;
    if (classes > (isOne ? 2 : maps)) {
      throw new GnSwapError('invalid-data', `the masks have ${classes} classes, and ${output.name} has ${maps}`, {
        remedy: `Give --classes ${(data.classes ?? []).join(',')} to rebuild the last layer`,
      });
    }
    const own: readonly LossName[] = isEach ? ['bce', 'dice'] : ['cross-entropy'];
    const used = losses ?? own;
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
        terms: used.map((loss) => ({ output: output.name, loss, weight: 1, ...at })),
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
function sizedFor(example: Example | undefined, output: MapOutput, first: Example | undefined): MapOutput {
  const [was, is] = [first, example].map((it) => it && pictureSize(it.inputs));
  if (was === undefined || is === undefined) return output;
  const { height, width } = mapsOf(output.dims, output.axis);
  const side = (of: number, now: number, before: number) => Math.ceil((of * now) / before);
  const sides = [side(height, is.height, was.height), side(width, is.width, was.width)];
  const [samples = 1, ...own] = output.dims;
  own.splice(output.axis === 1 ? 1 : 0, sides.length, ...sides);
  return { ...output, dims: [samples, ...own] };
}

function isMap({ dims }: TrainedOutput): boolean {
  const [, a = 0, b = 0, c = 0] = dims;
  return dims.length === 4 && (b * c > 1 || a * b > 1);
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

function labelMaps(batch: readonly Example[], output: MapOutput): Value {
  const { height, width } = mapsOf(output.dims, output.axis);
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
function drawn(batch: readonly Example[], output: MapOutput): Value {
  const { count, height, width, steps } = mapsOf(output.dims, output.axis);
  const area = height * width;
  const data = new Float32Array(batch.length * count * area);
  for (const [index, example] of batch.entries()) {
    const labels = labelsAt(example, height, width);
    for (let i = 0; i < area; i++) {
      const label = labels[i] as number;
      const map = count === 1 ? label - 1 : label;
      if (map >= 0 && map < count) data[index * steps.sample + map * steps.map + i * steps.pixel] = 1;
    }
  }
  return { type: DataType.FLOAT, dims: [batch.length, ...output.dims.slice(1)], data };
}

/** The class of each pixel of one sample's map, or of the sample at `index`. */
function mapOf(outputs: Values, output: MapOutput, threshold: number, index = 0) {
  const value = outputs[output.name];
  const numbers = numbersIn(value);
  const { count, height, width, steps } = mapsOf(value?.dims ?? output.dims, output.axis);
  const labels = new Int16Array(height * width);
  for (let i = 0; i < labels.length; i++) {
    const start = index * steps.sample + i * steps.pixel;
    labels[i] =
      count === 1 ? Number((numbers[start] as number) > threshold) : (argmax(numbers, start, count, steps.map) ?? 0);
  }
  return { kind: 'map', labels, height, width } as const;
}

class OverlapScorer implements Scorer {
  readonly #output: MapOutput;
  readonly #maps: number;
  readonly #threshold: number;
  readonly #confusion: Confusion;
  readonly #samples: Counts[] = [];

  constructor(output: MapOutput, isProbability: boolean) {
    this.#output = output;
    this.#maps = mapsOf(output.dims, output.axis).count;
    this.#threshold = isProbability ? THERE : 0;
    this.#confusion = new Confusion(Math.max(2, this.#maps));
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
    const isOne = this.#maps === 1;
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
    const isOne = this.#maps === 1;
    return labels.slice(isOne ? 1 : 0).flatMap((label) => confusion.overlap(label) ?? []);
  }
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, it) => sum + it, 0) / values.length;
}
