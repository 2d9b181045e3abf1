import { expect } from 'chai';
import { DriftMeter, driftOf, MAP_THRESHOLD } from '../../src/measure/drift.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { encodeHalf } from '../../src/runtime/half.ts';
import type { Value } from '../../src/runtime/session.ts';

const value = (dims: readonly number[], values: readonly number[], type: DataType = DataType.FLOAT): Value => ({
  type,
  dims,
  data: Float64Array.from(values),
});

describe('driftOf', () => {
  it('measures the largest, mean and relative difference, the angle and the noise', () => {
    // Difference (0, −1, 2): 2-norm √5 against √(9 + 16) = 5.
    const drift = driftOf('y', value([3], [3, 4, 0]), value([3], [3, 3, 2]));
    expect(drift).to.include({ output: 'y', max: 2, mean: 1, argmax: null, overlap: null });
    expect(drift?.dims).to.deep.equal([3]);
    expect(drift?.relative).to.be.closeTo(Math.sqrt(5) / 5, 1e-15);
    expect(drift?.cosine).to.be.closeTo(21 / (5 * Math.sqrt(22)), 1e-15);
    expect(drift?.sqnr).to.be.closeTo(-20 * Math.log10(Math.sqrt(5) / 5), 1e-12);
  });

  it('is none for equal values, also where they are all 0, or infinite as masked scores are', () => {
    for (const values of [
      [0, 0],
      [1, Number.NEGATIVE_INFINITY],
    ]) {
      const drift = driftOf('y', value([2], values), value([2], values));
      expect(drift).to.include({ max: 0, mean: 0, relative: 0, cosine: 1, sqnr: null });
    }
  });

  it('is infinite against nothing, and NaN where a value is, wherever that stands', () => {
    expect(driftOf('y', value([1], [0]), value([1], [1]))?.relative).to.equal(Number.POSITIVE_INFINITY);
    for (const bad of [
      [Number.NaN, 1, 2],
      [1, 2, Number.NaN],
    ]) {
      const drift = driftOf('y', value([3], [1, 1, 1]), value([3], bad));
      expect(drift?.max).to.be.NaN;
      expect(drift?.relative).to.be.NaN;
    }
  });

  it('counts no place where the source itself is NaN, and has no figure if that is everywhere', () => {
    const [nan, low] = [Number.NaN, Number.NEGATIVE_INFINITY];
    const some = driftOf('y', value([5], [nan, 3, 4, 0, nan]), value([5], [7, 3, 3, 2, nan]));
    expect(some).to.deep.include({ max: 2, mean: 1, sourceNaN: 0.4 });
    expect(some?.relative).to.be.closeTo(Math.sqrt(5) / 5, 1e-15);
    const all = driftOf('y', value([1, 2], [nan, nan]), value([1, 2], [nan, 1]));
    expect(all).to.deep.include({ max: nan, mean: nan, relative: nan, cosine: nan, argmax: null, sourceNaN: 1 });
    expect(driftOf('y', value([1], [1]), value([1], [1]))).to.not.have.property('sourceNaN');
    // One row of two can be compared, and its class is another one.
    expect(driftOf('y', value([2, 2], [nan, 1, 2, 1]), value([2, 2], [0, 1, 1, 2]))?.argmax).to.equal(0);
    expect(driftOf('y', value([1, 2], [2, 1]), value([1, 2], [2, nan]))?.argmax).to.equal(0);
    // Equal infinities, as of masked scores, hide no difference of other places.
    const masked = driftOf('y', value([4], [low, 3, 4, 0]), value([4], [low, 3, 3, 2]));
    expect(masked?.relative).to.be.closeTo(Math.sqrt(5) / 5, 1e-15);
    expect(masked?.cosine).to.be.closeTo(21 / (5 * Math.sqrt(22)), 1e-15);
  });

  it('reads 16-bit floats and integers', () => {
    const half = (values: number[]): Value => ({ type: DataType.FLOAT16, dims: [1, 2], data: encodeHalf(values) });
    expect(driftOf('y', half([1, 2]), half([1, 2.5]))).to.include({ max: 0.5, argmax: 1 });
    const long = (values: bigint[]): Value => ({ type: DataType.INT64, dims: [2], data: BigInt64Array.from(values) });
    expect(driftOf('y', long([1n, 2n]), long([1n, 5n]))).to.include({ max: 3 });
  });

  it('is unknown for text and for other shapes, even of the same size', () => {
    const text: Value = { type: DataType.STRING, dims: [1], data: ['a'] };
    expect(driftOf('y', text, text)).to.equal(undefined);
    expect(driftOf('y', value([2, 3], [1, 2, 3, 4, 5, 6]), value([3, 2], [1, 2, 3, 4, 5, 6]))).to.equal(undefined);
    expect(driftOf('y', value([1], [1]), value([2], [1, 1]))).to.equal(undefined);
  });

  it('has no mean of nothing', () => {
    expect(driftOf('y', value([0], []), value([0], []))).to.include({ max: 0, mean: 0, relative: 0 });
  });
});

