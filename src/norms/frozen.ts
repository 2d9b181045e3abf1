/**
 * y = s x + t, s = γ/√(σ² + ε), t = β − μ s
 *
 * x: [N, C, D₁, …]; s, t: [C]. BatchNormalization at inference, as two constants: how detectors are fine-tuned at a small
 * batch (K. He, X. Zhang, S. Ren and J. Sun, *Deep Residual Learning*, 2015, arXiv:1512.03385, appendix A).
 */
import { fixed } from './fixed.ts';
import type { Norm } from './types.ts';

export const frozen: Norm = {
  ...fixed,
  name: 'frozen',
  tag: 'fbn',
  summary: 'frozen BatchNormalization: a constant scale and shift per channel; same outputs as the source',
  forms: ['mul-add', 'fold'],
  atBatchOne: 'scale and shift; its statistics stay the source’s',
  maxDrift: 1e-5,
};
