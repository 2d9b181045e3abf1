/**
 * How unlike the data that a model was trained on some inputs are, told by the model itself: BatchNormalization remembers the
 * mean and variance of what reached it in training, so on such data its output has mean β and variance γ² in every channel.
 */
import type { SitePlan } from '../plan.ts';
import type { SiteStatistics } from './statistics.ts';

/** Medians over the channels of all sites; NaN where no site has a norm in the source. */
export interface Mismatch {
  /** |E[y] − β|/|γ|: how many of the training data's standard deviations the means are off. */
  readonly shift: number;
  /** √(var[y])/|γ|: the spread against the training data's. */
  readonly spread: number;
}

export function mismatchOf(collected: ReadonlyMap<SitePlan, SiteStatistics>): Mismatch {
  const shifts: number[] = [];
  const spreads: number[] = [];
  for (const [{ site, channels }, { meanY, varianceY }] of collected) {
    const samples = meanY.length / channels;
    for (let channel = 0; channel < channels; channel++) {
      const gamma = Math.abs(site.statistics.scale[channel] as number);
      if (gamma === 0) continue;
      let mean = 0;
      for (let at = channel; at < meanY.length; at += channels) mean += (meanY[at] as number) / samples;
      let variance = 0;
      for (let at = channel; at < meanY.length; at += channels) {
        variance += ((varianceY[at] as number) + ((meanY[at] as number) - mean) ** 2) / samples;
      }
      shifts.push(Math.abs(mean - (site.statistics.bias[channel] as number)) / gamma);
      spreads.push(Math.sqrt(variance) / gamma);
    }
  }
  return { shift: median(shifts), spread: median(spreads) };
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
