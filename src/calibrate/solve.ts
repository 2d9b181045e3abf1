/**
 * Moments → γ′ and β′, channel by channel: the line from x̂ to y that keeps mean and deviation.
 *
 * The least-squares slope is r σ_y/σ_x̂, with r the correlation. Where a site fits badly it shrinks the signal, and over many
 * sites the shrinking adds up: a detector's scores fall below their threshold, which neither R² nor a cosine shows.
 */
import type { Affine } from '../norms/inits/types.ts';
import type { GroupedNorm } from '../norms/types.ts';
import type { ChannelMoments } from './statistics.ts';

/** A solved site, and how well a line could do. */
export interface Fit extends Affine {
  /** Share of the variance of y that the best lines explain, over the channels that vary; NaN if none does. */
  readonly r2: number;
  /** Channels whose slope is the one of `statistics`, because the data tell none. */
  readonly fallbacks: number;
}

/** Below this variance of x̂ (whose scale is 1 by construction) a slope would be made of rounding errors. */
export const LEAST_VARIANCE = 1e-6;
/** A slope this much smaller than the one of `statistics`, or of the other sign, says that the channel is dead here. */
export const LEAST_SLOPE = 1e-2;
/** A variance smaller than this, against the square of the mean, is rounding: the channel does not vary. */
const LEAST_VARIATION = 1e-10;

/**
 * γ′ = ± σ_y/σ_x̂ with the sign of `initial`, β′ = E[y] − γ′ E[x̂]. If x̂ does not vary, or goes the other way than y, or y hardly
 * varies, γ′ is the one of `statistics`, and β′ still makes the means agree. A γ′ of 0 there says that nothing is known: then the
 * slope is positive, as x̂ and y are the same value before and behind the norm.
 *
 * @param moments per channel
 * @param initial γ′ and β′ of `statistics`
 */
export function solve(moments: readonly ChannelMoments[], initial: Pick<GroupedNorm, 'scale' | 'bias'>): Fit {
  const channels = moments.length;
  const scale = new Float64Array(channels);
  const bias = new Float64Array(channels);
  let fallbacks = 0;
  let explained = 0;
  let total = 0;
  for (let channel = 0; channel < channels; channel++) {
    const { meanX, varianceX, meanY, varianceY, covariance } = moments[channel] as ChannelMoments;
    const expected = initial.scale[channel] as number;
    const sign = Math.sign(expected) || 1;
    const size = Math.sqrt(varianceY / varianceX);
    const varies = varianceX > LEAST_VARIANCE;
    const usable = varies && covariance * sign > 0 && size > LEAST_SLOPE * Math.abs(expected);
    const gain = usable ? sign * size : expected;
    if (!usable) fallbacks++;
    scale[channel] = gain;
    bias[channel] = meanY - gain * meanX;
    if (!(varianceY > LEAST_VARIATION * (meanY * meanY + varianceY))) continue;
    if (usable) explained += Math.min(varianceY, (covariance * covariance) / varianceX);
    total += varianceY;
  }
  return { scale, bias, r2: total === 0 ? Number.NaN : explained / total, fallbacks };
}
