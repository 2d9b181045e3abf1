/**
 * What group, layer and instance norm share: y = γ′ (x − m)/√(v + ε) + β′ with one mean m and one biased variance v per
 * sample and group of channels.
 *
 * Nothing is averaged over N, so a sample is answered alone as in a batch. γ′ and β′ come from an init, or from data.
 */

import type { Site } from '../find/types.ts';
import { DataType } from '../onnx/data-type.ts';
import { sumChains } from '../runtime/sum-chains.ts';
import { correlated } from './correlated.ts';
import type { Init } from './inits/types.ts';
import { SampleReferences } from './references.ts';
import { computedRoundoff, floorOf, part, storedRoundoff, tolerance } from './roundoff.ts';
import { sumBias } from './sum-bias.ts';
import type { Computed, GroupedNorm, Norm, NormReason, Reference, Visit } from './types.ts';

/** All of a norm over groups but its name and its groups. */
export const grouped = {
  forms: ['native', 'reduce', 'instance', 'instance-conv'],
  data: 'optional',
  independent: true,
  atBatchOne: 'all, by the statistics of each sample',
  check: singleElement,
  parameters,
  elements: groupedElements,
} as const satisfies Partial<Norm>;

/** A group of one number is normalised to 0, so the output is β′ whatever the input. */
function singleElement({ channels, shape }: Site, groups: number): NormReason | undefined {
  const isPoint = shape?.slice(2).every((dim) => dim === 1) ?? false;
  if (!isPoint || channels / groups > 1) return undefined;
  let most = Math.floor(channels / 2);
  while (most > 1 && channels % most !== 0) most--;
  const remedy =
    channels === 1 ? 'It stays as it is; it has a single channel' : `Use at most ${most} group${most > 1 ? 's' : ''}`;
  const reason = 'a group would hold a single number, so its output would always be β';
  return { code: 'single-element-groups', reason, remedy };
}

function parameters({ statistics, epsilon }: Site, groups: number, init: Init) {
  const notes = epsilon === 0 ? ['ε is 0, so a group with equal numbers gives NaN'] : [];
  return { ...init.parameters(statistics, groups, epsilon), notes };
}

/** So many numbers of a map, or fewer, are averaged at once: a sum so short loses no digits. */
export const SHORT_AREA = 1024;

/**
 * Terms of the sums behind one group's mean: all at once; or the map, if it is small, at once, else one axis after the other, and
 * then the group's channels.
 */
export function sumTerms(dims: readonly number[], { channels, groups }: GroupedNorm, oneStage: boolean): number {
  const spatial = dims.slice(2);
  const size = channels / groups;
  const area = spatial.reduce((product, dim) => product * dim, 1);
  if (oneStage) return area * size;
  return size + (spatial.length > 1 && area <= SHORT_AREA ? area : spatial.reduce((sum, dim) => sum + dim, 0));
}

/** Numbers that one sum runs over; 0 if so few that none of them is small against the last digit of the others. */
function longRow(dims: readonly number[], { channels, groups }: GroupedNorm, oneStage: boolean): number {
  const spatial = dims.slice(2);
  const area = spatial.reduce((product, dim) => product * dim, 1);
  const row = oneStage ? (area * channels) / groups : area <= SHORT_AREA ? area : (spatial.at(-1) ?? 1);
  return row > SHORT_AREA ? row : 0;
}

/** Roundings that x̂ and γ′ x̂ go through, one each: x − m, its square (half, behind the root), v + ε, root, quotient, product; rounded up. */
const STEPS = 8;

/**
 * What a careful computation in the type achieves, by first-order analysis with every rounding at its largest. A sum of n terms in
 * 8 chains (1 in WebAssembly) is off by g u of itself, g = √(n/16): roundings are of either sign (Higham & Mary 2019, SIAM J. Sci. Comput. 41(5)), of a
 * sum so far that is half of the whole, all in all. Where they are not, {@link correlated} and {@link sumBias} say by how much it is off besides.
 *
 * 1. m is off by u (4 + g) √(m² + v), so y by γ′ times that over √(v + ε);
 * 2. γ′ x̂ is off by u (8 + g/2) of itself; of one long chain of sums, where squares add up in one go, by u (8 + g);
 * 3. y is rounded once more;
 * 4. a kernel may compute γ′ x + (β′ − γ′ m), as ONNX Runtime's InstanceNormalization does: each of the three is rounded, and x is no more than
 *    x̂ and m together.
 *
 * It is 3 to 28 times what `reduce` is off by on the same input (docs/measurements/precision.md). 16-bit types round to their own width
 * besides; see {@link storedRoundoff}.
 *
 * Samples are taken one at a time, so that the reference needs three float64 arrays of one sample and no more; see {@link SampleReferences}.
 */
