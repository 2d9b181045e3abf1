/**
 * Seeded random numbers: the same seed and stream give the same numbers on every machine.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, so that streams of
 * neighbouring seeds do not overlap, as those of a 32-bit counter such as mulberry32 would.
 */
export class Random {
  #a: number;
  #b: number;
  #c = 0;
  #counter = 1;
  #spare: number | undefined;

  /**
   * @param seed an integer; what a benchmark prints beside its figures
   * @param stream an integer; one a sample, so that sample i is the same however many are drawn
   */
  constructor(seed: number, stream = 0) {
    this.#a = stream | 0;
    this.#b = seed | 0;
    // The first numbers still show the seed; PractRand throws away twelve, sixteen is on the safe side.
    for (let i = 0; i < 16; i++) this.next();
  }

  /** A number in [0, 1), in steps of 2⁻³². */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** An integer from low to high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.next());
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /**
   * One of the items, each as likely.
   * @throws RangeError if there is none
   */
  choice<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('choice: there is nothing to choose from');
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** A normally distributed number (Box & Muller, which makes two at a time). */
  normal(mean = 0, deviation = 1): number {
    let unit = this.#spare;
    this.#spare = undefined;
    if (unit === undefined) {
      // 1 − next() is in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
      const angle = 2 * Math.PI * this.next();
      unit = radius * Math.cos(angle);
      this.#spare = radius * Math.sin(angle);
    }
    return mean + deviation * unit;
  }
}
