import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { gradientOfBins, meanOfBins } from '../../../src/measure/boxes/bins.ts';

describe('meanOfBins', () => {
  it('is the mean of 0, 1, 2 … with the shares of a Softmax', () => {
    expect(meanOfBins([0, 0, 0, 0])).to.equal(1.5);
    // Shares of 1/4 and 3/4.
    expect(meanOfBins([0, Math.log(3)])).to.be.closeTo(0.75, 1e-15);
  });

  it('is exact for numbers of any size', () => {
    expect(meanOfBins([900, 900 + Math.log(3)])).to.be.closeTo(0.75, 1e-12);
    expect(meanOfBins([-900, -900 + Math.log(3)])).to.be.closeTo(0.75, 1e-12);
    expect(meanOfBins([0, 0, 5000])).to.equal(2);
  });

  it('reads some numbers of a longer list', () => {
    const numbers = [7, -2, 0.5, 0, Math.log(3), 9];
    expect(meanOfBins(numbers, 3, 2)).to.equal(meanOfBins([0, Math.log(3)]));
    expect(meanOfBins(numbers, 4)).to.equal(meanOfBins([Math.log(3), 9]));
  });
});

describe('gradientOfBins', () => {
  it('is the slope of the mean', () => {
    const random = new Random(3);
    for (const bins of [2, 8, 17]) {
      const numbers = Array.from({ length: bins }, () => 3 * random.normal());
      const gradient = gradientOfBins(numbers, 1.7);
      for (const bin of numbers.keys()) {
        const at = (by: number) => meanOfBins(numbers.map((it, index) => (index === bin ? it + by : it)));
        expect(gradient[bin]).to.be.closeTo((1.7 * (at(1e-5) - at(-1e-5))) / 2e-5, 1e-8);
      }
    }
  });

  it('adds up to nothing, as a Softmax does not change if all numbers do', () => {
    const sum = gradientOfBins([700, 3, -2, 701], 2).reduce((total, it) => total + it, 0);
    expect(sum).to.be.closeTo(0, 1e-12);
  });
});
