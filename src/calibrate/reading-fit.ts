/** What came of reading pictures otherwise, and when another reading fits better. Apart, as reports need no more. */

/** How far what reaches the norms diverges from what they remember, as given and read otherwise; NaN where none tells. */
export interface ReadingCheck {
  /** By the order of the channels, where there are three. */
  readonly order?: {
    readonly given: number;
    readonly reversed: number;
    /** How far the source's answers to both agree, at the output where they do least; where statistics don't decide. */
    readonly agreement?: number;
    /** Pictures that were tried. */
    readonly samples: number;
  };
  /** By height and width, where the model takes others; looked at where the fit is not close. */
  readonly size?: { readonly given: number; readonly half?: number; readonly double?: number };
}

/** Sizes are told by the difference: the wrong one was worse by 0.10 to 0.56, and none better than the right one by over 0.03. */
const SIZE_MARGIN = 0.06;
/** Orders differ by the chance colours of a few pictures, up to 1.2 times. */
const ORDER_FACTOR = 1.5;
/** Divergences below it are all good fits: what is left is chance. */
const CLOSE = 0.05;

/** Whether the same pictures fit better at another size. */
export function sizeFitsBetter(other: number, given: number): boolean {
  return given - other > SIZE_MARGIN;
}

/** Whether the same pictures fit better with their channels in another order. */
export function orderFitsBetter(other: number, given: number): boolean {
  return given > CLOSE && given > ORDER_FACTOR * other;
}
