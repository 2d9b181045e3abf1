import { expect } from 'chai';
import { copy } from '../../../src/norms/inits/copy.ts';
import { plainStatistics } from '../../support/site.ts';

describe('norms/inits/copy', () => {
  it('takes γ and β unchanged, whatever the groups', () => {
    const bn = { ...plainStatistics(4), scale: Float64Array.of(1, -2, 100, 0), bias: Float64Array.of(4, 3, 2, 1) };
    for (const groups of [1, 2, 4]) {
      const { scale, bias } = copy.parameters(bn, groups, 1e-5);
      expect([...scale]).to.deep.equal([1, -2, 100, 0]);
      expect([...bias]).to.deep.equal([4, 3, 2, 1]);
    }
  });

  it('hands out lists of their own', () => {
    const bn = plainStatistics(2);
    const { scale, bias } = copy.parameters(bn, 1, 1e-5);
    scale[0] = 9;
    bias[0] = 9;
    expect(bn).to.deep.equal(plainStatistics(2));
  });
});
