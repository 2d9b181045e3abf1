/**
 * y = γ ((x − μ_B)/σ_B · r + d) + β, r = clip(σ_B/σ, 1/r_max, r_max), d = clip((μ_B − μ)/σ, −d_max, d_max)
 *
 * x: [N, C, D₁, …]; μ_B, σ_B² + ε under the root: of the batch, per channel; μ, σ: moving, from the source; γ, β: [C]. The form
 * for training: with r_max = 1 and d_max = 0 it is BatchNormalization on its batch, without limits it is frozen
 * BatchNormalization. S. Ioffe, *Batch Renormalization*, 2017, arXiv:1702.03275.
 */
import { GnSwapError } from '../errors.ts';
import type { Site } from '../find/types.ts';
import { eachSample } from './each-sample.ts';
import { fixed } from './fixed.ts';
import type { Init } from './inits/types.ts';
import { floorOf, tolerance } from './roundoff.ts';
import type { Computed, Norm, NormOptions, Visit } from './types.ts';

/** What the paper's training ends with. */
const LIMITS = { rMax: 3, dMax: 5 } as const;

export const batchRenorm: Norm = {
  ...fixed,
  name: 'batch-renorm',
  tag: 'brn',
  summary: 'batch renormalization, the form for training: statistics of the batch, kept near the moving ones',
  forms: ['renorm'],
  independent: false,
  atBatchOne: 'all, by the sample’s statistics within limits of the moving ones',
  parameters,
  elements,
};

function parameters({ statistics }: Site, _groups: number, _init: Init, options: NormOptions) {
  const { scale, bias, mean, variance } = statistics;
  const { rMax = LIMITS.rMax, dMax = LIMITS.dMax } = options;
  checkLimit('r-max', rMax, 1);
  checkLimit('d-max', dMax, 0);
  return { scale, bias, more: { mean, variance, limits: [rMax, dMax] }, notes: [] };
}

function checkLimit(name: string, value: number, least: number): void {
  if (value >= least && value < Number.POSITIVE_INFINITY) return;
  throw new GnSwapError('invalid-arguments', `--${name} is ${value}`, { remedy: `Use a number ≥ ${least}` });
}

/**
 * Sums are short, over one axis after the other, so that n u of all of them is a bound, not √n u alone. An error of μ_B moves
 * y by r/σ_B times as much, and once more by d, where that is not at its limit.
 */
function elements({ norm, x, dims, type }: Computed, visit: Visit): void {
  const { channels, epsilon, scale, bias, more = {} } = norm;
  const { mean = [], variance = [], limits = [] } = more;
  const [rMax, dMax] = [limits[0] as number, limits[1] as number];
  const area = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const terms = [dims[0] ?? 1, ...dims.slice(2)].reduce((sum, dim) => sum + dim, 0);
  const [unit, floor] = [2 * tolerance(type, terms ** 2), floorOf(type)];
  const ofBatch = Array.from({ length: channels }, (_, channel) => momentsOf(x, channel, channels, area));
  eachSample(x.length, dims, visit, (i, put) => {
    const c = Math.floor(i / area) % channels;
    const { mean: m, variance: v, largest } = ofBatch[c] as Moments;
    const [deviation, moving] = [Math.sqrt(v + epsilon), Math.sqrt((variance[c] as number) + epsilon)];
    const [mu, gain] = [mean[c] as number, scale[c] as number];
    const r = Math.max(Math.min(deviation / moving, rMax), 1 / rMax);
    const d = Math.max(Math.min((m - mu) / moving, dMax), -dMax);
    const y = gain * (((x[i] as number) - m) * (r / deviation) + d) + (bias[c] as number);
    const ofShift = Math.abs(d) === dMax ? dMax : (largest + Math.abs(mu)) / moving;
    const size = Math.abs(gain) * ((largest * r) / deviation + ofShift) + Math.abs(bias[c] as number) + Math.abs(y);
    put(y, unit * size + floor);
  });
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly largest: number;
}

/** Of one channel over the batch and all positions. */
function momentsOf(x: ArrayLike<number>, channel: number, channels: number, area: number): Moments {
  const samples = x.length / (channels * area);
  const count = samples * area;
  const each = (visit: (value: number) => void) => {
    for (let sample = 0; sample < samples; sample++) {
      const start = (sample * channels + channel) * area;
      for (let i = start; i < start + area; i++) visit(x[i] as number);
    }
  };
  let [sum, largest] = [0, 0];
  each((value) => {
    sum += value;
    largest = Math.max(largest, Math.abs(value));
  });
  const mean = sum / count;
  let squares = 0;
  each((value) => {
    squares += (value - mean) ** 2;
  });
  return { mean, variance: squares / count, largest };
}
