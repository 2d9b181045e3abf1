import { expect } from 'chai';
import fc from 'fast-check';
import { statistics } from '../../../src/norms/inits/statistics.ts';
import { naiveGroupNorm } from '../../support/naive.ts';
import { plainStatistics } from '../../support/site.ts';

const U = 2 ** -53;

const cases = fc
  .record({ groups: fc.integer({ min: 1, max: 4 }), size: fc.integer({ min: 1, max: 8 }) })
  .chain(({ groups, size }) => {
    const channels = groups * size;
    const numbers = (min: number, max: number) =>
      fc
        .array(fc.double({ min, max, noNaN: true }), { minLength: channels, maxLength: channels })
        .map((list) => Float64Array.from(list));
    return fc.record({
      groups: fc.constant(groups),
      epsilon: fc.constantFrom(1e-5, 1e-3, 0.1),
      bn: fc.record({
        scale: numbers(-10, 10),
        bias: numbers(-10, 10),
        mean: numbers(-100, 100),
        variance: numbers(0, 100),
      }),
    });
  });

describe('norms/inits/statistics', () => {
  it('gives an input with the running statistics the output that BatchNormalization gave it', () => {
    fc.assert(
      fc.property(cases, ({ groups, epsilon, bn }) => {
        const channels = bn.scale.length;
        // μ − σ and μ + σ have the mean μ and the variance σ².
        const x = Float64Array.from({ length: 2 * channels }, (_, i) => {
          const [c, sign] = [i >> 1, i % 2 === 0 ? -1 : 1];
          return (bn.mean[c] as number) + sign * Math.sqrt(bn.variance[c] as number);
        });
        const { scale, bias } = statistics.parameters(bn, groups, epsilon);
        const after = naiveGroupNorm(x, [1, channels, 2], groups, epsilon, scale, bias);
        for (let i = 0; i < x.length; i++) {
          const c = i >> 1;
          const gain = (bn.scale[c] as number) / Math.sqrt((bn.variance[c] as number) + epsilon);
          const before = gain * ((x[i] as number) - (bn.mean[c] as number)) + (bn.bias[c] as number);
          // γ′/√(V + ε) is γ/√(σ² + ε), so magnitudes are equal. A rounding of x moves the deviation of a group of n
          // numbers by up to √n of it, n ≤ 16; and some ten roundings on each side.
          const bound = 100 * U * ((after.magnitude[i] as number) + Math.abs(bn.bias[c] as number));
          expect(Math.abs((after.values[i] as number) - before)).to.be.at.most(bound);
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('is what the formula says, worked out by hand', () => {
    // Two channels in one group, ε = 1: m = 2, V = ((3 + 1) + (8 + 1))/2 = 6.5.
    const bn = {
      scale: Float64Array.of(2, 3),
      bias: Float64Array.of(1, 0),
      mean: Float64Array.of(1, 3),
      variance: Float64Array.of(3, 8),
    };
    const { scale, bias } = statistics.parameters(bn, 1, 1);
    expect(scale[0]).to.be.closeTo((2 * Math.sqrt(7.5)) / 2, 4 * U);
    expect(scale[1]).to.be.closeTo((3 * Math.sqrt(7.5)) / 3, 4 * U);
    expect([...bias]).to.deep.equal([1 + (2 * (2 - 1)) / 2, 0 + (3 * (2 - 3)) / 3]);
  });

  it('keeps γ and β where every group is one channel, or all channels are alike', () => {
    const one = { ...plainStatistics(4), mean: Float64Array.of(1, 2, 3, 4), scale: Float64Array.of(1, -2, 3, 0) };
    expect([...statistics.parameters(one, 4, 1e-5).scale]).to.deep.equal([1, -2, 3, 0]);
    expect([...statistics.parameters(one, 4, 1e-5).bias]).to.deep.equal([0, 0, 0, 0]);
    const alike = statistics.parameters({ ...plainStatistics(4), mean: new Float64Array(4).fill(7) }, 2, 1e-5);
    expect([...alike.scale]).to.deep.equal([1, 1, 1, 1]);
    expect([...alike.bias]).to.deep.equal([0, 0, 0, 0]);
  });

  it('loses no digits to large means', () => {
    const mean = new Float64Array(2).fill(1e9);
    const { scale } = statistics.parameters({ ...plainStatistics(2), mean }, 1, 1e-5);
    expect([...scale]).to.deep.equal([1, 1]);
  });

  it('answers β where ε is 0 and a channel never varied', () => {
    const bn = { ...plainStatistics(2), variance: Float64Array.of(0, 1), bias: Float64Array.of(5, 6) };
    const { scale, bias } = statistics.parameters(bn, 1, 0);
    expect([scale[0], bias[0]]).to.deep.equal([0, 5]);
    expect([...scale, ...bias].every(Number.isFinite)).to.equal(true);
  });

  it('does not change what it is given', () => {
    const bn = plainStatistics(4);
    statistics.parameters(bn, 2, 1e-5);
    expect(bn).to.deep.equal(plainStatistics(4));
  });
});
