/**
 * How unlike the data that a model was trained on some inputs are, told by the model itself: BatchNormalization remembers the
 * mean and variance of what reached it in training, so on such data its output has mean β and variance γ² in every channel.
 */
import type { SitePlan } from '../plan/index.ts';
import type { SiteStatistics } from './statistics.ts';

/** Medians over the channels of all sites; NaN where no site has a norm in the source. */
export interface Mismatch {
  /** |E[y] − β|/|γ|: how many of the training data's standard deviations the means are off. */
  readonly shift: number;
  /** √(var[y])/|γ|: the spread against the training data's. */
  readonly spread: number;
}

export function mismatchOf(collected: ReadonlyMap<SitePlan, SiteStatistics>): Mismatch {
  const channels = [...collected].flatMap(([it, statistics]) => channelsOf(it, statistics));
  return { shift: median(channels.map(({ shift }) => shift)), spread: median(channels.map((it) => it.spread)) };
}

/** {@link mismatchOf} one site; undefined where the source has no norm there, or none of its channels is alive. */
export function mismatchAt(it: SitePlan, statistics: SiteStatistics): Mismatch | undefined {
  const channels = channelsOf(it, statistics);
  if (channels.length === 0) return undefined;
  return { shift: median(channels.map(({ shift }) => shift)), spread: median(channels.map((own) => own.spread)) };
}

/**
 * The Kullback–Leibler divergence of normal distributions with the samples' means and variances from those with the training
 * data's, ½ (s² + d² − 1 − ln s²) with d the shift and s the spread: mean over the channels of a site, then over the sites.
 * 0 where all are equal; NaN where no site has a norm in the source.
 */
export function divergenceOf(collected: ReadonlyMap<SitePlan, SiteStatistics>): number {
  const sites = [...collected].flatMap(([it, statistics]) => {
    const channels = channelsOf(it, statistics);
    // A channel that does not vary at all has no logarithm; half a float32's digits are as good as none.
    const divergences = channels.map(
      ({ shift, spread }) => (spread ** 2 + shift ** 2 - 1) / 2 - Math.log(Math.max(spread, 1e-4)),
    );
    return channels.length === 0 ? [] : [meanOf(divergences)];
  });
  return sites.length === 0 ? Number.NaN : meanOf(sites);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

/** {@link Mismatch} channel by channel, dead ones aside. */
function channelsOf({ site, channels }: SitePlan, { meanY, varianceY }: SiteStatistics): Mismatch[] {
  // What was never recorded, or lost on the way, says nothing of the training data.
  if (site.needsData === true || site.statistics.variance.every((value) => value === 0)) return [];
  const samples = meanY.length / channels;
  const found: Mismatch[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const gamma = Math.abs(site.statistics.scale[channel] as number);
    if (gamma === 0) continue;
    let mean = 0;
    for (let at = channel; at < meanY.length; at += channels) mean += (meanY[at] as number) / samples;
    let variance = 0;
    for (let at = channel; at < meanY.length; at += channels) {
      variance += ((varianceY[at] as number) + ((meanY[at] as number) - mean) ** 2) / samples;
    }
    const shift = Math.abs(mean - (site.statistics.bias[channel] as number)) / gamma;
    found.push({ shift, spread: Math.sqrt(variance) / gamma });
  }
  return found;
}

/** NaN of nothing. */
export function median(values: number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
