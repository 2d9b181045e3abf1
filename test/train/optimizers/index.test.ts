import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { OPTIMIZERS } from '../../../src/train/optimizers/index.ts';
import { memoryOf, PART, sideBySide } from '../../../src/train/optimizers/vectors.ts';

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
      const state = sideBySide(COUNT, OPTIMIZERS[name].vectors);
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

  // Counts and ends of what decays that are odd, even, none, and more than one part of the gradient.
  for (const [count, decayed] of [
    [1, 0],
    [2, 1],
    [50, 50],
    [51, 20],
    [PART + 3, 1],
    [2 * PART + 5, PART + 2],
  ] as const) {
    it(`adamw gives the same bits in WebAssembly and in JavaScript: ${count} numbers, ${decayed} of them decay`, () => {
      const noise = new Random(count);
      const drawn = (scale: number) => Float32Array.from({ length: count }, () => scale * noise.normal());
      const start = drawn(1);
      const gradients = [drawn(1), drawn(1e-20), drawn(1e4), new Float32Array(count)];
      const trained = (vectors: Float32Array[]) => {
        const [theta, ...state] = vectors as [Float32Array, Float32Array, Float32Array];
        theta.set(start);
        for (const [index, gradient] of gradients.entries()) {
          const options = { rate: 1e-3, step: index + 1, weightDecay: 0.01, decayed, factor: 0.7 };
          OPTIMIZERS.adamw.step(theta, gradient, state, options);
        }
        return vectors.map((vector) => [...vector]);
      };
      const inMemory = sideBySide(count, 3);
      expect(memoryOf(inMemory[0] as Float32Array)).to.not.equal(undefined);
      const plain = Array.from({ length: 3 }, () => new Float32Array(count));
      expect(trained(inMemory)).to.deep.equal(trained(plain));
    });
  }
});
