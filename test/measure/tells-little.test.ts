import { expect } from 'chai';
import { tellsLittle } from '../../src/measure/tells-little.ts';

describe('tellsLittle', () => {
  it('is so of fewer than five classes or boxes, whatever the figure', () => {
    const told = (figures: Record<string, number>) =>
      tellsLittle({ tasks: [{ task: 'detect', outputs: ['y'], why: '', kept: 0.5, detail: '', figures }] });
    expect([{ boxes: 3 }, { boxes: 0 }, { answers: 4 }].map(told)).to.deep.equal([true, true, true]);
    expect([{ boxes: 5 }, { answers: 32 }, { cosine: 0.9 }].map(told)).to.deep.equal([false, false, false]);
  });
});
