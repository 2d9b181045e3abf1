import { expect } from 'chai';
import fc from 'fast-check';
import { histogramsOf } from '../../src/measure/histogram.ts';

const sum = (list: readonly number[]) => list.reduce((total, count) => total + count, 0);

describe('histogramsOf', () => {
  it('counts every number once, in its bin', () => {
    const even = Float32Array.from({ length: 480 }, (_, i) => i);
    const pair = histogramsOf(
      even,
      Float32Array.from({ length: 48 }, (_, i) => 10 * i),
    );
    expect([pair?.from, pair?.to]).to.deep.equal([0, 479]);
    // 480 numbers over 48 bins of 479/48 each: 10 a bin.
    expect(new Set(pair?.source)).to.deep.equal(new Set([10]));
    expect(sum(pair?.rewritten ?? [])).to.equal(48);
  });

  it('counts what is far off in the outermost bins, so that the others say something', () => {
    const source = Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    const pair = histogramsOf(source, Float64Array.of(1e6, -1e6, 0));
    // The sine's standard deviation is √½, so that 4 of them are 2.83.
    expect(pair?.from).to.be.closeTo(-4 * Math.SQRT1_2, 0.01);
    expect(pair?.to).to.be.closeTo(4 * Math.SQRT1_2, 0.01);
    expect([pair?.rewritten[0], pair?.rewritten.at(-1), sum(pair?.rewritten ?? [])]).to.deep.equal([1, 1, 3]);
  });

  it('has room for a single number', () => {
    for (const value of [0, 1, -1e30]) {
      const pair = histogramsOf([value], [value, value]);
      expect(pair?.from).to.be.below(value);
      expect(pair?.to).to.be.above(value);
      expect([sum(pair?.source ?? []), sum(pair?.rewritten ?? [])]).to.deep.equal([1, 2]);
    }
  });

  it('is none of what is not finite, and of nothing', () => {
    expect(histogramsOf([1, Number.NaN], [1])).to.equal(undefined);
    expect(histogramsOf([1], [Number.POSITIVE_INFINITY])).to.equal(undefined);
    expect(histogramsOf([], [])).to.equal(undefined);
  });

  it('loses no number of any list', () => {
    const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 });
    const keeps = fc.property(floats, floats, (a, b) => {
      const pair = histogramsOf(a, b);
      return pair !== undefined && sum(pair.source) === a.length && sum(pair.rewritten) === b.length;
    });
    fc.assert(keeps, { seed: 7, numRuns: 300 });
  });
});
