/**
 * Numbers: how much of the variance of each channel the rewritten model still explains, 1 − Σ(y − ŷ)²/Σ(y − ȳ)², where y is the
 * source's number and ŷ the rewritten model's. The median over channels counts; the worst is told too.
 *
 * 1. Channels are axis 1, or the last axis where there are three, or where the two before it have the proportions of the picture:
 *    [n, K], [n, K, h, w], [n, T, K], [n, h, w, K].
 * 2. A channel that does not vary over the inputs says nothing, and is left out. One input alone has no variance to explain where
 *    an answer is a row, so there is nothing to compare.
 */
import { isFloat } from '../../onnx/data-type.ts';
import { numbersOf } from '../../runtime/session.ts';
import { hasChannelsLast } from '../channels-last.ts';
import type { Answers, Claim, Measured, Meter, Task } from './types.ts';

export const regress: Task = {
  name: 'regress',
  measures: 'explained variance per channel, median over channels',
  find(outputs, _, asked): Claim[] {
    return outputs.flatMap(({ name, type, dims }): Claim[] => {
      if (!isFloat(type) || dims.length === 0) return [];
      const why = asked ? 'asked for' : 'no sign of classes, regions, boxes or an embedding';
      return [{ outputs: [name], why, meter: new VarianceMeter(name) }];
    });
  },
};

/** Sums over one channel. Numbers are taken from the first one, so that a large mean loses no digits. */
interface Channel {
  readonly origin: number;
  count: number;
  sum: number;
  squares: number;
  error: number;
}

/** Variances below this share of a float32's rounding are rounding. */
const ROUNDING = 1e-12;

class VarianceMeter implements Meter {
  readonly #output: string;
  readonly #channels: Channel[] = [];
  #isComparable = true;

  constructor(output: string) {
    this.#output = output;
  }

  add({ inputs, source, rewritten }: Answers): void {
    const [before, after] = [source[this.#output], rewritten[this.#output]];
    const [a, b] = [before && numbersOf(before), after && numbersOf(after)];
    if (before === undefined || a === undefined || b === undefined || before.dims.join() !== after?.dims.join()) {
      this.#isComparable = false;
      return;
    }
    const { dims } = before;
    const isLast = dims.length === 3 || hasChannelsLast(dims, inputs);
    const axis = isLast ? dims.length - 1 : Math.min(1, dims.length - 1);
    const channels = dims.length === 1 ? 1 : (dims[axis] ?? 1);
    const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
    for (let i = 0; i < a.length; i++) this.#add(Math.floor(i / inner) % channels, a[i] as number, b[i] as number);
  }

  #add(index: number, y: number, own: number): void {
    this.#channels[index] ??= { origin: y, count: 0, sum: 0, squares: 0, error: 0 };
    const channel = this.#channels[index] as Channel;
    const from = y - channel.origin;
    channel.count++;
    channel.sum += from;
    channel.squares += from * from;
    // Equal infinities differ by nothing.
    channel.error += y === own ? 0 : (y - own) ** 2;
  }

  result(): Measured {
    const explained = this.#channels.flatMap((channel) => {
      const { origin, count, sum, squares, error } = channel;
      const variance = squares - (sum * sum) / count;
      return variance > ROUNDING * count * (origin * origin + 1e-30) ? [shareOf(error, variance)] : [];
    });
    const median = middle(explained);
    const worst = explained.length === 0 ? null : Math.min(...explained);
    const figures = { median, worst, channels: explained.length, constant: this.#channels.length - explained.length };
    if (!this.#isComparable) return { kept: null, detail: 'its shape depends on the data', figures };
    if (median === null || worst === null) {
      return {
        kept: null,
        detail: 'its values do not vary over these inputs, so there is nothing to compare',
        figures,
      };
    }
    const detail =
      explained.length === 1
        ? `${shareText(median)} of the variance explained`
        : `variance explained: median ${shareText(median)}, worst ${shareText(worst)} of ${explained.length} channels`;
    return { kept: Math.min(1, Math.max(0, median)), detail, figures };
  }
}

/** Below 0 the mean of the source's answers would be nearer to them; how far below says nothing more, and may be any number. */
function shareText(share: number): string {
  return share < 0 ? 'less than none' : share.toFixed(3);
}

/** An answer that is no number explains nothing. */
function shareOf(error: number, variance: number): number {
  return Number.isNaN(error) ? Number.NEGATIVE_INFINITY : 1 - error / variance;
}

function middle(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}
