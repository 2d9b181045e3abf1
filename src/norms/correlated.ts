/**
 * What sums lose beyond √n u: a term is rounded to the last digit of the sum so far, and terms that are alike by more than that digit
 * are all rounded the same way, whatever the sum. Their roundings add up to n u.
 */
import type { DataType } from '../onnx/data-type.ts';
import { computedRoundoff } from './roundoff.ts';

/** What is summed: so many numbers of a group, channel by channel, with this mean and variance. */
export interface Summed {
  readonly count: number;
  readonly perChannel: number;
  readonly mean: number;
  readonly variance: number;
}

/** How: over so many terms in one chain of sums, all at once or the channels last, in the arithmetic of a type. */
export interface Summation {
  readonly terms: number;
  readonly oneStage: boolean;
  readonly type: DataType;
}

/** What is lost: an error of the mean, a relative one of the variance, and the share of terms that are alike, times n u. */
export interface Lost {
  readonly mean: number;
  readonly variance: number;
  readonly share: number;
}

/**
 * 1. In a row: a channel that is constant has such terms, and numbers far from 0 in a group of millions.
 * 2. Over and over: channels that are all alike, each a map that is constant but for its border.
 * 3. Where channels are averaged last, among their averages.
 *
 * @param start of the group in x
 */
export function correlated(x: ArrayLike<number>, start: number, summed: Summed, summation: Summation): Lost {
  const { count, perChannel, mean, variance } = summed;
  const u = computedRoundoff(summation.type);
  const unit = summation.terms * u;
  const channels = count / perChannel;
  // (1)
  const values = new Runs(2 * unit * Math.abs(mean));
  const squares = new Runs(2 * unit * variance);
  // (3)
  const means = new Runs(2 * channels * u * Math.abs(mean));
  const variances = new Runs(2 * channels * u * variance);
  for (let first = start; first < start + count; first += perChannel) {
    let [sum, sumOfSquares] = [0, 0];
    for (let i = first; i < first + perChannel; i++) {
      const value = x[i] as number;
      const square = (value - mean) ** 2;
      values.add(value);
      squares.add(square);
      sum += value;
      sumOfSquares += square;
    }
    means.add(sum / perChannel);
    variances.add(sumOfSquares / perChannel);
  }
  // (2)
  const repeated = sharesRepeated(x, start, count, 2 * unit * Math.abs(mean));
  const ofAll = (runs: Runs, share: number) => unit * Math.max(runs.count() / count, share);
  const ofChannels = (runs: Runs) => (summation.oneStage ? 0 : u * runs.count());
  const share = ofAll(values, repeated.values);
  return {
    mean: Math.max(share, ofChannels(means)) * Math.abs(mean),
    variance: Math.max(ofAll(squares, repeated.squares), ofChannels(variances)),
    share,
  };
}

/** Of so many numbers it is looked whether they are few. */
const SAMPLE = 512;
/** So near are numbers that are rounded the same way most of the time, in parts of the last digit. */
const NEARLY = 2 ** -10;
/** A prime that is far from any size of a map: places of one residue would all be of one place in it. */
const STRIDE = 1_000_003;

/** Which share of numbers, and of their squares about the mean, have others near them, wherever. */
function sharesRepeated(x: ArrayLike<number>, start: number, count: number, digit: number) {
  if (digit === 0 || count < SAMPLE) return { values: 0, squares: 0 };
  const kinds = new Set<number>();
  let zeros = 0;
  for (let i = 0; i < SAMPLE; i++) {
    const value = x[start + ((i * STRIDE) % count)] as number;
    if (value === 0) zeros++;
    kinds.add(Math.round(value / (digit * NEARLY)));
    // So many that those that are left can't be most.
    if (kinds.size > SAMPLE / 2 + 1) return { values: 0, squares: 0 };
  }
  // Nothing is lost of zeros, but of their squares about the mean.
  const others = zeros === 0 ? kinds.size : kinds.size - 1;
  return { values: mostOf(SAMPLE - zeros - others), squares: mostOf(SAMPLE - kinds.size) };
}

/** Fewer than half may be near each other by chance. */
function mostOf(repeated: number): number {
  return repeated < SAMPLE / 2 ? 0 : repeated / SAMPLE;
}

/** Of fewer equal terms in a row the roundings add up to no more than √n u allows for: √8 times as much. */
const SHORTEST_RUN = 8;

/** Counts terms in runs of neighbours that differ by at most a step. */
class Runs {
  readonly #step: number;
  #last = Number.NaN;
  #run = 0;
  #count = 0;

  constructor(step: number) {
    this.#step = step;
  }

  add(term: number): void {
    if (Math.abs(term - this.#last) <= this.#step) this.#run++;
    else this.#finish();
    this.#last = term;
  }

  count(): number {
    this.#finish();
    return this.#count;
  }

  #finish(): void {
    if (this.#run >= SHORTEST_RUN) this.#count += this.#run;
    this.#run = 1;
  }
}
