/** A model whose job can be scored before and after a rewrite. */
export interface Subject {
  readonly name: string;
  /** What its score is, and on which data, seeds included. */
  readonly metric: string;
  /** Path of the source model. */
  readonly source: string;
  /** Scores a model: the path of a file, or the bytes of one. */
  score(model: string | Uint8Array): Promise<number>;
}

/** How much data the models are scored on. */
export interface Amounts {
  readonly lines: number;
  readonly pages: number;
  readonly readings: number;
  readonly pictures: number;
}

export const FULL: Amounts = { lines: 800, pages: 16, readings: 200, pictures: 600 };

/** Enough to see that everything runs; the figures mean little. */
export const QUICK: Amounts = { lines: 64, pages: 2, readings: 16, pictures: 64 };
