/**
 * y = γ (x − μ)/√(σ² + ε) + β, μ and σ² re-estimated over the calibration inputs; γ and β stay as they are.
 *
 * x: [N, C, D₁, …]; all others: [C]. S. Ioffe and C. Szegedy, *Batch Normalization*, 2015, arXiv:1502.03167; "precise BN" of
 * Y. Wu and J. Johnson, *Rethinking "Batch" in BatchNorm*, 2021, arXiv:2105.07576.
 */
import type { Site } from '../find/types.ts';
import { eachSample } from './each-sample.ts';
import { floorOf, tolerance } from './roundoff.ts';
import type { Computed, Norm, NormReason, Visit } from './types.ts';

export const batch: Norm = {
  name: 'batch',
  tag: 'bn',
  summary: 'BatchNormalization kept, its running mean and variance re-estimated over the --calibrate inputs',
  forms: ['batch-normalization'],
  freeGroups: false,
  data: 'required',
  independent: true,
  atBatchOne: 'γ and β, with its statistics held; not by those of its batch',
  groupsFor: ({ channels }) => ({ groups: channels }),
  check: unknownStatistics,
  parameters: ({ statistics: { scale, bias, mean, variance } }) => ({
    scale,
    bias,
    notes: [],
    more: { mean, variance },
  }),
  elements: batchElements,
};

function unknownStatistics({ needsData, path }: Site): NormReason | undefined {
  if (needsData === true) {
    const reason = 'its BatchNormalization was folded, so γ, β, μ and σ² are unknown';
    return { code: 'no-statistics', reason, remedy: 'It stays as it is; --to group can replace it' };
  }
  if (path === '') return undefined;
  const reason = 'it is in a subgraph, where its input cannot be observed';
  return { code: 'no-statistics', reason, remedy: 'It keeps its own statistics' };
}

/**
 * However the factors are put together, what is rounded is at most |s x|, |s μ| and |β|, s = γ/√(σ² + ε): ONNX Runtime computes
 * s x + (β − μ s).
 */
function batchElements({ norm, x, dims, type }: Computed, visit: Visit): void {
  const { channels, epsilon, scale, bias, more = {} } = norm;
  const { mean = [], variance = [] } = more;
  const area = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const [unit, floor] = [tolerance(type, 0), floorOf(type)];
  eachSample(x.length, dims, visit, (i, put) => {
    const channel = Math.floor(i / area) % channels;
    const [value, mu, beta] = [x[i], mean[channel], bias[channel]] as [number, number, number];
    const s = (scale[channel] as number) / Math.sqrt((variance[channel] as number) + epsilon);
    const size = Math.abs(s * value) + Math.abs(s * mu) + Math.abs(beta);
    put(s * (value - mu) + beta, unit * size + floor);
  });
}
