import { expect } from 'chai';
import { identity } from '../../../src/norms/inits/identity.ts';
import { plainStatistics } from '../../support/site.ts';

describe('norms/inits/identity', () => {
  it('is γ = 1 and β = 0, whatever the source had', () => {
    const bn = { ...plainStatistics(3), scale: Float64Array.of(5, 6, 7), bias: Float64Array.of(1, 2, 3) };
    const { scale, bias } = identity.parameters(bn, 3, 1e-5);
    expect([...scale]).to.deep.equal([1, 1, 1]);
    expect([...bias]).to.deep.equal([0, 0, 0]);
  });
});
