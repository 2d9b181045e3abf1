/**
 * Mean and variance per channel over all samples and positions: what BatchNormalization's μ and σ² are re-estimated to.
 *
 * Sets merge exactly (T. F. Chan, G. H. Golub and R. J. LeVeque, *Updating formulae and a pairwise algorithm for computing
 * sample variances*, 1979), so only a few numbers of each sample are kept, and machines can share the work.
 */

/** The fields of {@link BatchMoments}. */
export const BATCH_MOMENTS = ['count', 'mean', 'variance'] as const;

/** Of one or more sets of numbers, row-major [sets, C], float64: how many they are, their mean, their biased variance. */
export type BatchMoments = Readonly<Record<(typeof BATCH_MOMENTS)[number], Float64Array>>;

/** All sets of all parts, in the order given, as one: [1, C]. */
export function mergeMoments(parts: readonly BatchMoments[], channels: number): BatchMoments {
  const count = new Float64Array(channels);
  const mean = new Float64Array(channels);
  // Of squared differences from the mean.
  const sum = new Float64Array(channels);
  for (const part of parts) {
    for (let at = 0; at < part.mean.length; at++) {
      const channel = at % channels;
      const [before, own] = [count[channel] as number, part.count[at] as number];
      if (own === 0) continue;
      const all = before + own;
      const delta = (part.mean[at] as number) - (mean[channel] as number);
      count[channel] = all;
      mean[channel] = (mean[channel] as number) + (delta * own) / all;
      sum[channel] =
        (sum[channel] as number) + own * (part.variance[at] as number) + delta * delta * ((before * own) / all);
    }
  }
  return { count, mean, variance: sum.map((value, channel) => value / (count[channel] || 1)) };
}

/** One for all members of each tie: their inputs are one batch. Members of which nothing is known are left out. */
export function pooled<T extends { readonly channels: number }>(
  ties: readonly (readonly T[])[],
  moments: ReadonlyMap<T, BatchMoments>,
): Map<T, BatchMoments> {
  const found = new Map<T, BatchMoments>();
  for (const members of ties) {
    const known = members.filter((it) => moments.has(it));
    const parts = known.map((it) => moments.get(it) as BatchMoments);
    for (const it of known) found.set(it, mergeMoments(parts, it.channels));
  }
  return found;
}
