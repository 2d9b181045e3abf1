/** How far a computed norm is from its float64 reference, against how far it may be. */
import type { Computed, Norm } from '../norms/types.ts';

/** A deviation and what it may be, both in the unit of y, at the element where the one is largest against the other. */
export interface Deviation {
  readonly error: number;
  readonly bound: number;
}

/** Nothing deviates yet. */
export const NO_DEVIATION: Deviation = { error: 0, bound: 0 };

/** What tells the reference of what was computed, and its bound. */
type Reference = Pick<Norm, 'elements'>;

/**
 * The deviation of y from the norm's float64 reference.
 *
 * @param y in the order of the norm's elements
 */
export function deviation(norm: Reference, computed: Computed, y: ArrayLike<number>): Deviation {
  return worstOf(norm, computed, (index, reference, bound) => ({
    error: Math.abs((y[index] as number) - reference),
    bound,
  }));
}

/** The deviation of two answers to one x from each other: as far as both may be from the reference, on either side of it. */
export function disagreement(
  norm: Reference,
  computed: Computed,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): Deviation {
  return worstOf(norm, computed, (index, _, bound) => ({
    error: Math.abs((a[index] as number) - (b[index] as number)),
    bound: 2 * bound,
  }));
}

function worstOf(
  norm: Reference,
  computed: Computed,
  at: (index: number, reference: number, bound: number) => Deviation,
): Deviation {
  let worst = NO_DEVIATION;
  norm.elements(computed, (index, reference, bound) => {
    worst = worse(worst, at(index, reference, bound));
  });
  return worst;
}

/** The one that is larger against its bound; NaN is larger than all. */
export function worse(a: Deviation, b: Deviation): Deviation {
  const [x, y] = [share(a), share(b)];
  if (Number.isNaN(x)) return a;
  // Of two that are exact, the larger bound says more.
  return y > x || Number.isNaN(y) || (y === x && b.bound > a.bound) ? b : a;
}

/** The error as a share of its bound; NaN where either is NaN. */
function share({ error, bound }: Deviation): number {
  return error === 0 && bound === 0 ? 0 : error / bound;
}

/** Whether a deviation keeps to its bound; what is not finite does not. */
export function isWithin({ error, bound }: Deviation): boolean {
  return error <= bound && error < Number.POSITIVE_INFINITY;
}
