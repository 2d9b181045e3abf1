/**
 * y = layer(x; w, b), w = g v/‖v‖, g = s ‖w₀‖, v = w₀, b = s b₀ + t, s = γ/√(σ² + ε), t = β − μ s
 *
 * w₀, b₀: of the Conv, ConvTranspose, Gemm or MatMul before the norm, which takes it in; g, b: one number per channel of its
 * output; ‖v‖: over what is summed for one channel. The function is the source's; what is trained from then on is the length
 * and the direction of each weight. T. Salimans and D. P. Kingma, *Weight Normalization*, 2016, arXiv:1602.07868.
 */
import { fixed } from './fixed.ts';
import type { Norm } from './types.ts';

export const weight: Norm = {
  ...fixed,
  name: 'weight',
  tag: 'wn',
  summary: 'weight normalization: length and direction of each weight of the layer before; same outputs as the source',
  forms: ['weight-norm'],
  atBatchOne: 'length and direction of each weight; it has no statistics',
  maxDrift: 1e-4,
  check: (site) => {
    const reason = typeof site.before === 'string' ? site.before : undefined;
    if (reason === undefined) return fixed.check(site);
    return { code: 'no-layer-before', reason, remedy: 'It stays as it is; --to frozen can replace it' };
  },
};
