import { expect } from 'chai';
import fc from 'fast-check';
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
  it('takes the least-squares line, and tells what it explains', () => {
    const { gain, bias, r2, fallbacks } = solveOne({});
    expect({ gain, bias, fallbacks }).to.deep.equal({ gain: 3, bias: 1, fallbacks: 0 });
    expect(r2).to.be.closeTo(1 - 0.5 / 9.5, 1e-15);
  });

  it('is the best line there is: none beside it leaves less', () => {
    const residual = (gain: number, bias: number) => {
      const { meanX, meanY, varianceX, varianceY, covariance } = LINE;
      return varianceY - 2 * gain * covariance + gain ** 2 * varianceX + (meanY - gain * meanX - bias) ** 2;
    };
    const { gain, bias } = solveOne({});
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }), (g, b) => {
        expect(residual(gain + g, bias + b)).to.be.at.least(residual(gain, bias) - 1e-12);
      }),
      { seed: 1 },
    );
  });

  const USELESS: readonly (readonly [string, Partial<ChannelMoments>, number])[] = [
    ['x̂ has no variance', { varianceX: 0, covariance: 0 }, 2],
    ['x̂ has the least variance that is too little', { varianceX: LEAST_VARIANCE, covariance: 3 * LEAST_VARIANCE }, 2],
    ['the slope has the other sign', { covariance: -3 }, 2],
    ['the slope has the other sign, γ being negative', { covariance: 3 }, -2],
    ['the slope is 0', { covariance: 0 }, 2],
    ['the slope vanishes', { covariance: 2 * LEAST_SLOPE }, 2],
    ['nothing is known, and the slope is negative', { covariance: -3 }, 0],
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
    expect(solveOne({ covariance: 2 * LEAST_SLOPE * 1.001 }).fallbacks).to.equal(0);
    expect(solveOne({ covariance: -3 }, -2)).to.include({ gain: -3, fallbacks: 0 });
  });

  it('takes any positive slope where nothing is known', () => {
    expect(solveOne({ covariance: 1e-9 }, 0)).to.include({ gain: 1e-9, fallbacks: 0 });
  });

  it('counts what slopes that were kept do not explain', () => {
    // y = 0 and γ = 2: what is left is 2² var(x̂).
    const { r2 } = solve([{ ...LINE, varianceY: 0, covariance: 0 }, LINE], { scale: [2, 2], bias: [0, 0] });
    expect(r2).to.be.closeTo(1 - (4 + 0.5) / 9.5, 1e-15);
  });

  it('explains all of what does not vary', () => {
    expect(solve([{ ...LINE, varianceY: 0, varianceX: 0, covariance: 0 }], { scale: [2], bias: [0] }).r2).to.equal(1);
  });
});
