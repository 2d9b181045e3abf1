import { expect } from 'chai';
import type { Example } from '../../src/inputs/labelled/types.ts';
import type { Values } from '../../src/runtime/session.ts';
import { joinInputs, sampleOf, stack } from '../../src/train/feed.ts';
import { floats, longs } from '../support/answers.ts';
import { thrown } from '../support/errors.ts';

const example = (inputs: Values): Example => ({ inputs, target: { kind: 'none' } });

describe('joinInputs', () => {
  it('joins examples along the first axis, and leaves what all share', () => {
    const batch = [1, 2, 3].map((it) =>
      example({ 'x/y:0': floats([1, 2], [it, -it]), id: longs([1], [it]), limit: floats([], [it]) }),
    );
    expect(joinInputs(batch, new Set(['limit']))).to.deep.equal({
      'x/y:0': floats([3, 2], [1, -1, 2, -2, 3, -3]),
      id: longs([3], [1, 2, 3]),
      limit: floats([], [1]),
    });
    expect(joinInputs(batch.slice(0, 1))).to.equal(batch[0]?.inputs);
    expect(joinInputs([])).to.deep.equal({});
  });

  it('refuses other shapes, of as many numbers too, and says what to give', () => {
    for (const dims of [
      [1, 4, 8],
      [1, 8, 8],
    ]) {
      const count = dims.reduce((product, it) => product * it, 1);
      const values = [floats([1, 8, 4], new Float32Array(32)), floats(dims, new Float32Array(count))];
      const error = thrown(() => stack(values));
      expect(error).to.include({ code: 'invalid-data', remedy: 'Give --size, or --batch 1' });
    }
  });
});

describe('sampleOf', () => {
  it('cuts values whose first axis counts samples, and leaves the others whole', () => {
    const values = {
      y: floats([2, 2], [1, 2, 3, 4]),
      // Two rows a sample.
      rows: floats([4, 1], [1, 2, 3, 4]),
      odd: floats([3], [1, 2, 3]),
      none: floats([0, 4], []),
      total: floats([], [7]),
    };
    const second = sampleOf(values, 1, 2);
    expect(second.y).to.deep.equal(floats([1, 2], [3, 4]));
    expect(second.rows).to.deep.equal(floats([2, 1], [3, 4]));
    for (const name of ['odd', 'none', 'total'] as const) expect(second[name], name).to.equal(values[name]);
    expect(sampleOf(values, 0, 1)).to.equal(values);
  });
});
