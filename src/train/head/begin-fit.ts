/** How a last layer should begin: its answers scaled and shifted to the targets, and ridge regression of what is left. */
import { filled } from '../../filled.ts';
import { bestStrength, cut, less, meansOf, type Rows, ridge } from './ridge.ts';

/** What was gathered for one layer: what it reads, what is wanted, what is answered. */
export interface Gathered {
  readonly x: Rows;
  readonly y: Rows;
  readonly now: Rows;
  /** Rows at the front that a fit is made of; the others judge it. */
  readonly fitted: number;
}

/** y = scale · (what is answered) + shift + x · weight. */
export interface Beginning {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
  /** A row for each number of x. */
  readonly weight: Float64Array;
  /** Variance explained, on rows that nothing was fitted on. */
  readonly before: number;
  readonly after: number;
}

/** @returns undefined if the answers explain something already, or nothing fitted is better than they are */
export function beginningOf({ x, y, now, fitted }: Gathered, hasBias: boolean): Beginning | undefined {
  // What explains something has learnt something, and training goes on from there.
  if (fitted === 0 || fitted === x.count || distance(y, now) <= variation(y)) return undefined;
  const [front, back] = [(rows: Rows) => cut(rows, 0, fitted), (rows: Rows) => cut(rows, fitted, rows.count)];
  const trial = new Trial(front(x), front(y), front(now), hasBias);
  const others = [back(x), back(y), back(now)] as const;
  const none = trial.error(...others);
  const strength = bestStrength(trial.x, trial.rest, none, (weight) => trial.error(...others, weight));
  const after = strength === undefined ? none : trial.error(...others, ridge(trial.x, trial.rest, strength));
  const before = distance(back(y), back(now));
  if (after >= before) return undefined;
  const whole = new Trial(x, y, now, hasBias);
  const weight = strength === undefined ? new Float64Array(x.width * y.width) : ridge(whole.x, whole.rest, strength);
  const unit = variation(back(y));
  return { ...whole.written(weight), before: 1 - before / unit, after: 1 - after / unit };
}

/** Answers scaled and shifted to the targets of some rows, and what is left there. */
class Trial {
  readonly #scale: Float64Array;
  readonly #shift: Float64Array;
  readonly #means: Float64Array;
  /** Without its means, if there is a bias to hold them. */
  readonly x: Rows;
  readonly rest: Rows;

  constructor(x: Rows, y: Rows, now: Rows, hasBias: boolean) {
    const none = (width: number) => new Float64Array(width);
    const [own, wanted] = hasBias ? [meansOf(now), meansOf(y)] : [none(y.width), none(y.width)];
    this.#scale = slopes(less(now, own), less(y, wanted));
    this.#shift = filled(none(y.width), (k) => at(wanted, k) - at(this.#scale, k) * at(own, k));
    this.#means = hasBias ? meansOf(x) : none(x.width);
    this.x = less(x, this.#means);
    this.rest = this.#missed(y, now);
  }

  #missed({ count, width, data }: Rows, now: Rows): Rows {
    const missed = filled(new Float64Array(data.length), (i) => {
      return at(data, i) - at(this.#scale, i % width) * at(now.data, i) - at(this.#shift, i % width);
    });
    return { count, width, data: missed };
  }

  /** Σ of the squares of what is missed in rows. */
  error(x: Rows, y: Rows, now: Rows, weight?: Float64Array): number {
    const missed = this.#missed(y, now);
    if (weight === undefined) return squares(missed);
    const centred = less(x, this.#means);
    const told = new Float64Array(y.width);
    let sum = 0;
    for (let row = 0; row < y.count; row++) {
      told.fill(0);
      for (let k = 0, i = 0; k < x.width; k++) {
        const number = at(centred.data, row * x.width + k);
        for (let output = 0; output < y.width; output++, i++) told[output] = at(told, output) + number * at(weight, i);
      }
      for (let output = 0; output < y.width; output++)
        sum += (at(missed.data, row * y.width + output) - at(told, output)) ** 2;
    }
    return sum;
  }

  /** In numbers of x as they are, not without their means. */
  written(weight: Float64Array): Pick<Beginning, 'scale' | 'shift' | 'weight'> {
    const { width } = this.rest;
    const shift = this.#shift.slice();
    for (let i = 0; i < weight.length; i++) {
      shift[i % width] = at(shift, i % width) - at(this.#means, Math.floor(i / width)) * at(weight, i);
    }
    return { scale: this.#scale, shift, weight };
  }
}

/** For each column, what one has to be multiplied by to come nearest to the other; 0 if it does not vary. */
function slopes({ count, width, data }: Rows, wanted: Rows): Float64Array {
  return filled(new Float64Array(width), (column) => {
    let [both, own] = [0, 0];
    for (let i = column; i < count * width; i += width) {
      both += at(data, i) * at(wanted.data, i);
      own += at(data, i) ** 2;
    }
    return own === 0 ? 0 : both / own;
  });
}

function at(numbers: Float64Array, index: number): number {
  return numbers[index] as number;
}

function squares({ data }: Rows): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += at(data, i) ** 2;
  return sum;
}

function distance({ data }: Rows, other: Rows): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (at(data, i) - at(other.data, i)) ** 2;
  return sum;
}

/** Σ of the squares about the mean of each column. */
function variation(rows: Rows): number {
  return squares(less(rows, meansOf(rows)));
}
