import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { OPTIMIZERS } from '../../../src/train/optimizers/index.ts';

const COUNT = 50;
const random = new Random(5);
const numbers = () => Float32Array.from({ length: COUNT }, () => random.normal());

/** Both optimizers as their papers write them, in float64 and apart from the code under test. */
function reference(name: 'adamw' | 'sgd', start: Float32Array, gradients: readonly Float32Array[], decayed: number) {
  const [rate, decay] = [0.01, 0.3];
  return Array.from(start, (first, index) => {
    let [theta, m, v] = [first, 0, 0];
    for (const [step, all] of gradients.entries()) {
      const g = 0.5 * (all[index] as number);
      const own = index < decayed ? decay : 0;
      if (name === 'sgd') {
        m = 0.9 * m + g + own * theta;
        theta -= rate * m;
        continue;
      }
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const [mean, square] = [m / (1 - 0.9 ** (step + 1)), v / (1 - 0.999 ** (step + 1))];
      theta = theta - rate * own * theta - (rate * mean) / (Math.sqrt(square) + 1e-8);
    }
    return theta;
  });
}

describe('train/optimizers', () => {
  for (const name of ['adamw', 'sgd'] as const) {
    it(`${name} steps as its paper says, clipped, with a decay of some parameters`, () => {
      const theta = numbers();
      const gradients = [numbers(), numbers(), numbers()];
      const expected = reference(name, theta, gradients, 20);
      const state = OPTIMIZERS[name].begin(COUNT);
      for (const [index, gradient] of gradients.entries()) {
        OPTIMIZERS[name].step(theta, gradient, state, {
          rate: 0.01,
          step: index + 1,
          weightDecay: 0.3,
          decayed: 20,
          factor: 0.5,
        });
      }
      // Three steps of float32 state against float64.
      for (const [index, value] of theta.entries()) expect(value).to.be.closeTo(expected[index] as number, 1e-6);
    });
  }
});
