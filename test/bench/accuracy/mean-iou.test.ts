import { expect } from 'chai';
import { meanIou } from '../../../bench/accuracy/mean-iou.ts';

/** Scores of a model that is sure of the given classes: [N, classes, …positions]. */
function sureOf(guesses: readonly (readonly number[])[], classes: number): Float32Array {
  const planes = (picture: readonly number[]) =>
    Array.from({ length: classes }, (_, c) => picture.map((guess) => (guess === c ? 1 : 0)));
  return Float32Array.from(guesses.flatMap(planes).flat());
}

describe('bench/accuracy/mean-iou', () => {
  it('counts over all pictures together, then means over the classes', () => {
    // Hits of all that is guessed or labelled so: class 0 three of four, class 1 two of five, class 2 none of two.
    const scores = sureOf(
      [
        [0, 0, 1, 2],
        [0, 1, 1, 1],
      ],
      3,
    );
    const labels = [0, 0, 1, 1, 0, 0, 1, 2];
    expect(meanIou(scores, labels, 3, 2)).to.be.closeTo((3 / 4 + 2 / 5 + 0) / 3, 1e-12);
  });

  it('is 1 for the labels themselves, and leaves out a class that nobody has', () => {
    expect(
      meanIou(
        sureOf(
          [
            [0, 1],
            [1, 1],
          ],
          4,
        ),
        [0, 1, 1, 1],
        4,
        2,
      ),
    ).to.equal(1);
  });

  it('refuses scores and labels that do not fit', () => {
    expect(() => meanIou(new Float32Array(6), [0, 1], 2, 1)).to.throw(RangeError, '6 scores of 2 classes for 2 labels');
    expect(() => meanIou(new Float32Array(6), [0, 1, 0], 2, 2)).to.throw(RangeError);
  });
});
