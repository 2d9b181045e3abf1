/**
 * ŵ = (w − m)/s, s = √(v + ε): the weight of a layer with mean 0 and variance 1 over what is summed for one output channel.
 *
 * m, v: one mean and (biased) variance per output channel; ε = 1e-10; no further factor. S. Qiao, H. Wang, C. Liu, W. Shen and
 * A. Yuille, *Micro-Batch Training with Batch-Channel Normalization and Weight Standardization*, 2019, arXiv:1903.10520.
 *
 * As w = s ŵ + m, what the layer made is z = s (ẑ − b) + m X + b, where ẑ is what it makes now, b its bias and X the sum of
 * what it reads. X is not known. Of inputs that vary alike and apart from each other, the part of z that ẑ tells is v/(v + m²) of
 * its variance, so ẑ has the mean b + (μ − b) (v/s)/(v + m²) and the variance σ² (v/s²)/(v + m²): exact where m is 0.
 */
import type { Linear, Site, Statistics } from '../find/types.ts';
import { channelOf } from './linear.ts';

export const STANDARDIZE_EPSILON = 1e-10;

/** Lines from the moments of z to those of ẑ, one a channel: mean ẑ = b + factor (mean z − b), variance ẑ = variance · variance z. */
export interface Standardized {
  readonly factor: Float64Array;
  readonly variance: Float64Array;
  readonly offset: Float64Array;
  /** BatchNormalization's own, which go with z. */
  readonly source: Statistics;
}

/** ŵ in float64, and for each number of it the size that roundoff is relative to. */
export function standardizedWeight(linear: Linear): { readonly values: Float64Array; readonly sizes: Float64Array } {
  const values = linear.valuesOf(linear.weight);
  const channel = channelOf(linear);
  const { mean, deviation, largest } = momentsOf(values, linear);
  const sizes = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const c = channel(i);
    const s = deviation[c] as number;
    values[i] = ((values[i] as number) - (mean[c] as number)) / s;
    sizes[i] = (largest[c] as number) / s + Math.abs(values[i] as number);
  }
  return { values, sizes };
}

/** A site whose layer has ŵ for w: BatchNormalization's statistics as they would be of ẑ. */
export function standardizedSite(
  site: Site,
  linear: Linear,
): { readonly site: Site; readonly standardized: Standardized } {
  const { mean, variance: spread, deviation } = momentsOf(linear.valuesOf(linear.weight), linear);
  const bias = linear.bias === undefined ? [0] : linear.valuesOf(linear.bias);
  const of = (value: (c: number, v: number, s: number, energy: number) => number) =>
    Float64Array.from(mean, (m, c) => {
      const s = deviation[c] as number;
      const v = spread[c] as number;
      return value(c, v, s, v + m * m);
    });
  const standardized: Standardized = {
    factor: of((_, v, s, energy) => (energy === 0 ? 0 : v / s / energy)),
    variance: of((_, v, s, energy) => (energy === 0 ? 0 : v / (s * s) / energy)),
    offset: of((c) => linear.biasFactor * (bias[bias.length === 1 ? 0 : c] as number)),
    source: site.statistics,
  };
  const { scale, bias: beta, mean: mu, variance } = site.statistics;
  const { epsilon } = site;
  const statistics: Statistics = {
    // The slope of y by ẑ is that by z, s times; where ẑ does not vary there is none.
    scale: of((c, v, s) => {
      const before = Math.sqrt((variance[c] as number) + epsilon);
      const after = Math.sqrt((variance[c] as number) * (standardized.variance[c] as number) + epsilon);
      return v === 0 || before === 0 ? 0 : ((scale[c] as number) * s * after) / before;
    }),
    bias: beta,
    mean: mu.map((value, c) => meanOf(value, standardized, c)),
    variance: variance.map((value, c) => value * (standardized.variance[c] as number)),
  };
  return { site: { ...site, statistics }, standardized };
}

/** The mean of ẑ that goes with a mean of z. */
export function meanOf(mean: number, { factor, offset }: Standardized, channel: number): number {
  const b = offset[channel] as number;
  return b + (factor[channel] as number) * (mean - b);
}

function momentsOf(weight: Float64Array, { view, reduced }: Linear) {
  const channel = channelOf({ view, reduced });
  const channels = view.reduce((all, dim, axis) => (reduced.includes(axis) ? all : all * dim), 1);
  const [mean, variance, largest] = [0, 1, 2].map(() => new Float64Array(channels)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const count = weight.length / channels;
  for (let i = 0; i < weight.length; i++) {
    const c = channel(i);
    mean[c] = (mean[c] as number) + (weight[i] as number) / count;
    largest[c] = Math.max(largest[c] as number, Math.abs(weight[i] as number));
  }
  for (let i = 0; i < weight.length; i++) {
    const c = channel(i);
    variance[c] = (variance[c] as number) + ((weight[i] as number) - (mean[c] as number)) ** 2 / count;
  }
  return { mean, variance, deviation: variance.map((v) => Math.sqrt(v + STANDARDIZE_EPSILON)), largest };
}
