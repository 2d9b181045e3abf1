import { expect } from 'chai';
import { inputOf } from '../../fuzz/input.ts';

describe('inputOf', () => {
  it('gives the same for a seed, and others for others', () => {
    const all = Array.from({ length: 200 }, (_, seed) => Buffer.from(inputOf(seed)).toString('base64'));
    expect(Array.from({ length: 200 }, (_, seed) => Buffer.from(inputOf(seed)).toString('base64'))).to.deep.equal(all);
    expect(new Set(all).size).to.be.above(195);
  });
});
