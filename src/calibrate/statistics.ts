/**
 * What a site needs to know of the calibration inputs, and the line it is solved from.
 *
 * Let x be what reaches the site in the rewritten model and y what left it in the source. A norm over groups maps each
 * sample's channel by a line, x̂ = (x − m)/s, with m and s from the means and variances of the group's channels. So the
 * means, variances and covariance of x and y per sample and channel tell the moments of x̂ and y for *any* number of
 * groups, and all samples' together tell those of the whole set: nothing large is kept, and sets merge by concatenation.
 */

/** The fields of {@link SiteStatistics}, in the order that the calibration graph gives them. */
export const STATISTICS = ['meanX', 'varianceX', 'meanY', 'varianceY', 'covariance'] as const;

/** Per sample and channel, row-major [N, C], float64: mean of x and y, their variances, their covariance (biased). */
export type SiteStatistics = Readonly<Record<(typeof STATISTICS)[number], Float64Array>>;

/** Statistics of several sets of samples as those of all, in the order given. */
export function joinStatistics(parts: readonly SiteStatistics[]): SiteStatistics {
  return joinFields(STATISTICS, parts);
}

/** Arrays of several sets as those of all, field by field. */
export function joinFields<F extends string>(
  fields: readonly F[],
  parts: readonly Readonly<Record<F, Float64Array>>[],
): Record<F, Float64Array> {
  const join = (field: F) => {
    const all = new Float64Array(parts.reduce((sum, part) => sum + part[field].length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part[field], at);
      at += part[field].length;
    }
    return all;
  };
  return Object.fromEntries(fields.map((field) => [field, join(field)])) as Record<F, Float64Array>;
}

/**
 * Statistics without those of some samples; as they are where a site sees another number of rows for each sample.
 *
 * @param order the samples, as the statistics have them
 */
export function leaveOut(
  statistics: SiteStatistics,
  channels: number,
  order: readonly number[],
  samples: readonly number[],
): SiteStatistics {
  const each = statistics.meanX.length / order.length;
  if (!Number.isInteger(each / channels) || order.length === samples.length) return statistics;
  const left = new Set(samples);
  // Those that stay, in as few pieces as they are in: a sample a piece would be thousands of arrays.
  const pieces: { from: number; to: number }[] = [];
  for (const [row, sample] of order.entries()) {
    if (left.has(sample)) continue;
    const last = pieces.at(-1);
    if (last?.to === row) last.to++;
    else pieces.push({ from: row, to: row + 1 });
  }
  return joinStatistics(
    pieces.map(({ from, to }) => {
      const part = (field: (typeof STATISTICS)[number]) => [field, statistics[field].subarray(from * each, to * each)];
      return Object.fromEntries(STATISTICS.map(part)) as Record<(typeof STATISTICS)[number], Float64Array>;
    }),
  );
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
  const { normalized, deviation } = normalize(statistics, channels, groups, epsilon);
  // In the order of the arrays, not channel by channel: they may be large. Nothing is made in the loops: of a short calibration they run
  // most before they are compiled.
  const meanX = new Float64Array(channels);
  const meanY = new Float64Array(channels);
  const varianceX = new Float64Array(channels);
  const varianceY = new Float64Array(channels);
  const covariance = new Float64Array(channels);
  const ys = statistics.meanY;
  for (let start = 0; start < normalized.length; start += channels) {
    for (let channel = 0; channel < channels; channel++) {
      meanX[channel] = (meanX[channel] as number) + (normalized[start + channel] as number) / samples;
      meanY[channel] = (meanY[channel] as number) + (ys[start + channel] as number) / samples;
    }
  }
  for (let start = 0; start < normalized.length; start += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const at = start + channel;
      const s = deviation[at] as number;
      const dx = (normalized[at] as number) - (meanX[channel] as number);
      const dy = (ys[at] as number) - (meanY[channel] as number);
      const vx = statistics.varianceX[at] as number;
      const vy = statistics.varianceY[at] as number;
      const c = statistics.covariance[at] as number;
      varianceX[channel] = (varianceX[channel] as number) + (vx / (s * s) + dx * dx) / samples;
      varianceY[channel] = (varianceY[channel] as number) + (vy + dy * dy) / samples;
      covariance[channel] = (covariance[channel] as number) + (c / s + dx * dy) / samples;
    }
  }
  return Array.from({ length: channels }, (_, channel) => ({
    meanX: meanX[channel] as number,
    varianceX: varianceX[channel] as number,
    meanY: meanY[channel] as number,
    varianceY: varianceY[channel] as number,
    covariance: covariance[channel] as number,
  }));
}

/** The mean of x̂ per sample and channel, and the deviation that it was divided by. */
function normalize({ meanX, varianceX }: SiteStatistics, channels: number, groups: number, epsilon: number) {
  const size = channels / groups;
  const normalized = new Float64Array(meanX.length);
  const deviation = new Float64Array(meanX.length);
  for (let start = 0; start < meanX.length; start += size) {
    let mean = 0;
    for (let i = start; i < start + size; i++) mean += (meanX[i] as number) / size;
    let variance = 0;
    for (let i = start; i < start + size; i++) {
      variance += ((varianceX[i] as number) + ((meanX[i] as number) - mean) ** 2) / size;
    }
    const s = Math.sqrt(variance + epsilon);
    for (let i = start; i < start + size; i++) normalized[i] = ((meanX[i] as number) - mean) / s;
    deviation.fill(s, start, start + size);
  }
  return { normalized, deviation };
}
