import { expect } from 'chai';
import type { Box, Detection } from '../../../src/measure/boxes/box.ts';
import { matchAnchors, matchBoxes } from '../../../src/measure/boxes/match.ts';

const found = (box: Box, label = 0, place = 0): Detection => ({ box, score: 0.9, label, place });

describe('matchBoxes', () => {
  const [a, b] = [found([0, 0, 10, 10]), found([20, 20, 30, 30])];

  it('pairs boxes whatever the order of the rows', () => {
    expect(matchBoxes([a, b], [b, a]).map(([x, y]) => [x.box, y.box])).to.deep.equal([
      [a.box, a.box],
      [b.box, b.box],
    ]);
  });

  it('pairs none of another class, and none that overlaps by less than a half', () => {
    expect(matchBoxes([a], [found([0, 0, 10, 10], 1)])).to.deep.equal([]);
    // 10 × 4.9 of 10 × 10.
    expect(matchBoxes([a], [found([0, 0, 10, 4.9])])).to.deep.equal([]);
    expect(matchBoxes([a], [found([0, 0, 10, 5])])).to.have.length(1);
  });

  it('gives each box one partner, the one that overlaps most', () => {
    const near = found([1, 0, 11, 10]);
    const pairs = matchBoxes([a], [near, found([0, 0, 10, 10])]);
    expect(pairs).to.have.length(1);
    expect(pairs[0]?.[1].box).to.deep.equal(a.box);
  });
});

describe('matchAnchors', () => {
  it('pairs what was read from the same anchor, if it is in the same place', () => {
    const a = found([0, 0, 1, 1], 0, 7);
    expect(matchAnchors([a], [found([0, 0, 1, 1], 0, 8)])).to.deep.equal([]);
    expect(matchAnchors([a], [found([2, 2, 3, 3], 0, 7)])).to.deep.equal([]);
    expect(matchAnchors([a], [found([0, 0, 1, 0.9], 0, 7)])).to.have.length(1);
  });
});
