import { expect } from 'chai';
import { median } from '../../../bench/performance/median.ts';

describe('bench/performance/median', () => {
  it('is the middle value, or the mean of the two in the middle, in any order', () => {
    expect(median([7])).to.equal(7);
    expect(median([10, 9, 100])).to.equal(10);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
  });

  it('leaves its argument as it is, and refuses an empty one', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).to.deep.equal([3, 1, 2]);
    expect(() => median([])).to.throw(RangeError, 'no values');
  });
});
