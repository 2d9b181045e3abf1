/** What a site is told of its x if nothing before it was swapped: the source's own x, from the source's y. */
import type { SitePlan } from '../plan/index.ts';
import type { SiteStatistics } from './statistics.ts';

/**
 * Replaces the statistics of x by those that it has in the source. BatchNormalization maps each channel by a line, so they follow
 * from those of y; at a folded site x is y.
 *
 * @returns what a site would have been solved from, were each sample run alone and each site given what the source has there
 */
export function ofSource({ site, channels }: SitePlan, { meanY, varianceY }: SiteStatistics): SiteStatistics {
  if (site.kept !== undefined) return { meanX: meanY, varianceX: varianceY, meanY, varianceY, covariance: varianceY };
  const { scale, bias, mean, variance } = site.statistics;
  const slopes = Float64Array.from({ length: channels }, (_, c) => {
    const deviation = Math.sqrt((variance[c] as number) + site.epsilon);
    return deviation === 0 ? 0 : (scale[c] as number) / deviation;
  });
  const slopeAt = (i: number) => slopes[i % channels] as number;
  // A slope of 0 says nothing of x but what training remembers.
  const over = (value: number, slope: number) => (slope === 0 ? 0 : value / slope);
  const meanX = meanY.map((m, i) => {
    const c = i % channels;
    return over(m - (bias[c] as number), slopeAt(i)) + (mean[c] as number);
  });
  const varianceX = varianceY.map((v, i) =>
    slopeAt(i) === 0 ? (variance[i % channels] as number) : v / slopeAt(i) ** 2,
  );
  const covariance = varianceY.map((v, i) => over(v, slopeAt(i)));
  return { meanX, varianceX, meanY, varianceY, covariance };
}
