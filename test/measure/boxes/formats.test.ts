import { expect } from 'chai';
import { cornersOf } from '../../../src/measure/boxes/formats.ts';

describe('cornersOf', () => {
  it('reads the same box from every format', () => {
    const box = [10, 20, 30, 60];
    expect(cornersOf('xyxy', box)).to.deep.equal(box);
    expect(cornersOf('xyxy', [30, 60, 10, 20]), 'the other diagonal').to.deep.equal(box);
    expect(cornersOf('xywh', [10, 20, 20, 40])).to.deep.equal(box);
    expect(cornersOf('cxcywh', [20, 40, 20, 40])).to.deep.equal(box);
  });

  it('counts cells from the anchor’s, and takes sizes of YOLOX as logarithms', () => {
    // Cell (2, 3) of stride 8: centre (2.5, 3.25) cells, 2 × 1 cells large.
    const [left, top, right, bottom] = cornersOf('yolox', [0.5, 0.25, Math.log(2), 0], {
      column: 2,
      row: 3,
      stride: 8,
    });
    expect([left, top]).to.deep.equal([(2.5 - 1) * 8, (3.25 - 0.5) * 8]);
    // exp(ln 2) is 2 but for the last digit.
    expect(right).to.be.closeTo((2.5 + 1) * 8, 1e-12);
    expect(bottom).to.equal((3.25 + 0.5) * 8);
  });
});
