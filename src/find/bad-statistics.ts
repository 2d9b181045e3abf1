import type { Reason } from './pattern.ts';
import type { Statistics } from './types.ts';

/** Says what is wrong with the numbers of a norm: NaN, infinity, a negative variance; `undefined` if nothing is. */
export function badStatistics({ scale, bias, mean, variance }: Statistics): Reason | undefined {
  const at = firstBad(variance);
  if (at < 0 && areFinite(scale) && areFinite(bias) && areFinite(mean)) return undefined;
  const what = at >= 0 ? `the running variance of channel ${at} is ${variance[at]}` : 'γ, β or μ holds NaN or infinity';
  return { code: 'bad-statistics', reason: what, remedy: 'The weights are damaged: train or export the model again' };
}

/** The channel whose variance is none; −1 if there is none such. */
function firstBad(variance: Float64Array): number {
  for (let channel = 0; channel < variance.length; channel++) {
    const value = variance[channel] as number;
    if (!(value >= 0) || value === Number.POSITIVE_INFINITY) return channel;
  }
  return -1;
}

/** In a loop: of 50,000 norms, lists and functions for each take longer than the numbers. */
function areFinite(values: Float64Array): boolean {
  for (let channel = 0; channel < values.length; channel++) if (!Number.isFinite(values[channel])) return false;
  return true;
}
