import { expect } from 'chai';
import { accuracy, agreement, argmax } from '../../../bench/ocr/accuracy.ts';

const scores = Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.3, 0.7);

describe('bench/ocr/accuracy', () => {
  it('counts samples whose highest score is their label', () => {
    expect(accuracy(scores, [0, 1, 1, 1])).to.equal(0.75);
    expect(accuracy(Float32Array.of(0, 0, 1, 5, 1, 1), [2, 0], 3)).to.equal(1);
  });

  it('counts samples that two models put into the same class', () => {
    const other = Float32Array.of(0.4, 0.6, 0.1, 0.9, 0.9, 0.1, 0.2, 0.8);
    expect(agreement(scores, other)).to.equal(0.75);
    expect(agreement(scores, scores)).to.equal(1);
  });

  it('takes the first of equal scores', () => {
    expect(argmax([9, 1, 3, 3], 1, 3)).to.equal(1);
  });

  it('refuses scores and labels that do not match', () => {
    expect(() => accuracy(scores, [0, 1])).to.throw(RangeError, '2 labels for 4 samples');
    expect(() => accuracy(scores, [0, 1], 3)).to.throw(RangeError, 'no whole number of samples');
    expect(() => agreement(scores.subarray(2), scores)).to.throw(RangeError, '4 labels for 3');
  });
});
