/** How far a computed norm is from its float64 reference, against how far it may be. */
import type { Computed, Norm } from '../norms/types.ts';

/** A deviation and what it may be, both in the unit of y, at the element where the one is largest against the other. */
export interface Deviation {
  readonly error: number;
  readonly bound: number;
}

/** Nothing deviates yet. */
export const NO_DEVIATION: Deviation = { error: 0, bound: 0 };

/** Of what can't be told, which keeps to no bound. */
export const UNKNOWN: Deviation = { error: Number.NaN, bound: 0 };

/** What tells the reference of what was computed, and its bound. */
type Reference = Pick<Norm, 'elements'>;

/** An answer that is held against the reference, in the order of its elements. */
export interface Answer {
  readonly y: ArrayLike<number>;
  /**
   * Another answer to the same x, which this one is held against instead: as far as both may be from the reference, on either side of it.
   */
  readonly other?: ArrayLike<number>;
  /** Whether it answers the first sample alone. */
  readonly ofFirst?: boolean;
}

/** The deviation of y from the norm's float64 reference. */
export function deviation(norm: Reference, computed: Computed, y: ArrayLike<number>): Deviation {
  return deviations(norm, computed, [{ y }])[0] as Deviation;
}

/** The deviations of several answers to one x; the reference takes longer than to hold an answer against it. */
export function deviations(norm: Reference, computed: Computed, answers: readonly Answer[]): Deviation[] {
  const { x, dims } = computed;
  const worst = answers.map(({ y, ofFirst = false }) =>
    y.length === (ofFirst ? x.length / (dims[0] || 1) : x.length) ? NO_DEVIATION : UNKNOWN,
  );
  norm.elements(computed, (start, references, bounds) => {
    for (const [index, answer] of answers.entries()) {
      if (answer.ofFirst === true && start > 0) continue;
      worst[index] = worstOf(worst[index] as Deviation, answer, start, references, bounds);
    }
  });
  return worst;
}

/** So many elements are looked at in a call: V8 compiles what is called often, and not what goes on for long. */
const STRETCH = 1024;

/** {@link worse} of what is known and every element of a range, without an object for each. */
function worstOf(
  known: Deviation,
  answer: Answer,
  start: number,
  references: Float64Array,
  bounds: Float64Array,
): Deviation {
  let worst = known;
  for (let from = 0; from < references.length; from += STRETCH) {
    const to = Math.min(references.length, from + STRETCH);
    const at = worstIn(worst, answer, start, from, to, references, bounds);
    if (at >= 0) worst = deviationAt(answer, start, at, references, bounds);
  }
  return worst;
}

/** Where in a part of the range the worst is, if it is worse than what is known; −1 if not. */
function worstIn(
  { error, bound }: Deviation,
  { y, other }: Answer,
  start: number,
  from: number,
  to: number,
  references: Float64Array,
  bounds: Float64Array,
): number {
  const most = share(error, bound);
  if (Number.isNaN(most)) return -1;
  return other === undefined
    ? worstBeside(most, bound, y, start, from, to, references, bounds)
    : worstBetween(most, bound, y, other, start, from, to, bounds);
}

/** A little less than a share: what is less of its bound than this is less after any rounding, and need not be divided. Of infinity, all is looked at. */
function clearlyLess(most: number): number {
  return most < Number.POSITIVE_INFINITY ? most * (1 - 2 ** -50) : 0;
}

// One for the reference and one for another answer: they are lists of different types, and V8 compiles a loop for those that it has met.

function worstBeside(
  known: number,
  bound: number,
  y: ArrayLike<number>,
  start: number,
  from: number,
  to: number,
  references: Float64Array,
  bounds: Float64Array,
): number {
  let [most, largest, worst, clear] = [known, bound, -1, clearlyLess(known)];
  for (let at = from; at < to; at++) {
    const off = Math.abs((y[start + at] as number) - (references[at] as number));
    const may = bounds[at] as number;
    if (off < clear * may) continue;
    const own = share(off, may);
    if (Number.isNaN(own)) return at;
    if (own < most || (own === most && may <= largest)) continue;
    [most, largest, worst, clear] = [own, may, at, clearlyLess(own)];
  }
  return worst;
}

function worstBetween(
  known: number,
  bound: number,
  y: ArrayLike<number>,
  other: ArrayLike<number>,
  start: number,
  from: number,
  to: number,
  bounds: Float64Array,
): number {
  let [most, largest, worst, clear] = [known, bound, -1, clearlyLess(known)];
  for (let at = from; at < to; at++) {
    const off = Math.abs((y[start + at] as number) - (other[start + at] as number));
    const may = 2 * (bounds[at] as number);
    if (off < clear * may) continue;
    const own = share(off, may);
    if (Number.isNaN(own)) return at;
    if (own < most || (own === most && may <= largest)) continue;
    [most, largest, worst, clear] = [own, may, at, clearlyLess(own)];
  }
  return worst;
}

function deviationAt(
  { y, other }: Answer,
  start: number,
  at: number,
  references: Float64Array,
  bounds: Float64Array,
): Deviation {
  const [reference, room] = other === undefined ? [references[at], 1] : [other[start + at], 2];
  return { error: Math.abs((y[start + at] as number) - (reference as number)), bound: room * (bounds[at] as number) };
}

/** The one that is larger against its bound; NaN is larger than all. */
export function worse(a: Deviation, b: Deviation): Deviation {
  const [x, y] = [share(a.error, a.bound), share(b.error, b.bound)];
  if (Number.isNaN(x)) return a;
  // Of two that are exact, the larger bound says more.
  return y > x || Number.isNaN(y) || (y === x && b.bound > a.bound) ? b : a;
}

/** The error as a share of its bound; NaN where either is NaN. */
function share(error: number, bound: number): number {
  return error === 0 && bound === 0 ? 0 : error / bound;
}

/** Whether a deviation keeps to its bound; what is not finite does not. */
export function isWithin({ error, bound }: Deviation): boolean {
  return error <= bound && error < Number.POSITIVE_INFINITY;
}
