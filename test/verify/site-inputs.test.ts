import { expect } from 'chai';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Shape } from '../../src/onnx/value-type.ts';
import type { SitePlan } from '../../src/plan/index.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { madeInput, Noise, pairOf, sample } from '../../src/verify/site-inputs.ts';
import { plainStatistics, siteOf } from '../support/site.ts';

const { FLOAT, DOUBLE, FLOAT16 } = DataType;

function planned(shape: Shape | undefined, elementType: DataType = FLOAT): SitePlan {
  const site = siteOf({ shape, elementType, channels: 4, statistics: { ...plainStatistics(4), ...MOMENTS } });
  const affine = { scale: [1, 1, 1, 1], bias: [0, 0, 0, 0] };
  return {
    site,
    norm: 'group',
    channels: 4,
    groups: 2,
    epsilon: 1e-5,
    form: 'reduce',
    init: 'copy',
    notes: [],
    ...affine,
  };
}

const MOMENTS = { mean: Float64Array.of(0, 10, -5, 100), variance: Float64Array.of(1, 4, 0, 9) };

describe('madeInput', () => {
  it('has two samples of the stated shape, and small sizes where the file states none', () => {
    const dims = (shape: Shape | undefined) => madeInput(planned(shape), 0).dims;
    expect(dims([undefined, 4, 6, undefined])).to.deep.equal([2, 4, 6, 5]);
    expect(dims([9, 4])).to.deep.equal([2, 4]);
    expect(dims([1, 4, 3])).to.deep.equal([2, 4, 3]);
    expect(dims([undefined, 4, undefined, undefined, undefined])).to.deep.equal([2, 4, 7, 5, 4]);
    expect(dims([2, 4, 0, 3])).to.deep.equal([2, 4, 7, 3]);
    expect(dims(undefined)).to.deep.equal([2, 4, 7, 5]);
  });

  it('has the running mean and variance of the source’s norm in each channel', () => {
    const numbers = numbersOf(madeInput(planned([1, 4, 50, 50]), 3)) ?? [];
    for (let channel = 0; channel < 4; channel++) {
      const all = Array.from({ length: 2500 }, (_, i) => numbers[channel * 2500 + i] as number);
      const mean = all.reduce((sum, value) => sum + value / 2500, 0);
      const variance = all.reduce((sum, value) => sum + (value - mean) ** 2 / 2500, 0);
      const deviation = Math.sqrt(MOMENTS.variance[channel] as number);
      // Standard errors of 2500 samples: σ/50, and 3 % of σ². Five of each, and the roundings of the sum.
      expect(mean).to.be.closeTo(MOMENTS.mean[channel] as number, 0.1 * deviation + 1e-9);
      expect(variance).to.be.closeTo(deviation ** 2, 0.15 * deviation ** 2 + 1e-9);
    }
  });

  it('is of the site’s type, and the same for the same seed', () => {
    for (const type of [FLOAT, DOUBLE, FLOAT16]) expect(madeInput(planned([1, 4, 2, 2], type), 0).type).to.equal(type);
    const shape = [1, 4, 2, 2];
    expect(madeInput(planned(shape), 1)).to.deep.equal(madeInput(planned(shape), 1));
    expect(madeInput(planned(shape), 1)).not.to.deep.equal(madeInput(planned(shape), 2));
  });
});

describe('pairOf', () => {
  it('is the first sample and another one, even where the input repeats the first', () => {
    const x = { type: FLOAT, dims: [2, 2, 1], data: Float32Array.of(1, 2, 1, 2) };
    const pair = pairOf(x, new Noise(0));
    expect(pair.dims).to.deep.equal([2, 2, 1]);
    const numbers = Array.from(numbersOf(pair) ?? []);
    expect(numbers.slice(0, 2)).to.deep.equal([1, 2]);
    expect(numbers.slice(2)).not.to.deep.equal([1, 2]);
  });

  it('makes two of one, in the same type, by the seed', () => {
    const x = { type: DOUBLE, dims: [1, 2], data: Float64Array.of(1, 2) };
    expect(pairOf(x, new Noise(0))).to.deep.equal(pairOf(x, new Noise(0)));
    const used = new Noise(0);
    expect([...used.first(1)]).to.deep.equal([...new Noise(0).first(9).subarray(0, 1)]);
    expect([...used.first(9)]).to.deep.equal([...new Noise(0).first(9)]);
    expect(pairOf(x, used)).to.deep.equal(pairOf(x, new Noise(0)));
    expect(pairOf(x, new Noise(0))).not.to.deep.equal(pairOf(x, new Noise(1)));
    expect([pairOf(x, new Noise(0)).type, pairOf(x, new Noise(0)).dims]).to.deep.equal([DOUBLE, [2, 2]]);
  });
});

describe('sample', () => {
  it('is one of a batch, as a batch of one', () => {
    const x = { type: FLOAT, dims: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    expect(sample(x, 1)).to.deep.equal({ type: FLOAT, dims: [1, 2], data: Float32Array.of(3, 4) });
  });
});
