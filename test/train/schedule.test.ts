import { expect } from 'chai';
import { rateAt, warmUpOf } from '../../src/train/schedule.ts';

describe('train/schedule', () => {
  it('rises in a line to the peak, and falls along half a cosine to 0', () => {
    const steps = 1000;
    expect(warmUpOf(steps)).to.equal(50);
    expect(rateAt(1, steps, 1)).to.be.closeTo(1 / 51, 1e-12);
    expect(rateAt(50, steps, 1)).to.be.closeTo(50 / 51, 1e-12);
    expect(rateAt(51, steps, 1)).to.equal(1);
    expect(rateAt(526, steps, 1)).to.be.closeTo(0.5, 1e-12);
    expect(rateAt(1000, steps, 1)).to.be.within(0, 1e-5);
  });

  it('has no warm-up in a run of a few steps, and does not begin at 0', () => {
    expect(rateAt(1, 5, 0.1)).to.equal(0.1);
  });
});
