/**
 * What a site needs to know of the calibration inputs, and the line it is solved from.
 *
 * Let x be what reaches the site in the rewritten model and y what left it in the source. A norm over groups maps each
 * sample's channel by a line, x̂ = (x − m)/s, with m and s from the means and variances of the group's channels. So the
 * means, variances and covariance of x and y per sample and channel tell the moments of x̂ and y for *any* number of
 * groups, and all samples' together tell those of the whole set: nothing large is kept, and sets merge by concatenation.
 */

/** Per sample and channel, row-major [N, C], float64: mean of x and y, their variances, their covariance (biased). */
export interface SiteStatistics {
  readonly meanX: Float64Array;
  readonly varianceX: Float64Array;
  readonly meanY: Float64Array;
  readonly varianceY: Float64Array;
  readonly covariance: Float64Array;
}

/** The fields of {@link SiteStatistics}, in the order that the calibration graph gives them. */
export const STATISTICS = ['meanX', 'varianceX', 'meanY', 'varianceY', 'covariance'] as const;

/** Statistics of several sets of samples as those of all, in the order given. */
export function joinStatistics(parts: readonly SiteStatistics[]): SiteStatistics {
  const join = (field: (typeof STATISTICS)[number]) => {
    const all = new Float64Array(parts.reduce((sum, part) => sum + part[field].length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part[field], at);
      at += part[field].length;
    }
    return all;
  };
  return Object.fromEntries(STATISTICS.map((field) => [field, join(field)])) as unknown as SiteStatistics;
}

/** Moments over all samples of x̂ and y, per channel. */
export interface ChannelMoments {
  readonly meanX: number;
  readonly varianceX: number;
  readonly meanY: number;
  readonly varianceY: number;
  readonly covariance: number;
}

/**
 * The moments of x̂ and y for a number of groups, each channel's merged over the samples: the mean of the samples' moments,
 * plus the moments of their means (Chan, Golub & LeVeque 1979, for sets of equal size).
 *
 * @param channels C
 * @param groups G; divides C
 */
export function momentsFor(
  statistics: SiteStatistics,
  channels: number,
  groups: number,
  epsilon: number,
): ChannelMoments[] {
  const samples = statistics.meanX.length / channels;
  const size = channels / groups;
  const shift = new Float64Array(samples * groups);
  const scale = new Float64Array(samples * groups);
  for (let block = 0; block < samples * groups; block++) {
    let mean = 0;
    for (let i = block * size; i < (block + 1) * size; i++) mean += (statistics.meanX[i] as number) / size;
    let variance = 0;
    for (let i = block * size; i < (block + 1) * size; i++) {
      variance += ((statistics.varianceX[i] as number) + ((statistics.meanX[i] as number) - mean) ** 2) / size;
    }
    shift[block] = mean;
    scale[block] = Math.sqrt(variance + epsilon);
  }
  return Array.from({ length: channels }, (_, channel) => {
    const group = Math.floor(channel / size);
    let [meanX, meanY] = [0, 0];
    const normalized = (sample: number) => {
      const block = sample * groups + group;
      return (
        ((statistics.meanX[sample * channels + channel] as number) - (shift[block] as number)) /
        (scale[block] as number)
      );
    };
    for (let sample = 0; sample < samples; sample++) {
      meanX += normalized(sample) / samples;
      meanY += (statistics.meanY[sample * channels + channel] as number) / samples;
    }
    let [varianceX, varianceY, covariance] = [0, 0, 0];
    for (let sample = 0; sample < samples; sample++) {
      const at = sample * channels + channel;
      const s = scale[sample * groups + group] as number;
      const dx = normalized(sample) - meanX;
      const dy = (statistics.meanY[at] as number) - meanY;
      varianceX += ((statistics.varianceX[at] as number) / (s * s) + dx * dx) / samples;
      varianceY += ((statistics.varianceY[at] as number) + dy * dy) / samples;
      covariance += ((statistics.covariance[at] as number) / s + dx * dy) / samples;
    }
    return { meanX, varianceX, meanY, varianceY, covariance };
  });
}
