import { expect } from 'chai';
import { orderFitsBetter, sizeFitsBetter } from '../../src/calibrate/reading-fit.ts';

describe('which reading fits better', () => {
  it('is decided by what chance does not explain', () => {
    expect([sizeFitsBetter(0.3, 0.37), sizeFitsBetter(0.3, 0.35)]).to.deep.equal([true, false]);
    expect([orderFitsBetter(0.2, 0.31), orderFitsBetter(0.2, 0.29)]).to.deep.equal([true, false]);
    // Both are as good as they get.
    expect(orderFitsBetter(0.01, 0.04)).to.equal(false);
    expect([sizeFitsBetter(Number.NaN, 1), orderFitsBetter(1, Number.NaN)]).to.deep.equal([false, false]);
  });
});
