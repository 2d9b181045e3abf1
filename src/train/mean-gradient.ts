/** Gradients of several runs → that of all their samples, as if these shared one run. */
import type { Gradient } from './engine-types.ts';

/** Collects the runs of a step. */
export class MeanGradient {
  /** How many samples all runs have. */
  readonly #samples: number;
  #loss = 0;
  #sum: Float32Array | undefined;
  /** What losses are means over, if it is not samples. */
  #counted: number | undefined;
  #isOne = false;

  constructor(samples: number) {
    this.#samples = samples;
  }

  /** Adds a run of some of the samples. A mean over something else than samples weighs as much as the run has of that. */
  add({ loss, counted, gradient }: Gradient, samples: number): void {
    this.#isOne = samples === this.#samples;
    const weight = this.#isOne ? 1 : counted === undefined ? samples / this.#samples : Math.max(1, counted);
    this.#loss += weight * loss;
    if (counted !== undefined) this.#counted = (this.#counted ?? 0) + counted;
    if (this.#isOne) {
      this.#sum = gradient;
      return;
    }
    this.#sum ??= new Float32Array(gradient.length);
    const sum = this.#sum;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + weight * (gradient[i] as number);
  }

  /** The mean loss and its gradient. */
  result(): Pick<Gradient, 'loss' | 'gradient'> {
    const gradient = this.#sum ?? new Float32Array();
    if (this.#isOne || this.#counted === undefined) return { loss: this.#loss, gradient };
    const all = Math.max(1, this.#counted);
    for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) / all;
    return { loss: this.#loss / all, gradient };
  }
}
