import { expect } from 'chai';
import { numbers } from '../../src/onnx/few-numbers.ts';

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
});
