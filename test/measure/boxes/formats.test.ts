import { expect } from 'chai';
import { cornersOf } from '../../../src/measure/boxes/formats.ts';

describe('cornersOf', () => {
  it('reads the same box from every format', () => {
    const box = [10, 20, 30, 60];
    expect(cornersOf('xyxy', box)).to.deep.equal(box);
    expect(cornersOf('xyxy', [30, 60, 10, 20]), 'the other diagonal').to.deep.equal(box);
    expect(cornersOf('xywh', [10, 20, 20, 40])).to.deep.equal(box);
    expect(cornersOf('cxcywh', [20, 40, 20, 40])).to.deep.equal(box);
    expect(cornersOf('ltrb', [2, 8, 18, 32], { x: 12, y: 28, width: 1, height: 1 })).to.deep.equal(box);
    expect(cornersOf('ltrb', [1, 4, 9, 16], { x: 12, y: 28, width: 2, height: 2 }), 'in cells').to.deep.equal(box);
  });

  it('counts cells from the anchor’s, and takes sizes of YOLOX as logarithms', () => {
    // Cell (2, 3) of stride 8: centre (2.5, 3.25) cells, 2 × 1 cells large.
    const cell = { x: 16, y: 24, width: 8, height: 8 };
    const [left, top, right, bottom] = cornersOf('yolox', [0.5, 0.25, Math.log(2), 0], cell);
    expect([left, top]).to.deep.equal([(2.5 - 1) * 8, (3.25 - 0.5) * 8]);
    // exp(ln 2) is 2 but for the last digit.
    expect(right).to.be.closeTo((2.5 + 1) * 8, 1e-12);
    expect(bottom).to.equal((3.25 + 0.5) * 8);
  });
});
