import { expect } from 'chai';
import { parseHTML } from 'linkedom';
import { answerWords } from '../../../src/report/answer-words.ts';
import type { Examples } from '../../../src/report/blocks.ts';
import { examplesOf } from '../../../src/report/html/examples.ts';
import type { Answer } from '../../../src/train/types.ts';

const BOXES: Answer = {
  kind: 'boxes',
  boxes: [
    { label: 0, score: 0.9, box: [2, 40, 30, 60] },
    { label: -1, name: 'letter', score: 0.8, box: [80, 50, 130, 90] },
    { label: -1, score: 0.7, box: [10, 1, 20, 30] },
    { label: -1, name: 'letter', score: 0.6, box: [40, 50, 50, 90] },
  ],
};

describe('answerWords', () => {
  it('calls a class that the data has not as the model does, or another class', () => {
    expect(answerWords(BOXES, ['star'])).to.equal('2 × letter, another class, star');
  });
});

describe('examplesOf', () => {
  it('keeps the name of a box inside the picture, at its right edge and at its top', () => {
    const picture = { width: 100, height: 100, rgb: new Uint8Array(3 * 100 * 100) };
    const item = {
      name: 'one',
      why: 'chance',
      picture,
      size: { width: 100, height: 100 },
      right: null,
      before: null,
      after: BOXES,
    } as const;
    const block: Examples = { kind: 'examples', caption: 'One', classes: ['star'], items: [item] };
    const { document: page } = parseHTML(`<body>${examplesOf(block, 'x').text}</body>`);
    const words = [...page.querySelectorAll('text')].map((it) => [
      it.textContent,
      ...['x', 'y', 'dy', 'text-anchor'].map((name) => it.getAttribute(name)),
    ]);
    expect(words).to.deep.equal([
      ['star 0.90', '2', '40', '-0.25em', null],
      ['letter 0.80', '100', '50', '-0.25em', 'end'],
      ['another class 0.70', '10', '1', '1em', null],
      ['letter 0.60', '40', '50', '-0.25em', null],
    ]);
  });
});
