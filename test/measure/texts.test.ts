import { expect } from 'chai';
import { equalTexts, greedyText, textsIn } from '../../src/measure/texts.ts';

describe('greedyText', () => {
  it('drops the blank and repeats, but not a letter that a blank separates', () => {
    expect(greedyText([0, 3, 3, 0, 3, 5, 5, 0, 0], 0)).to.deep.equal([3, 3, 5]);
    expect(greedyText([1, 1, 2], 2)).to.deep.equal([1]);
    expect(greedyText([0, 0], 0)).to.deep.equal([]);
  });
});

describe('textsIn', () => {
  it('has a text for each row, and one for steps that stand in the first axis', () => {
    expect(textsIn([1, 2, 3, 4, 5, 6], [2, 3, 9])).to.deep.equal([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(textsIn([1, 2, 3], [3, 1, 9])).to.deep.equal([[1, 2, 3]]);
    expect(textsIn([], [0, 1, 9])).to.deep.equal([]);
  });
});

describe('equalTexts', () => {
  it('counts texts and not steps: a letter that is held longer is the same letter, and two blanks say nothing', () => {
    const pairs = [
      [
        [0, 7, 0, 0, 8],
        [7, 7, 0, 8, 8],
      ],
      [
        [0, 7, 0, 0, 8],
        [0, 7, 0, 0, 0],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ] as const;
    expect(equalTexts(pairs, 0)).to.deep.equal({ texts: 2, same: 1 });
  });
});
