import type { Reason } from './pattern.ts';
import type { Statistics } from './types.ts';

/** Says what is wrong with the numbers of a norm: NaN, infinity, a negative variance; `undefined` if nothing is. */
export function badStatistics({ scale, bias, mean, variance }: Statistics): Reason | undefined {
  const at = variance.findIndex((value) => !(value >= 0) || value === Number.POSITIVE_INFINITY);
  const other = [scale, bias, mean].find((values) => values.some((value) => !Number.isFinite(value)));
  if (at < 0 && other === undefined) return undefined;
  const what = at >= 0 ? `the running variance of channel ${at} is ${variance[at]}` : 'γ, β or μ holds NaN or infinity';
  return { code: 'bad-statistics', reason: what, remedy: 'The weights are damaged: train or export the model again' };
}