export function groupedElements(computed: Computed, visit: Visit): void {
  const { norm, x, dims, type, oneStage, bySquares = false, references = new SampleReferences() } = computed;
  const { channels, groups, epsilon, scale, bias } = norm;
  const terms = sumTerms(dims, norm, oneStage);
  // Of float64 no term is small against the last digit.
  const row = type === DataType.DOUBLE ? 0 : longRow(dims, norm, oneStage);
  const [u, stored, floor] = [computedRoundoff(type), storedRoundoff(type), floorOf(type)];
  const chains = sumChains();
  const chain = terms / (2 * chains);
  const growth = Math.sqrt(chain);
  const ofProduct = u * (STEPS + (oneStage ? growth : growth / 2));
  const samples = dims[0] ?? 1;
  const size = x.length / samples;
  const [perGroup, perChannel] = [size / groups, size / channels];
  for (let sample = 0; sample < samples; sample++) {
    const values = part(x, sample * size, (sample + 1) * size);
    const { reference, bounds } = references.of(values, [1, ...dims.slice(1)], norm);
    for (let group = 0; group < groups; group++) {
      const [mean, variance] = [reference.mean[group] as number, reference.variance[group] as number];
      const start = group * perGroup;
      const lost = correlated(
        values,
        start,
        { count: perGroup, perChannel, mean, variance },
        { terms: oneStage ? chain : terms, oneStage, type },
      );
      const ofMean = u * (4 + growth) * Math.sqrt(mean * mean + variance);
      // The size of what the average of the group's numbers, or of their squares about a number, loses one way.
      const biasOf = (about?: number) =>
        row === 0 ? 0 : Math.abs(sumBias(values, start, perGroup, { chains, row, about })) / perGroup;
      const shift = (lost.mean + biasOf() + ofMean) / Math.sqrt(variance + epsilon);
      const squares = bySquares
        ? ((tolerance(type, terms) + lost.share) * (mean * mean + variance) + biasOf(0)) / (variance + epsilon)
        : 0;
      const ofVariance = lost.variance + biasOf(mean) / (variance + epsilon);
      // A shifted mean also adds to the variance, by its square: by less than itself, where it is not all there is anyway.
      const stretch = shift + ofVariance / 2 + squares + ofProduct;
      for (let first = start; first < start + perGroup; first += perChannel) {
        const channel = first / perChannel;
        const [gain, beta] = [Math.abs(scale[channel] as number), bias[channel] as number];
        const ofMeans = (2 * gain * Math.abs(mean)) / Math.sqrt(variance + epsilon);
        const channelwise = {
          beta,
          constant: gain * shift,
          stretch,
          parts: Math.abs(beta) + ofMeans,
          u,
          stored,
          floor,
        };
        boundChannel(first, perChannel, reference, channelwise, bounds);
      }
    }
    visit(sample * size, reference.values, bounds);
  }
}

/** What the bounds of a channel's numbers are made of. */
interface Parts {
  readonly beta: number;
  readonly constant: number;
  readonly stretch: number;
  readonly parts: number;
  readonly u: number;
  readonly stored: number;
  readonly floor: number;
}

/** In a function of its own for the reason that the loops of reference.ts are. */
function boundChannel(
  start: number,
  count: number,
  { values, magnitude }: Pick<Reference, 'values' | 'magnitude'>,
  { beta, constant, stretch, parts, u, stored, floor }: Parts,
  bounds: Float64Array,
): void {
  for (let i = start; i < start + count; i++) {
    const y = values[i] as number;
    const product = Math.abs(y - beta);
    // (4)
    const own = constant + product * stretch + u * (Math.abs(y) + parts + product);
    bounds[i] = own + stored * (magnitude[i] as number) + floor;
  }
}
