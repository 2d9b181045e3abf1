import { expect } from 'chai';
import { LEAST_SLOPE, LEAST_VARIANCE, solve } from '../../src/calibrate/solve.ts';
import type { ChannelMoments } from '../../src/calibrate/statistics.ts';

/** A channel where y is 3 x̂ + 1 but for noise of variance 0.5. */
const LINE: ChannelMoments = { meanX: 0.25, varianceX: 1, meanY: 1.75, varianceY: 9.5, covariance: 3 };

/** One channel whose slope and offset from running statistics are these. */
function solveOne(moments: Partial<ChannelMoments>, scale = 2) {
  const { scale: gains, bias, r2, fallbacks } = solve([{ ...LINE, ...moments }], { scale: [scale], bias: [7] });
  return { gain: gains[0] as number, bias: bias[0] as number, r2, fallbacks };
}

describe('solve', () => {
  it('keeps mean and deviation, and tells what the best line explains', () => {
    const { gain, bias, r2, fallbacks } = solveOne({});
    expect(gain).to.be.closeTo(Math.sqrt(9.5), 1e-15);
    expect(bias).to.be.closeTo(1.75 - 0.25 * gain, 1e-15);
    expect(fallbacks).to.equal(0);
    expect(r2).to.be.closeTo(1 - 0.5 / 9.5, 1e-15);
  });

  it('does not shrink where the fit is bad, as the least-squares line does', () => {
    const exact = solveOne({ varianceY: 9 });
    const noisy = solveOne({ varianceY: 9, covariance: 0.3 });
    expect(noisy.gain).to.equal(exact.gain);
    expect({ exact: exact.r2, noisy: noisy.r2 }).to.deep.equal({ exact: 1, noisy: 0.09 / 9 });
  });

  const USELESS: readonly (readonly [string, Partial<ChannelMoments>, number])[] = [
    ['x̂ has no variance', { varianceX: 0, covariance: 0 }, 2],
    ['x̂ has the least variance that is too little', { varianceX: LEAST_VARIANCE, covariance: 3 * LEAST_VARIANCE }, 2],
    ['x̂ goes the other way', { covariance: -3 }, 2],
    ['x̂ goes the other way, γ being negative', { covariance: 3 }, -2],
    ['they have nothing in common', { covariance: 0 }, 2],
    ['y hardly varies', { varianceY: (2 * LEAST_SLOPE) ** 2 }, 2],
    ['nothing is known, and x̂ goes the other way', { covariance: -3 }, 0],
    ['moments are no numbers', { covariance: Number.NaN }, 2],
  ];
  for (const [what, moments, scale] of USELESS) {
    it(`keeps the slope of running statistics where ${what}, and counts the channel`, () => {
      const { gain, bias, fallbacks } = solveOne(moments, scale);
      expect({ gain, fallbacks }).to.deep.equal({ gain: scale, fallbacks: 1 });
      // The means agree all the same.
      expect(bias).to.equal(LINE.meanY - scale * LINE.meanX);
    });
  }

  it('takes a slope just above what vanishes, and a negative one for a negative γ', () => {
    expect(solveOne({ varianceY: (2 * LEAST_SLOPE * 1.001) ** 2, covariance: 1e-3 }).fallbacks).to.equal(0);
    expect(solveOne({ varianceY: 9, covariance: -3 }, -2)).to.include({ gain: -3, fallbacks: 0 });
  });

  it('takes any positive slope where nothing is known', () => {
    expect(solveOne({ varianceY: 1e-18, covariance: 1e-9 }, 0)).to.include({ gain: 1e-9, fallbacks: 0 });
  });

  it('explains nothing of a channel whose slope is kept', () => {
    const { r2 } = solve([{ ...LINE, covariance: -3 }, LINE], { scale: [2, 2], bias: [0, 0] });
    expect(r2).to.be.closeTo(9 / 19, 1e-15);
  });

  it('leaves out what does not vary, where a share is rounding over rounding', () => {
    const still = { ...LINE, meanY: 1e3, varianceY: 1e-5, covariance: 0 };
    expect(solve([still, LINE], { scale: [2, 2], bias: [0, 0] }).r2).to.be.closeTo(9 / 9.5, 1e-15);
    expect(solve([still], { scale: [2], bias: [0] }).r2).to.be.NaN;
  });
});
