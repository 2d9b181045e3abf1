/** Counts of what was right against what was answered. */
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

  /** Shared, over all, of a class: intersection over union; undefined if it was neither right nor answered. */
  overlap(label: number): number | undefined {
    let union = -this.at(label, label);
    for (let other = 0; other < this.size; other++) union += this.at(label, other) + this.at(other, label);
    return union === 0 ? undefined : this.at(label, label) / union;
  }
}
