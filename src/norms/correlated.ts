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
    addChannel(x, first, perChannel, mean, values, squares);
    means.add(values.takeSum() / perChannel);
    variances.add(squares.takeSum() / perChannel);
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

/** In a function of its own for the reason that the loops of reference.ts are. */
function addChannel(
  x: ArrayLike<number>,
  start: number,
  count: number,
  mean: number,
  values: Runs,
  squares: Runs,
): void {
  for (let i = start; i < start + count; i++) {
    const value = x[i] as number;
    values.add(value);
    squares.add((value - mean) ** 2);
  }
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
  kinds.clear();
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

/** A set of some hundred numbers that is filled again and again. A `Set` makes an object of each, and a group asks for hundreds. */
class Kinds {
  readonly #numbers = new Float64Array(4 * SAMPLE);
  /** The filling that a place was last used in. */
  readonly #filled = new Uint32Array(4 * SAMPLE);
  #filling = 0;
  size = 0;

  clear(): void {
    this.#filling++;
    this.size = 0;
  }

  add(number: number): void {
    const mask = this.#numbers.length - 1;
    // Its low 32 bits, whatever its size.
    let at = (Math.imul(number, 0x9e3779b1) >>> 16) & mask;
    while (this.#filled[at] === this.#filling) {
      if (Object.is(this.#numbers[at], number) || this.#numbers[at] === number) return;
      at = (at + 1) & mask;
    }
    this.#filled[at] = this.#filling;
    this.#numbers[at] = number;
    this.size++;
  }
}

const kinds = new Kinds();

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
  #sum = 0;

  constructor(step: number) {
    this.#step = step;
  }

  add(term: number): void {
    if (Math.abs(term - this.#last) <= this.#step) this.#run++;
    else this.#finish();
    this.#last = term;
    this.#sum += term;
  }

  /** The sum of all terms since it was last asked for. */
  takeSum(): number {
    const sum = this.#sum;
    this.#sum = 0;
    return sum;
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
