import { expect } from 'chai';
import { unitSteps } from '../../../src/train/optimizers/unit-steps.ts';

const parts = [
  { name: 'w', offset: 0, dims: [2, 1] },
  { name: 'b', offset: 2, dims: [1] },
];

describe('train/optimizers/unit-steps', () => {
  it('multiplies the steps of a parameter by its unit, and leaves others and what weight decay does as they are', () => {
    const theta = Float32Array.of(10, 20, 5);
    const inUnits = unitSteps(theta, parts, new Map([['w', 100]]), ({ name }) => (name === 'w' ? 0.5 : 1));
    // Halved by decay, and moved by 1, −2 and 3.
    theta.set([6, 8, 8]);
    inUnits();
    expect([...theta]).to.deep.equal([105, -190, 8]);
  });

  it('changes nothing without units', () => {
    const theta = Float32Array.of(1, 2, 3);
    const inUnits = unitSteps(theta, parts, new Map(), () => 1);
    theta.fill(7);
    inUnits();
    expect([...theta]).to.deep.equal([7, 7, 7]);
  });
});
