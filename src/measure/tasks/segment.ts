/**
 * Maps of labels: mean intersection over union of the regions.
 *
 * 1. [n, K, h, w] of K classes, the largest of which is the label of a pixel, or [n, h, w, K] where that has the proportions of the picture; or maps
 *    [n, h, w] of integers.
 * 2. [n, 1, h, w], or K maps that a Sigmoid made: regions where the number is above 0.3, each map by itself.
 * 3. The mean is over classes that either model sees. A class that covers more than half of the source's pixels is the background,
 *    and left out where there are others: two models that see nothing but background agree on nothing.
 */
import { isFloat } from '../../onnx/data-type.ts';
import { numbersIn, type Value } from '../../runtime/session.ts';
import { channelAxis, LAST } from '../channels-last.ts';
import { MAP_THRESHOLD } from '../drift.ts';
import { mapsOf } from '../maps.ts';
import type { Answers, Claim, Context, Measured, Meter, Output, Task } from './types.ts';

const MASKS = /mask|seg|heatmap|text|label|class|logit|prob/i;
const PICTURES = 3;

export const segment: Task = {
  name: 'segment',
  measures: 'mean intersection over union of label maps',
  find(outputs, context, asked): Claim[] {
    return outputs.flatMap((output): Claim[] => {
      const why = asked ? 'asked for' : whyRegions(output, context);
      if (why === undefined || !isMap(output)) return [];
      const meter = new RegionMeter(output.name, readingOf(output, context), axisOf(output, context));
      return [{ outputs: [output.name], why, meter }];
    });
  },
};

/** The axis of the classes. */
const axisOf = ({ dims }: Output, { first }: Context) => channelAxis(dims, first.inputs);

function isMap({ type, dims }: Output): boolean {
  return isFloat(type) ? dims.length === 4 : dims.length === 3 || (dims.length === 4 && dims[1] === 1);
}

function whyRegions(output: Output, context: Context): string | undefined {
  const { name, type, dims } = output;
  const { evidence } = context;
  if (!isFloat(type)) return evidence.made(name, 1) === 'label' && dims.length >= 3 ? 'produced by ArgMax' : undefined;
  const axis = axisOf(output, context);
  if (dims.length !== 4 || (dims[2] ?? 0) * (dims[axis === LAST ? 1 : LAST] ?? 0) <= 1) return undefined;
  const made = evidence.made(name, axis);
  if (made === 'softmax') return 'produced by a Softmax';
  if (made === 'sigmoid') return 'produced by a Sigmoid';
  const classes = dims[axis] ?? 0;
  if (made !== 'linear' || classes < 2)
    return MASKS.test(name) && made === 'linear' ? `named ${JSON.stringify(name)}` : undefined;
  return classes !== PICTURES || MASKS.test(name) ? 'maps of classes from a last layer' : undefined;
}

type Reading = 'labels' | 'classes' | { readonly above: number };

function readingOf(output: Output, context: Context): Reading {
  const { name, type, dims } = output;
  const { evidence, options } = context;
  if (!isFloat(type)) return 'labels';
  const axis = axisOf(output, context);
  const isSigmoid = evidence.made(name, axis) === 'sigmoid';
  if (!isSigmoid && dims[axis] !== 1) return 'classes';
  const kind = options.scoreKind ?? (isSigmoid ? 'probability' : 'logit');
  return { above: kind === 'probability' ? MAP_THRESHOLD : 0 };
}

interface Region {
  both: number;
  source: number;
  rewritten: number;
}

class RegionMeter implements Meter {
  readonly #output: string;
  readonly #reading: Reading;
  readonly #regions = new Map<number, Region>();
  readonly #axis: number;
  #pixels = 0;

  constructor(output: string, reading: Reading, axis: number) {
    this.#output = output;
    this.#reading = reading;
    this.#axis = axis;
  }

  add({ source, rewritten }: Answers): void {
    const [before, after] = [source[this.#output], rewritten[this.#output]];
    if (before === undefined || after === undefined || before.dims.join() !== after.dims.join()) return;
    if (typeof this.#reading === 'object') this.#addMaps(before, after, this.#reading.above);
    else this.#addLabels(this.#labels(before), this.#labels(after));
  }

  #addMaps(before: Value, after: Value, above: number): void {
    const [a, b] = [numbersIn(before), numbersIn(after)];
    const { count: maps, steps } = mapsOf(before.dims, this.#axis);
    for (let i = 0; i < a.length; i++) {
      const region = this.#region(Math.floor(i / steps.map) % maps);
      count(region, (a[i] as number) > above, (b[i] as number) > above);
    }
  }

  #addLabels(a: ArrayLike<number>, b: ArrayLike<number>): void {
    this.#pixels += a.length;
    for (let i = 0; i < a.length; i++) {
      const [own, other] = [a[i] as number, b[i] as number];
      count(this.#region(own), true, own === other);
      if (own !== other) count(this.#region(other), false, true);
    }
  }

  /** The label of each pixel, picture by picture. */
  #labels(value: Value): ArrayLike<number> {
    const numbers = numbersIn(value);
    if (this.#reading === 'labels') return numbers;
    const { count: classes, height, width, steps } = mapsOf(value.dims, this.#axis);
    const area = height * width;
    const labels = new Int32Array(classes === 0 ? 0 : numbers.length / classes);
    for (let i = 0; i < labels.length; i++) {
      const start = Math.floor(i / area) * steps.sample + (i % area) * steps.pixel;
      let best = 0;
      for (let c = 1; c < classes; c++) {
        if ((numbers[start + c * steps.map] as number) > (numbers[start + best * steps.map] as number)) best = c;
      }
      labels[i] = best;
    }
    return labels;
  }

  #region(label: number): Region {
    const known = this.#regions.get(label) ?? { both: 0, source: 0, rewritten: 0 };
    this.#regions.set(label, known);
    return known;
  }

  result(): Measured {
    const seen = [...this.#regions.values()].filter(({ source, rewritten }) => source + rewritten > 0);
    // (3)
    const isBackground = ({ source }: Region) => this.#pixels > 0 && source > this.#pixels / 2;
    const judged = seen.filter((it) => !isBackground(it));
    const overlaps = judged.map(({ both, source, rewritten }) => both / (source + rewritten - both));
    const figures = { regions: judged.length, worst: overlaps.length === 0 ? null : Math.min(...overlaps) };
    if (overlaps.length === 0) {
      return {
        kept: null,
        detail: 'both models predict only background, so there is nothing to compare',
        figures,
      };
    }
    const kept = overlaps.reduce((sum, it) => sum + it, 0) / overlaps.length;
    const of =
      overlaps.length === 1 ? '' : ` over ${overlaps.length} classes, worst ${Math.min(...overlaps).toFixed(3)}`;
    return { kept, detail: `intersection over union ${kept.toFixed(3)}${of}`, figures };
  }
}

function count(region: Region, inSource: boolean, inRewritten: boolean): void {
  if (inSource) region.source++;
  if (inRewritten) region.rewritten++;
  if (inSource && inRewritten) region.both++;
}
