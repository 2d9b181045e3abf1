import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { adamw } from '../../../src/train/optimizers/adamw.ts';
import { memoryOf, PART, sideBySide } from '../../../src/train/optimizers/vectors.ts';

const COUNT = 50;
const random = new Random(5);
const numbers = () => Float32Array.from({ length: COUNT }, () => random.normal());

/** As the paper writes it, in float64 and apart from the code under test: bias-corrected moments, decay apart from the gradient. */
function reference(start: Float32Array, gradients: readonly Float32Array[], decayed: number) {
  const [rate, decay] = [0.01, 0.3];
  return Array.from(start, (first, index) => {
    let [theta, m, v] = [first, 0, 0];
    for (const [step, all] of gradients.entries()) {
      const g = 0.5 * (all[index] as number);
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const [mean, square] = [m / (1 - 0.9 ** (step + 1)), v / (1 - 0.999 ** (step + 1))];
      theta = theta - rate * (index < decayed ? decay : 0) * theta - (rate * mean) / (Math.sqrt(square) + 1e-8);
    }
    return theta;
  });
}

describe('train/optimizers/adamw', () => {
  it('steps as its paper says, clipped, with a decay of some parameters', () => {
    const theta = numbers();
    const gradients = [numbers(), numbers(), numbers()];
    const expected = reference(theta, gradients, 20);
    const state = sideBySide(COUNT, adamw.vectors);
    const fixed = { rate: 0.01, weightDecay: 0.3, decayed: 20, factor: 0.5 };
    for (const [index, gradient] of gradients.entries())
      adamw.step(theta, gradient, state, { ...fixed, step: index + 1 });
    // Three steps of float32 state against float64.
    for (const [index, value] of theta.entries()) expect(value).to.be.closeTo(expected[index] as number, 1e-6);
  });

  it('moves by the rate in its first step, whatever the size of the gradient', () => {
    const theta = new Float32Array(3);
    const state = sideBySide(3, adamw.vectors);
    const options = { rate: 0.1, step: 1, weightDecay: 0, decayed: 0, factor: 1 };
    adamw.step(theta, Float32Array.of(1e3, -1e-3, 0), state, options);
    expect([...theta].map((it) => Number(it.toFixed(5)))).to.deep.equal([-0.1, 0.1, 0]);
  });

  // Counts and ends of what decays that are odd, even, none, and more than one part of the gradient.
  for (const [count, decayed] of [
    [1, 0],
    [2, 1],
    [50, 50],
    [51, 20],
    [PART + 3, 1],
    [2 * PART + 5, PART + 2],
  ] as const) {
    it(`gives the same bits in WebAssembly and in JavaScript: ${count} numbers, ${decayed} of them decay`, () => {
      const noise = new Random(count);
      const drawn = (scale: number) => Float32Array.from({ length: count }, () => scale * noise.normal());
      const start = drawn(1);
      const gradients = [drawn(1), drawn(1e-20), drawn(1e4), new Float32Array(count)];
      const trained = (vectors: Float32Array[]) => {
        const [theta, ...state] = vectors as [Float32Array, Float32Array, Float32Array];
        theta.set(start);
        for (const [index, gradient] of gradients.entries()) {
          const options = { rate: 1e-3, step: index + 1, weightDecay: 0.01, decayed, factor: 0.7 };
          adamw.step(theta, gradient, state, options);
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
