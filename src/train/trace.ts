/** Losses and rates of all steps in a bounded number of points, for a curve. */
import type { StepFacts } from './fit-types.ts';

const MOST = 400;

/** Joins steps into points. How many go into one depends on the number of steps, so a run that goes on draws the same. */
export class Trace {
  readonly #every: number;
  readonly #points: StepFacts[];
  #sum = 0;
  #count = 0;
  #last = { step: 0, rate: 0 };

  /** @param steps that a whole run has @param points of what was traced before */
  constructor(steps: number, points: readonly StepFacts[] = []) {
    this.#every = Math.max(1, Math.ceil(steps / MOST));
    this.#points = [...points];
  }

  add({ step, loss, rate }: StepFacts): void {
    this.#sum += loss;
    this.#count++;
    this.#last = { step, rate };
    if (step % this.#every === 0) this.#close();
  }

  /** The points so far. The next step begins a new one. */
  points(): StepFacts[] {
    if (this.#count > 0) this.#close();
    return [...this.#points];
  }

  #close(): void {
    this.#points.push({ ...this.#last, loss: this.#sum / this.#count });
    [this.#sum, this.#count] = [0, 0];
  }
}
