/**
 * γ′ = γ √(V + ε)/√(σ² + ε), β′ = β + γ (m − μ)/√(σ² + ε)
 *
 * m and V are the mean and variance that a group has if each of its channels has BatchNormalization's running mean μ and
 * variance σ²: m = mean(μ), V = mean(σ² + (μ − m)²) over the group's channels. An input with those statistics leaves the new
 * norm as it left the old one. Needs no data.
 */

import type { Statistics } from '../../find/types.ts';
import { numbers } from '../../onnx/few-numbers.ts';
import type { Affine, Init } from './types.ts';

export const statistics: Init = {
  name: 'statistics',
  summary: "solved from BatchNormalization's running statistics",
  parameters,
};

function parameters({ scale, bias, mean, variance }: Statistics, groups: number, epsilon: number): Affine {
  const channels = scale.length;
  const size = channels / groups;
  const result: Affine = { scale: numbers(channels), bias: numbers(channels) };
  for (let start = 0; start < channels; start += size) {
    let m = 0;
    for (let c = start; c < start + size; c++) m += (mean[c] as number) / size;
    let v = 0;
    // Not mean(μ²) − m², which cancels where the means are large.
    for (let c = start; c < start + size; c++) v += ((variance[c] as number) + ((mean[c] as number) - m) ** 2) / size;
    for (let c = start; c < start + size; c++) {
      // With ε = 0 a channel that never varied has no slope of its own: BN would divide by zero, so leave its output at β.
      const deviation = Math.sqrt((variance[c] as number) + epsilon);
      const slope = deviation === 0 ? 0 : (scale[c] as number) / deviation;
      result.scale[c] = slope * Math.sqrt(v + epsilon);
      result.bias[c] = (bias[c] as number) + slope * (m - (mean[c] as number));
    }
  }
  return result;
}
