import { expect } from 'chai';
import { gainOf } from '../../src/train/gain.ts';
import type { Scorer } from '../../src/train/types.ts';

/** Scores the share of samples that are right. */
function share(rights: readonly boolean[]): Scorer {
  return {
    add: () => undefined,
    result: () => ({ value: undefined, detail: '', figures: {} }),
    weighted(weights) {
      let [count, right] = [0, 0];
      for (const [index, isRight] of rights.entries()) {
        count += weights[index] as number;
        if (isRight) right += weights[index] as number;
      }
      return right / count;
    },
  };
}

const of = (count: number, isRight: (index: number) => boolean) =>
  share(Array.from({ length: count }, (_, i) => isRight(i)));

describe('gainOf', () => {
  it('has the range that the normal approximation gives for a difference of paired shares', () => {
    // 200 samples: 60 became right, 20 became wrong. Gain 0.2; its deviation is √((80/200 − 0.2²)/200) = 0.0424.
    const [before, after] = [of(200, (i) => i >= 60 && i < 130), of(200, (i) => i < 60 || (i >= 80 && i < 130))];
    const gain = gainOf(before, after, 200, 1);
    expect(gain?.value).to.be.closeTo(0.2, 1e-12);
    // 400 draws place an end of the range within a tenth of its distance.
    expect(gain?.low).to.be.closeTo(0.2 - 1.96 * 0.0424, 0.015);
    expect(gain?.high).to.be.closeTo(0.2 + 1.96 * 0.0424, 0.015);
  });

  it('holds 0 where as many were lost as won, and is repeatable', () => {
    const [before, after] = [of(60, (i) => i % 2 === 0), of(60, (i) => i % 2 === (i % 4 < 2 ? 0 : 1))];
    const gain = gainOf(before, after, 60, 1);
    expect(gain?.low).to.be.below(0);
    expect(gain?.high).to.be.above(0);
    expect(gainOf(before, after, 60, 1)).to.deep.equal(gain);
  });

  it('is not told of few samples, or of a measure that can’t be taken apart', () => {
    const all = of(19, () => true);
    expect(gainOf(all, all, 19, 1)).to.equal(undefined);
    const { add, result } = of(30, () => true);
    expect(gainOf({ add, result }, { add, result }, 30, 1)).to.equal(undefined);
  });
});
