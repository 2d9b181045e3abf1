import { expect } from 'chai';
import { dataOf, numbers } from '../../src/onnx/few-numbers.ts';

describe('onnx/few-numbers', () => {
  it('gives zeros that no other list shares, few or many', () => {
    const lists = Array.from({ length: 300 }, (_, index) => numbers(index));
    for (const [index, list] of lists.entries()) list.fill(index + 1);
    for (const [index, list] of lists.entries()) {
      expect(list).to.have.length(index);
      expect(list.every((value) => value === index + 1)).to.equal(true);
    }
    expect([...numbers(3)]).to.deep.equal([0, 0, 0]);
  });

  it('gives bytes that no other data shares, where numbers of any type may begin', () => {
    const all = Array.from({ length: 700 }, (_, index) => dataOf(index));
    for (const [index, { slice, view }] of all.entries()) {
      expect([slice.length, (view.byteOffset + slice.start) % 8]).to.deep.equal([index, 0]);
      for (let at = slice.start; at < slice.end; at++) view.setUint8(at, (index % 255) + 1);
    }
    for (const [index, { slice }] of all.entries()) {
      expect(slice.bytes().every((byte) => byte === (index % 255) + 1)).to.equal(true);
    }
    expect([...dataOf(3).slice.bytes()]).to.deep.equal([0, 0, 0]);
  });
});
