import { expect } from 'chai';
import { differencesOf, isBeyondChance } from '../../src/measure/chance.ts';

describe('measure/chance', () => {
  it('leaves out samples that one of both was not judged on', () => {
    expect(differencesOf([1, null, 0.5, 0.25], [0.5, 1, null, 0.25])).to.deep.equal([0.5, 0]);
    expect(differencesOf([1, 1], [0.5])).to.deep.equal([0.5]);
  });

  it('calls a difference clear by Student’s t at 97.5 %', () => {
    // Mean 0.05 and deviation 0.1, so √n / 2 standard errors: of 16 samples 2, of 24 samples 2.4.
    const spread = (count: number) =>
      Array.from(
        { length: count },
        (_, index) => 0.05 + (index % 2 === 0 ? 0.1 : -0.1) * Math.sqrt((count - 1) / count),
      );
    expect(isBeyondChance(spread(16))).to.equal(false);
    expect(isBeyondChance(spread(24))).to.equal(true);
    expect(isBeyondChance(spread(24).map((it) => -it))).to.equal(false);
  });

  it('says nothing of one sample, and of equal ones by their sign', () => {
    expect(isBeyondChance([])).to.equal(false);
    expect(isBeyondChance([1])).to.equal(false);
    expect(isBeyondChance([0, 0, 0])).to.equal(false);
    expect(isBeyondChance([0.1, 0.1, 0.1])).to.equal(true);
  });
});
