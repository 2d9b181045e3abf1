import { expect } from 'chai';
import type { Box } from '../../../src/measure/boxes/box.ts';
import { figuresOf, type Judged, weightedPrecision } from '../../../src/train/detect/precision.ts';

const at = (x: number, score: number, label = 0) => ({ box: [x, 0, x + 10, 10] as Box, score, label, place: 0 });
const object = (x: number, label = 0) => ({ box: [x, 0, x + 10, 10] as Box, label });

describe('figuresOf', () => {
  it('is 1 where all is found and nothing else', () => {
    const [figures] = figuresOf([{ found: [at(0, 0.9), at(50, 0.3)], objects: [object(0), object(50)] }]);
    expect(figures).to.deep.equal({
      label: 0,
      objects: 2,
      ap50: 1,
      ap75: 1,
      recall: 1,
      precision: 1,
      curve: Array(101).fill(1),
    });
  });

  it('reads precision at 101 recalls: right, wrong, right of three objects', () => {
    // Precision 1 up to recall 1/3 (34 of 101 points), 2/3 up to 2/3 (33 more), 0 beyond.
    const pictures: Judged[] = [
      { found: [at(0, 0.9), at(200, 0.8)], objects: [object(0), object(400)] },
      { found: [at(50, 0.7)], objects: [object(50)] },
    ];
    expect(figuresOf(pictures)[0]?.ap50).to.be.closeTo((34 + (33 * 2) / 3) / 101, 1e-12);
  });

  it('counts a second box on the same object as wrong', () => {
    const [figures] = figuresOf([{ found: [at(0, 0.9), at(1, 0.8)], objects: [object(0)] }]);
    expect(figures).to.deep.include({ recall: 1, precision: 0.5, ap50: 1 });
  });

  it('tells boxes that fit loosely from those that fit', () => {
    // Moved by 2 of 10: 8 of 12 are shared.
    const [figures] = figuresOf([{ found: [at(2, 0.9)], objects: [object(0)] }]);
    expect(figures).to.deep.include({ ap50: 1, ap75: 0 });
  });

  it('judges classes apart, and leaves out those without objects', () => {
    const figures = figuresOf([{ found: [at(0, 0.9, 1), at(0, 0.9, 2)], objects: [object(0, 1), object(50, 5)] }]);
    expect(figures.map(({ label, ap50 }) => [label, ap50])).to.deep.equal([
      [1, 1],
      [5, 0],
    ]);
  });

  it('has no precision where nothing scores enough', () => {
    const [figures] = figuresOf([{ found: [at(0, 0.1)], objects: [object(0)] }]);
    expect(figures).to.deep.include({ recall: 0, precision: undefined, ap50: 1 });
  });
});

describe('weightedPrecision', () => {
  const pictures: Judged[] = [
    { found: [at(0, 0.9), at(200, 0.8)], objects: [object(0), object(400)] },
    { found: [at(50, 0.7), at(90, 0.95, 1)], objects: [object(50), object(10, 1)] },
  ];

  it('is the mean AP50 if each picture counts once', () => {
    const figures = figuresOf(pictures);
    const mean = figures.reduce((sum, { ap50 }) => sum + ap50, 0) / figures.length;
    expect(weightedPrecision(pictures)([1, 1])).to.be.closeTo(mean, 1e-12);
  });

  it('is that of pictures given as often as they count', () => {
    const [first, second] = pictures as [Judged, Judged];
    for (const [weights, list] of [
      [
        [2, 1],
        [first, first, second],
      ],
      [
        [0, 3],
        [second, second, second],
      ],
      [[1, 0], [first]],
    ] as const) {
      const figures = figuresOf(list);
      const mean = figures.reduce((sum, { ap50 }) => sum + ap50, 0) / figures.length;
      expect(weightedPrecision(pictures)(weights)).to.be.closeTo(mean, 1e-12);
    }
    expect(weightedPrecision(pictures)([0, 0])).to.equal(undefined);
  });
});