describe('agreement of classes', () => {
  it('is by row of [N, K]', () => {
    const [a, b] = [value([2, 3], [1, 5, 2, 9, 0, 0]), value([2, 3], [4, 5, 2, 0, 9, 0])];
    expect(driftOf('y', a, b)?.argmax).to.equal(0.5);
  });

  it('is by step of [N, T, K]', () => {
    const [a, b] = [value([1, 2, 2], [1, 0, 0, 1]), value([1, 2, 2], [1, 0, 1, 0])];
    expect(driftOf('y', a, b)?.argmax).to.equal(0.5);
  });

  it('is by pixel of [N, K, H, W]', () => {
    // Two classes over four pixels; only the last one differs.
    const [a, b] = [value([1, 2, 2, 2], [1, 1, 0, 0, 0, 0, 1, 1]), value([1, 2, 2, 2], [1, 1, 0, 1, 0, 0, 1, 0])];
    expect(driftOf('y', a, b)?.argmax).to.equal(0.75);
  });

  it('is not asked of a single class, of vectors, of five dimensions, or of integers', () => {
    for (const dims of [[2, 1], [2], [1, 1, 1, 1, 2]]) {
      expect(driftOf('y', value(dims, [1, 2]), value(dims, [2, 1]))?.argmax, `${dims}`).to.equal(null);
    }
    const integers = value([1, 2], [1, 2], DataType.INT32);
    expect(driftOf('y', integers, integers)?.argmax).to.equal(null);
  });
});

describe('overlap of maps', () => {
  const [low, high] = [MAP_THRESHOLD / 2, 2 * MAP_THRESHOLD];

  it('is intersection over union of what is above the threshold', () => {
    const a = value([1, 1, 2, 2], [high, high, low, low]);
    const b = value([1, 1, 2, 2], [high, low, high, low]);
    expect(driftOf('y', a, b)?.overlap).to.be.closeTo(1 / 3, 1e-15);
    expect(driftOf('y', a, a)?.overlap).to.equal(1);
  });

  it('is full where both find nothing, and the mean over maps', () => {
    const a = value([2, 1, 1, 2], [low, low, high, low]);
    const b = value([2, 1, 1, 2], [low, low, low, high]);
    expect(driftOf('y', a, b)?.overlap).to.equal(0.5);
  });

  it('has one too where a Sigmoid was rounded past 1, as ONNX Runtime does', () => {
    const [a, b] = [value([1, 1, 2, 2], [1, 1, 0, 0]), value([1, 1, 2, 2], [1 + 2 ** -23, 1, 0, -(2 ** -24)])];
    expect(driftOf('y', a, b)?.overlap).to.equal(1);
  });

  it('is not asked of numbers outside 0 to 1, of several channels, or of single numbers', () => {
    expect(driftOf('y', value([1, 1, 1, 2], [0, 2]), value([1, 1, 1, 2], [0, 1]))?.overlap).to.equal(null);
    expect(driftOf('y', value([1, 1, 1, 2], [1, 0]), value([1, 1, 1, 2], [1, -0.5]))?.overlap).to.equal(null);
    expect(driftOf('y', value([1, 1, 1, 2], [0, 1]), value([1, 1, 1, 2], [0, Number.NaN]))?.overlap).to.equal(null);
    expect(driftOf('y', value([1, 2, 1, 1], [0, 1]), value([1, 2, 1, 1], [0, 1]))?.overlap).to.equal(null);
    expect(driftOf('y', value([2, 1, 1, 1], [0, 1]), value([2, 1, 1, 1], [0, 1]))?.overlap).to.equal(null);
  });
});

describe('DriftMeter', () => {
  it('comes to the same over several runs as over one', () => {
    const numbers = [3, 4, 0, 1, 2, 5, 7, 1];
    const changed = [3, 3, 2, 1, 2, 6, 6, 1];
    const meter = new DriftMeter('y');
    for (const at of [0, 4]) {
      meter.add(value([2, 2], numbers.slice(at, at + 4)), value([2, 2], changed.slice(at, at + 4)));
    }
    const { dims, ...whole } = driftOf('y', value([4, 2], numbers), value([4, 2], changed)) ?? {};
    expect(meter.result()).to.deep.equal({ ...whole, dims: [2, 2] });
    expect(dims).to.deep.equal([4, 2]);
  });

  it('knows nothing before the first run, nor where one run could not be compared', () => {
    const meter = new DriftMeter('y');
    expect(meter.result()).to.equal(undefined);
    meter.add(value([1], [1]), value([1], [1]));
    meter.add(value([1], [1]), value([2], [1, 1]));
    expect(meter.result()).to.equal(undefined);
  });
});
