/**
 * AdamW (Loshchilov & Hutter, arXiv:1711.05101), with the corrections of the first steps taken into the rate and ε:
 *   m′ = β₁ m + (1−β₁) g, v′ = β₂ v + (1−β₂) g², θ′ = θ (1 − lr λ) − lr √(1−β₂ᵗ)/(1−β₁ᵗ) · m′/(√v′ + ε √(1−β₂ᵗ))
 */
import type { Optimizer } from './types.ts';

const BETAS = [0.9, 0.999] as const;
const EPSILON = 1e-8;

export const adamw: Optimizer = {
  name: 'adamw',
  begin: (count) => [new Float32Array(count), new Float32Array(count)],
  step(theta, gradient, state, { rate, step, weightDecay, decayed, factor }) {
    const [m, v] = state as [Float32Array, Float32Array];
    const [a, b] = BETAS;
    const root = Math.sqrt(1 - b ** step);
    const own = (rate * root) / (1 - a ** step);
    const small = EPSILON * root;
    const kept = 1 - rate * weightDecay;
    const [first, second] = [(1 - a) * factor, (1 - b) * factor * factor];
    const part = (from: number, to: number, before: number) => {
      for (let i = from; i < to; i++) {
        const g = gradient[i] as number;
        const mean = a * (m[i] as number) + first * g;
        const square = b * (v[i] as number) + second * g * g;
        m[i] = mean;
        v[i] = square;
        theta[i] = (theta[i] as number) * before - (own * mean) / (Math.sqrt(square) + small);
      }
    };
    part(0, decayed, kept);
    part(decayed, theta.length, 1);
  },
};
