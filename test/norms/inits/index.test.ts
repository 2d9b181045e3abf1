import { expect } from 'chai';
import { INITS } from '../../../src/norms/inits/index.ts';
import { plainStatistics } from '../../support/site.ts';

describe('norms/inits', () => {
  it('has statistics first, which is the default', () => {
    expect(INITS[0]?.name).to.equal('statistics');
    expect(new Set(INITS.map(({ name }) => name)).size).to.equal(INITS.length);
  });

  it('gives one γ′ and one β′ a channel', () => {
    for (const { name, parameters } of INITS) {
      const { scale, bias } = parameters(plainStatistics(6), 3, 1e-5);
      expect([scale.length, bias.length], name).to.deep.equal([6, 6]);
    }
  });
});
