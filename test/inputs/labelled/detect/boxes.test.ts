import { expect } from 'chai';
import { clippedBox, placedBoxes, rarestClasses } from '../../../../src/inputs/labelled/detect/boxes.ts';

const box = (left: number, top: number, right: number, bottom: number) => ({ label: 3, left, top, right, bottom });

describe('clippedBox', () => {
  const size = { width: 10, height: 20 };

  it('cuts at each edge, and leaves what is inside', () => {
    expect(clippedBox(box(1, 2, 3, 4), size)).to.deep.equal(box(1, 2, 3, 4));
    expect(clippedBox(box(-5, -5, 15, 25), size)).to.deep.equal(box(0, 0, 10, 20));
    expect(clippedBox(box(8, 18, 12, 22), size)).to.deep.equal(box(8, 18, 10, 20));
  });

  it('drops a box of which less than a fifth is left, or nothing', () => {
    expect(clippedBox(box(-8, 0, 2, 10), size), 'a fifth').to.deep.equal(box(0, 0, 2, 10));
    expect(clippedBox(box(-8.1, 0, 1.9, 10), size)).to.equal(undefined);
    expect(clippedBox(box(10, 0, 20, 10), size), 'beside').to.equal(undefined);
    expect(clippedBox(box(12, 25, 14, 30), size), 'behind a corner').to.equal(undefined);
    expect(clippedBox(box(4, 4, 4, 9), size), 'without an area').to.equal(undefined);
  });
});

describe('placedBoxes', () => {
  const picture = { width: 100, height: 50 };

  it('brings a box to where the picture lies, and cuts it at the picture before the padding', () => {
    const contain = { left: 0, top: 10, width: 40, height: 20, input: { width: 40, height: 40 } };
    expect(placedBoxes([box(10, 5, 30, 45), box(90, 40, 110, 60)], picture, contain)).to.deep.equal([
      box(4, 12, 12, 28),
      box(36, 26, 40, 30),
    ]);
  });

  it('drops what a cropped picture shows too little of', () => {
    const cover = { left: -10, top: 0, width: 40, height: 20, input: { width: 20, height: 20 } };
    expect(placedBoxes([box(0, 0, 30, 50), box(0, 0, 31.25, 50), box(50, 0, 60, 50)], picture, cover)).to.deep.equal([
      box(0, 0, 2.5, 20),
      box(10, 0, 14, 20),
    ]);
  });
});

describe('rarestClasses', () => {
  it('counts pictures, not boxes, and gives those without boxes 0', () => {
    expect(rarestClasses([[1, 1, 1, 1, 0], [0], [], [0, 2], [2]])).to.deep.equal([2, 1, 0, 3, 3]);
  });
});
