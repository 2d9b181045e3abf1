import { expect } from 'chai';
import { figure, largest, percent, placeOf, quantile, ratio } from '../../src/report/figures.ts';

describe('figures of reports', () => {
  it('have three digits, or words', () => {
    const shown = [0, 0.12345, 12345, 123456, 0.0001234, -2, Number.NaN, null, undefined].map(figure);
    expect(shown).to.deep.equal(['0', '0.123', '12300', '1.2e+5', '1.2e-4', '-2', 'not finite', '–', '–']);
    expect([0.99982, 1, Number.NaN].map(ratio)).to.deep.equal(['0.9998', '1.0000', 'not finite']);
    expect([0.9351, null].map(percent)).to.deep.equal(['93.5 %', '–']);
  });

  it('quantile is linear between the two nearest', () => {
    expect([0, 0.25, 0.5, 1].map((share) => quantile([4, 1, 3, 2], share))).to.deep.equal([1, 1.75, 2.5, 4]);
    expect(quantile([], 0.5)).to.deep.equal(Number.NaN);
    expect(quantile([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.3)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('largest is the first of the largest, and what is no number before all', () => {
    expect(largest([1, 3, 3.5, 2], Math.floor)).to.equal(3);
    expect(largest([1, Number.NaN, 3], (it) => it)).to.deep.equal(Number.NaN);
    expect(largest([], Number)).to.equal(undefined);
  });

  it('placeOf says where a graph hangs', () => {
    expect(placeOf({ name: 'bn', path: '' })).to.equal('bn');
    expect(placeOf({ name: 'bn', path: 'if/then' })).to.equal('if/then: bn');
  });
});
