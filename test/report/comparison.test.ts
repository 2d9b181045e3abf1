import { expect } from 'chai';
import { comparisonLines } from '../../src/report/comparison.ts';

const drift = { output: 'y', dims: [2, 2], max: 1, mean: 1, sqnr: 1, overlap: null };

describe('comparisonLines', () => {
  it('shows the output that drifted most, sites that were left, and why a norm was refused', () => {
    const fixed = {
      groups: null,
      atBatchOne: 'all of it',
      sites: 1,
      left: 0,
      drift: [],
      kept: 0.5,
      time: 2,
      refused: null,
    };
    const near = { ...drift, relative: 0.01, cosine: 1, argmax: 1 };
    const far = { ...drift, relative: 0.5, cosine: 0.75, argmax: 0.5 };
    const [, one, two] = comparisonLines([
      { ...fixed, norm: 'group', groups: 8, left: 2, drift: [near, far] },
      {
        ...fixed,
        norm: 'batch',
        sites: 0,
        kept: null,
        time: null,
        refused: { reason: 'no\u001b[2J', remedy: undefined },
      },
    ]);
    expect(one?.split(/ {2,}/)).to.deep.equal([
      'group',
      '8',
      '1 of 3',
      '0.50',
      '0.7500',
      '50.0 %',
      '× 2.00',
      'all of it',
    ]);
    expect(two).to.match(/refused: no\\u\{1b\}\[2J$/);
  });
});
