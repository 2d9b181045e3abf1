import { expect } from 'chai';
import { filled } from '../src/filled.ts';

describe('filled', () => {
  it('fills the array that it is given, in order, and returns it', () => {
    const array = new Int16Array(3);
    const asked: number[] = [];
    const found = filled(array, (index) => {
      asked.push(index);
      return 10 * index;
    });
    expect(found).to.equal(array);
    expect([...array]).to.deep.equal([0, 10, 20]);
    expect(asked).to.deep.equal([0, 1, 2]);
  });
});
