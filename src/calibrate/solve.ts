/** Moments → γ′ and β′: the least-squares line from x̂ to y, channel by channel. */
import type { Affine } from '../norms/inits/types.ts';
import type { GroupedNorm } from '../norms/types.ts';
import type { ChannelMoments } from './statistics.ts';

/** A solved site, and how well a line could do. */
export interface Fit extends Affine {
  /** Share of the variance of y that the lines explain, over all channels: 1 − residual/variance. */
  readonly r2: number;
  /** Channels whose slope is the one of `statistics`, because the data tell none. */
  readonly fallbacks: number;
}

/** Below this variance of x̂ (whose scale is 1 by construction) a slope would be made of rounding errors. */
export const LEAST_VARIANCE = 1e-6;
/** A slope this much smaller than the one of `statistics`, or of the other sign, says that the channel is dead here. */
export const LEAST_SLOPE = 1e-2;

/**
 * γ′ = cov(x̂, y)/var(x̂), β′ = E[y] − γ′ E[x̂]. Where that is no usable slope, γ′ is the one of `statistics`, and β′ still
 * makes the means agree. A γ′ of 0 there says that nothing is known, and any positive slope is usable.
 *
 * @param moments per channel
 * @param initial γ′ and β′ of `statistics`
 */
export function solve(moments: readonly ChannelMoments[], initial: Pick<GroupedNorm, 'scale' | 'bias'>): Fit {
  const channels = moments.length;
  const scale = new Float64Array(channels);
  const bias = new Float64Array(channels);
  let [fallbacks, residual, total] = [0, 0, 0];
  for (const [channel, { meanX, varianceX, meanY, varianceY, covariance }] of moments.entries()) {
    const expected = initial.scale[channel] as number;
    const slope = covariance / varianceX;
    const usable = varianceX > LEAST_VARIANCE && slope * (Math.sign(expected) || 1) > LEAST_SLOPE * Math.abs(expected);
    const gain = usable ? slope : expected;
    if (!usable) fallbacks++;
    scale[channel] = gain;
    bias[channel] = meanY - gain * meanX;
    residual += Math.max(0, varianceY - 2 * gain * covariance + gain * gain * varianceX);
    total += varianceY;
  }
  return { scale, bias, r2: total === 0 ? 1 : 1 - residual / total, fallbacks };
}
