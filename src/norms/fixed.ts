/**
 * What frozen and weight norm share: y = s x + t, s = γ/√(σ² + ε), t = β − μ s, one s and t per channel.
 *
 * That is what BatchNormalization computes at inference, so the outputs stay the source's but for rounding. All numbers come
 * from the source: there is nothing to solve, and no statistic is taken of x.
 */
import type { Site } from '../find/types.ts';
import { unitRoundoff } from '../onnx/data-type.ts';
import { eachSample } from './each-sample.ts';
import { floorOf } from './roundoff.ts';
import type { Computed, Norm, NormReason, Visit } from './types.ts';

export const fixed = {
  freeGroups: false,
  data: 'unused',
  independent: true,
  groupsFor: ({ channels }: Site) => ({ groups: channels }),
  check: isFolded,
  parameters,
  elements: affineElements,
} as const satisfies Partial<Norm>;

/** Of a norm that an exporter folded, nothing is left that could be put anywhere. */
function isFolded({ kept, needsData }: Site): NormReason | undefined {
  if (needsData !== true) return undefined;
  if (kept === undefined) {
    const reason = 'it is frozen already, and its μ and σ² are not in the file';
    return { code: 'no-statistics', reason, remedy: 'It stays as it is' };
  }
  const reason = 'its BatchNormalization was folded into it already';
  return { code: 'form', reason, remedy: 'It stays as it is' };
}

function parameters({ statistics, epsilon }: Site) {
  const { scale: gamma, bias: beta, mean, variance } = statistics;
  const scale = gamma.map((value, channel) => value / Math.sqrt((variance[channel] as number) + epsilon));
  const bias = beta.map((value, channel) => value - (mean[channel] as number) * (scale[channel] as number));
  return { scale, bias, notes: [] };
}

/** Both operations, and s and t themselves, are rounded once each: 2 u of |s x|, and of |y| and |t|, which is at most both. */
function affineElements({ norm, x, dims, type }: Computed, visit: Visit): void {
  const { channels, scale, bias } = norm;
  const area = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const [unit, floor] = [4 * unitRoundoff(type), floorOf(type)];
  eachSample(x.length, dims, visit, (i, put) => {
    const channel = Math.floor(i / area) % channels;
    const product = (scale[channel] as number) * (x[i] as number);
    const y = product + (bias[channel] as number);
    put(y, unit * (Math.abs(product) + Math.abs(y)) + floor);
  });
}
