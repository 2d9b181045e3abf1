import { expect } from 'chai';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { varianceOf } from '../../../src/train/tasks/variance.ts';

const floats = (...data: number[]): Value => ({ type: DataType.FLOAT, dims: [data.length], data });

describe('varianceOf', () => {
  it('is of all numbers together, whichever value they are in', () => {
    // Mean 3, squares 4, 1, 0, 1, 4.
    expect(varianceOf([floats(1, 2), undefined, floats(3), floats(4, 5)])).to.equal(2);
    expect(varianceOf([{ type: DataType.INT64, dims: [2], data: [1n, 3n] }])).to.equal(1);
  });

  it('loses no digits to a large mean, and is 0 where there is nothing to vary', () => {
    expect(varianceOf([floats(1e9, 1e9 + 2)])).to.equal(1);
    expect(varianceOf([floats(7, 7)])).to.equal(0);
    expect(varianceOf([undefined, { type: DataType.STRING, dims: [1], data: ['a'] }])).to.equal(0);
  });
});
