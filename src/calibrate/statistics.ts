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
  return momentsBy(statistics, channels, epsilon)(groups);
}

/** {@link momentsFor} by the number of groups: y's moments are the same for all. */
export function momentsBy(
  statistics: SiteStatistics,
  channels: number,
  epsilon: number,
): (groups: number) => ChannelMoments[] {
  const { meanX: xs, meanY: ys, varianceX: vxs, varianceY: vys, covariance: cs } = statistics;
  const samples = xs.length / channels;
  // In the order of the arrays, not channel by channel: they may be large. Nothing is made in the loops: of a short calibration they run
  // most before they are compiled.
  const meanY = new Float64Array(channels);
  const varianceY = new Float64Array(channels);
  for (let start = 0; start < ys.length; start += channels) {
    for (let c = 0; c < channels; c++) meanY[c] = (meanY[c] as number) + (ys[start + c] as number) / samples;
  }
  const differenceY = new Float64Array(ys.length);
  for (let start = 0; start < ys.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const dy = (ys[start + c] as number) - (meanY[c] as number);
      differenceY[start + c] = dy;
      varianceY[c] = (varianceY[c] as number) + ((vys[start + c] as number) + dy * dy) / samples;
    }
  }
  return (groups) => {
    const size = channels / groups;
    const { normalized, deviation, meanX } = normalize(statistics, channels, size, epsilon);
    const varianceX = new Float64Array(channels);
    const covariance = new Float64Array(channels);
    for (let start = 0, row = 0, at = 0; at < normalized.length; row++) {
      const s = deviation[row] as number;
      for (const end = at + size; at < end; at++) {
        const c = at - start;
        const dx = (normalized[at] as number) - (meanX[c] as number);
        varianceX[c] = (varianceX[c] as number) + ((vxs[at] as number) / (s * s) + dx * dx) / samples;
        covariance[c] =
          (covariance[c] as number) + ((cs[at] as number) / s + dx * (differenceY[at] as number)) / samples;
      }
      if (at === start + channels) start = at;
    }
    return Array.from(meanX, (mean, c) => ({
      meanX: mean,
      varianceX: varianceX[c] as number,
      meanY: meanY[c] as number,
      varianceY: varianceY[c] as number,
      covariance: covariance[c] as number,
    }));
  };
}

/** The mean of x̂ per sample and channel, and over all samples; and the deviation that each sample's groups were divided by. */
function normalize({ meanX: xs, varianceX }: SiteStatistics, channels: number, size: number, epsilon: number) {
  const samples = xs.length / channels;
  const normalized = new Float64Array(xs.length);
  const deviation = new Float64Array(xs.length / size);
  const meanX = new Float64Array(channels);
  for (let start = 0, row = 0; start < xs.length; start += size, row++) {
    const end = start + size;
    let mean = 0;
    for (let i = start; i < end; i++) mean += (xs[i] as number) / size;
    let variance = 0;
    for (let i = start; i < end; i++) variance += ((varianceX[i] as number) + ((xs[i] as number) - mean) ** 2) / size;
    const s = Math.sqrt(variance + epsilon);
    deviation[row] = s;
    const first = start % channels;
    for (let i = start, c = first; i < end; i++, c++) {
      const x = ((xs[i] as number) - mean) / s;
      normalized[i] = x;
      meanX[c] = (meanX[c] as number) + x / samples;
    }
  }
  return { normalized, deviation, meanX };
}
