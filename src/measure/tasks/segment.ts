/**
 * Maps of labels: mean intersection over union of the regions.
 *
 * 1. [n, K, h, w] of K classes, the largest of which is the label of a pixel; or maps [n, h, w] of integers.
 * 2. [n, 1, h, w], or K maps that a Sigmoid made: regions where the number is above 0.3, each map by itself.
 * 3. The mean is over classes that either model sees. A class that covers more than half of the source's pixels is the background,
 *    and left out where there are others: two models that see nothing but background agree on nothing.
 */
import { isFloat } from '../../onnx/data-type.ts';
import { numbersIn, type Value } from '../../runtime/session.ts';
import { MAP_THRESHOLD } from '../drift.ts';
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
      return [{ outputs: [output.name], why, meter: new RegionMeter(output.name, readingOf(output, context)) }];
    });
  },
};

function isMap({ type, dims }: Output): boolean {
  return isFloat(type) ? dims.length === 4 : dims.length === 3 || (dims.length === 4 && dims[1] === 1);
}

function whyRegions({ name, type, dims }: Output, { evidence }: Context): string | undefined {
  if (!isFloat(type)) return evidence.made(name, 1) === 'label' && dims.length >= 3 ? 'produced by ArgMax' : undefined;
  if (dims.length !== 4 || (dims[2] ?? 0) * (dims[3] ?? 0) <= 1) return undefined;
  const made = evidence.made(name, 1);
  if (made === 'softmax') return 'produced by a Softmax';
  if (made === 'sigmoid') return 'produced by a Sigmoid';
  const classes = dims[1] ?? 0;
  if (made !== 'linear' || classes < 2)
    return MASKS.test(name) && made === 'linear' ? `named ${JSON.stringify(name)}` : undefined;
  return classes !== PICTURES || MASKS.test(name) ? 'maps of classes from a last layer' : undefined;
}

type Reading = 'labels' | 'classes' | { readonly above: number };

function readingOf({ name, type, dims }: Output, { evidence, options }: Context): Reading {
  if (!isFloat(type)) return 'labels';
  const isSigmoid = evidence.made(name, 1) === 'sigmoid';
  if (!isSigmoid && dims[1] !== 1) return 'classes';
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
  #pixels = 0;

  constructor(output: string, reading: Reading) {
    this.#output = output;
    this.#reading = reading;
  }

  add({ source, rewritten }: Answers): void {
    const [before, after] = [source[this.#output], rewritten[this.#output]];
    if (before === undefined || after === undefined || before.dims.join() !== after.dims.join()) return;
    if (typeof this.#reading === 'object') this.#addMaps(before, after, this.#reading.above);
    else this.#addLabels(labelsOf(before, this.#reading), labelsOf(after, this.#reading));
  }

  #addMaps(before: Value, after: Value, above: number): void {
    const [a, b] = [numbersIn(before), numbersIn(after)];
    const [, maps = 1, height = 1, width = 1] = before.dims;
    for (let i = 0; i < a.length; i++) {
      const region = this.#region(Math.floor(i / (height * width)) % maps);
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

/** The label of each pixel, picture by picture. */
function labelsOf(value: Value, reading: 'labels' | 'classes'): ArrayLike<number> {
  const numbers = numbersIn(value);
  if (reading === 'labels') return numbers;
  const [pictures = 0, classes = 0, height = 0, width = 0] = value.dims;
  const area = height * width;
  const labels = new Int32Array(pictures * area);
  for (let i = 0; i < labels.length; i++) {
    const start = Math.floor(i / area) * classes * area + (i % area);
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((numbers[start + c * area] as number) > (numbers[start + best * area] as number)) best = c;
    }
    labels[i] = best;
  }
  return labels;
}
