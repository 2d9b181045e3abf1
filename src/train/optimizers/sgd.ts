/** SGD with momentum: v′ = μ v + g + λ θ, θ′ = θ − lr v′. */
import type { Optimizer } from './types.ts';

const MOMENTUM = 0.9;

export const sgd: Optimizer = {
  name: 'sgd',
  vectors: 1,
  step(theta, gradient, state, { rate, weightDecay, decayed, factor }) {
    const [v] = state as [Float32Array];
    for (let i = 0; i < theta.length; i++) {
      const old = theta[i] as number;
      const decay = i < decayed ? weightDecay * old : 0;
      const velocity = MOMENTUM * (v[i] as number) + factor * (gradient[i] as number) + decay;
      v[i] = velocity;
      theta[i] = old - rate * velocity;
    }
  },
};
