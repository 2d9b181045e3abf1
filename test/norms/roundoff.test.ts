import { expect } from 'chai';
import { floorOf, part, tolerance } from '../../src/norms/roundoff.ts';
import { DataType } from '../../src/onnx/data-type.ts';

const { FLOAT, DOUBLE, FLOAT16 } = DataType;

describe('tolerance', () => {
  it('grows with the roundoff of the type and with the longest chain of sums', () => {
    expect(tolerance(FLOAT, 0)).to.equal(8 * 2 ** -24);
    expect(tolerance(FLOAT, 64)).to.equal(16 * 2 ** -24);
    expect(tolerance(DOUBLE, 64)).to.equal(16 * 2 ** -53);
    expect(tolerance(FLOAT16, 64)).to.equal(5 * 2 ** -11 + 16 * 2 ** -24);
    expect(tolerance(DataType.BFLOAT16, 0)).to.equal(5 * 2 ** -8 + 8 * 2 ** -24);
  });

  it('leaves room for rounding where numbers have no full precision', () => {
    expect(floorOf(FLOAT16)).to.equal(1.5 * 2 ** -24);
    expect(floorOf(FLOAT)).to.equal(1.5 * 2 ** -149);
    expect(floorOf(DOUBLE)).to.be.below(1e-320);
  });
});

describe('part', () => {
  it('is a view where the list is a typed array, a copy where it is not, and the list itself where it is all', () => {
    const typed = Float32Array.of(1, 2, 3);
    const view = part(typed, 1, 3);
    expect([...Array.from(view)]).to.deep.equal([2, 3]);
    typed[1] = 9;
    expect(view[0]).to.equal(9);
    expect(part([1, 2, 3], 1, 2)).to.deep.equal([2]);
    expect(part(typed, 0, 3)).to.equal(typed);
  });
});
