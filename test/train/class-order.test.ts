import { expect } from 'chai';
import { betterOrder } from '../../src/train/class-order.ts';

const of = (...confusion: number[][]) => ({ value: 0, detail: '', figures: {}, confusion });

describe('the order of classes', () => {
  it('is told where a file answers in another one', () => {
    // Outputs 0, 1, 2 mean b, c, a.
    const [told = ''] = betterOrder(of([1, 0, 40], [38, 2, 0], [0, 41, 1]), ['a', 'b', 'c']);
    expect(told).to.include('b,c,a: accuracy 0.967, and 0.033 in the order of the data').and.include('--classes b,c,a');
  });

  it('is left alone where the given one is best', () => {
    expect(betterOrder(of([40, 1], [2, 38]), ['a', 'b'])).to.deep.equal([]);
  });

  it('is left alone where chance explains the difference', () => {
    expect(betterOrder(of([14, 18], [17, 15]), ['a', 'b']), 'of two classes').to.deep.equal([]);
    const ten = Array.from({ length: 10 }, (_, row) =>
      Array.from({ length: 10 }, (__, column) => (row * 7 + column * 3) % 4),
    );
    expect(betterOrder(of(...ten), [...'abcdefghij']), 'of ten').to.deep.equal([]);
  });

  it('is left alone where one answer for all would be right as often, as of a file that was never trained', () => {
    expect(betterOrder(of([0, 17331, 0], [0, 550, 0], [0, 419, 0]), ['ground', 'box', 'ball'])).to.deep.equal([]);
  });

  it('is not looked for without classes or answers', () => {
    expect(betterOrder({ value: undefined, detail: '', figures: {} }, ['a', 'b'])).to.deep.equal([]);
    expect(betterOrder(of([0, 9], [9, 0]), undefined)).to.deep.equal([]);
  });
});
