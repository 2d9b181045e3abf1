import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { OPTIMIZERS } from '../../../src/train/optimizers/index.ts';
import { sgd } from '../../../src/train/optimizers/sgd.ts';

const COUNT = 50;
const random = new Random(5);
const numbers = () => Float32Array.from({ length: COUNT }, () => random.normal());

describe('train/optimizers/sgd', () => {
  it('steps with momentum, clipped, with a decay of some parameters', () => {
    const theta = numbers();
    const gradients = [numbers(), numbers(), numbers()];
    // In float64, and apart from the code under test.
    const expected = Array.from(theta, (first, index) => {
      let [value, velocity] = [first, 0];
      for (const gradient of gradients) {
        velocity = 0.9 * velocity + 0.5 * (gradient[index] as number) + (index < 20 ? 0.3 : 0) * value;
        value -= 0.01 * velocity;
      }
      return value;
    });
    const state = [new Float32Array(COUNT)];
    const fixed = { rate: 0.01, weightDecay: 0.3, decayed: 20, factor: 0.5 };
    for (const [index, gradient] of gradients.entries())
      sgd.step(theta, gradient, state, { ...fixed, step: index + 1 });
    // Three steps of float32 against float64.
    for (const [index, value] of theta.entries()) expect(value).to.be.closeTo(expected[index] as number, 1e-6);
  });

  it('decays by the value before the step, and goes on by momentum without a gradient', () => {
    const [theta, state] = [Float32Array.of(1, 1), [new Float32Array(2)]];
    const options = { rate: 0.5, step: 1, weightDecay: 0.5, decayed: 1, factor: 1 };
    sgd.step(theta, new Float32Array(2), state, options);
    expect([...theta]).to.deep.equal([0.75, 1]);
    sgd.step(theta, new Float32Array(2), state, { ...options, weightDecay: 0 });
    expect(theta[0]).to.be.closeTo(0.75 - 0.5 * 0.9 * 0.5, 1e-7);
    expect(theta[1]).to.equal(1);
  });

  it('is one of the optimizers, each under its own name', () => {
    expect(OPTIMIZERS.sgd).to.equal(sgd);
    for (const [name, optimizer] of Object.entries(OPTIMIZERS)) expect(optimizer.name).to.equal(name);
  });
});
