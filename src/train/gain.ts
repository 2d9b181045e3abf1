/**
 * How sure a gain is: held-out samples are drawn again, with repetition, and both models scored on each draw (Efron 1979, "Bootstrap
 * methods"). Both are scored on the same draw, so that samples which are hard for both add nothing to the range.
 */
import { Random } from '../inputs/random.ts';
import type { Scorer } from './types.ts';

/** Of the measure, from before training to after. */
export interface Gain {
  readonly value: number;
  /** Ends of the range that holds 95 of 100 draws. */
  readonly low: number;
  readonly high: number;
}

/** With fewer samples a draw says little of others. */
export const FEWEST = 20;
const DRAWS = 400;

/**
 * Estimates the gain between two scorers that saw the same samples in the same order.
 *
 * @returns `undefined` with fewer than 20 samples, or if the measure can't be taken apart
 */
export function gainOf(before: Scorer, after: Scorer, samples: number, seed: number): Gain | undefined {
  const difference = (weights: ArrayLike<number>) => {
    const [a, b] = [before.weighted?.(weights), after.weighted?.(weights)];
    return a === undefined || b === undefined ? undefined : b - a;
  };
  if (samples < FEWEST) return undefined;
  const value = difference(new Float64Array(samples).fill(1));
  if (value === undefined) return undefined;
  const random = new Random(seed);
  const gains: number[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const weights = new Float64Array(samples);
    for (let i = 0; i < samples; i++) {
      const at = random.integer(samples);
      weights[at] = (weights[at] as number) + 1;
    }
    const gain = difference(weights);
    if (gain !== undefined) gains.push(gain);
  }
  gains.sort((a, b) => a - b);
  const at = (share: number) => gains[Math.round(share * (gains.length - 1))] ?? value;
  return { value, low: at(0.025), high: at(0.975) };
}
