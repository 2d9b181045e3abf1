import { expect } from 'chai';
import { Variation } from '../../src/measure/variation.ts';
import { floats } from '../support/answers.ts';

function varied(rows: readonly (readonly number[])[]): Variation {
  const variation = new Variation();
  variation.add({ y: floats([rows.length, rows[0]?.length ?? 0], rows.flat()) }, rows.length);
  return variation;
}

describe('Variation', () => {
  it('is the spread of the answers around their mean, relative to them', () => {
    const rows = [
      [1, 2],
      [3, 2],
      [1, 2],
      [3, 2],
    ];
    // Squares: 2 · 1 + 2 · 9 + 4 · 4 = 36, of which (±1)² · 4 vary.
    expect(varied(rows).largest()).to.be.closeTo(Math.sqrt(4 / 36), 1e-12);
    expect(varied(rows).doubts()).to.deep.equal([]);
  });

  it('doubts inputs that the source answers all alike', () => {
    const rows = [1, 1.001, 0.999, 1].map((it) => [it, 1]);
    expect(varied(rows).doubts()[0]).to.match(/^the source’s outputs vary by only 0\.050 % from input to input$/);
  });

  it('counts an answer to all inputs of a run once', () => {
    const variation = new Variation();
    for (const number of [1, 2, 3, 4]) variation.add({ y: floats([2, 1], [number, number]) }, 5);
    // Numbers 1 to 4: 30 squares, of which 30 − 10²/4 = 5 vary.
    expect(variation.largest()).to.be.closeTo(Math.sqrt(5 / 30), 1e-12);
    const single = new Variation();
    single.add({ y: floats([2, 1], [1, 1]) }, 5);
    expect(single.largest()).to.equal(undefined);
  });

  it('says nothing of few answers, or of answers of several sizes', () => {
    expect(varied([[1], [1], [1]]).largest()).to.equal(undefined);
    const variation = new Variation();
    for (const size of [2, 3, 2, 3, 2]) variation.add({ y: floats([1, size], new Float32Array(size).fill(1)) }, 1);
    expect(variation.largest()).to.equal(undefined);
  });
});
