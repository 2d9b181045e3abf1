/** Counts of what was right against what was answered, by class. */
import type { ClassScore } from '../types.ts';

/** Places of a {@link Confusion}, and what is counted there. */
export type Counts = readonly (readonly [place: number, count: number])[];

/** A table of classes: rows are what is right, columns what was answered. */
export class Confusion {
  readonly size: number;
  readonly #counts: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.#counts = new Float64Array(size * size);
  }

  add(right: number, answered: number): void {
    this.#counts[right * this.size + answered] = (this.#counts[right * this.size + answered] as number) + 1;
  }

  /** How often `answered` was given where `right` was right. */
  at(right: number, answered: number): number {
    return this.#counts[right * this.size + answered] as number;
  }

  rows(): number[][] {
    return Array.from({ length: this.size }, (_, row) => [
      ...this.#counts.subarray(row * this.size, (row + 1) * this.size),
    ]);
  }

  /** Adds the counts of another, each so many times. */
  addAll(counts: Counts, times = 1): void {
    for (const [at, count] of counts) this.#counts[at] = (this.#counts[at] as number) + times * count;
  }

  /** The counts that are not 0, by their place. */
  counts(): Counts {
    return [...this.#counts.entries()].filter(([, count]) => count > 0);
  }

  /** Recall and precision of each class that is there. */
  classes(): ClassScore[] {
    return Array.from({ length: this.size }, (_, label) => label).flatMap((label) => {
      let [count, answered] = [0, 0];
      for (let other = 0; other < this.size; other++) {
        count += this.at(label, other);
        answered += this.at(other, label);
      }
      if (count === 0) return [];
      const right = this.at(label, label);
      const figures: Record<string, number> = { recall: right / count };
      if (answered > 0) figures.precision = right / answered;
      return [{ label, count, figures }];
    });
  }

  /** Shared, over all, of a class: intersection over union; undefined if it was neither right nor answered. */
  overlap(label: number): number | undefined {
    let union = -this.at(label, label);
    for (let other = 0; other < this.size; other++) union += this.at(label, other) + this.at(other, label);
    return union === 0 ? undefined : this.at(label, label) / union;
  }
}
