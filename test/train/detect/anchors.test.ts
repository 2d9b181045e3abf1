import { expect } from 'chai';
import { anchorLayout } from '../../../src/call/anchors.ts';
import { anchorsOf } from '../../../src/train/detect/anchors.ts';

const SIZE = { width: 32, height: 16 };
/** 4 × 2 cells with one anchor, and 2 × 1 cells with two. */
const LAYOUT = {
  strides: [8, 16],
  sizes: [
    [[10, 12]],
    [
      [20, 20],
      [40, 30],
    ],
  ],
} as const;

describe('anchors of a detector', () => {
  it('stand in the middles of their cells, row by row', () => {
    const anchors = anchorsOf(LAYOUT, SIZE, [12], false);
    expect(anchors.slice(0, 5).map(({ x, y }) => [x, y])).to.deep.equal([
      [4, 4],
      [12, 4],
      [20, 4],
      [28, 4],
      [4, 12],
    ]);
    expect(anchors[0]).to.deep.equal({ x: 4, y: 4, width: 10, height: 12 });
    expect(
      anchors.slice(8).map(({ x, width }) => [x, width]),
      'anchors of a cell are neighbours',
    ).to.deep.equal([
      [8, 20],
      [8, 40],
      [24, 20],
      [24, 40],
    ]);
  });

  it('follow each other anchor by anchor in maps', () => {
    const anchors = anchorsOf(LAYOUT, SIZE, [8, 4], true);
    expect(anchors.slice(8).map(({ x, width }) => [x, width])).to.deep.equal([
      [8, 20],
      [24, 20],
      [8, 40],
      [24, 40],
    ]);
  });

  it('take the order of outputs that answer the coarsest grid first', () => {
    const [fine, coarse] = [anchorsOf(LAYOUT, SIZE, [8, 4], true), anchorsOf(LAYOUT, SIZE, [4, 8], true)];
    expect(coarse).to.deep.equal([...fine.slice(8), ...fine.slice(0, 8)]);
    expect(coarse).to.not.deep.equal(fine);
  });

  it('stand where the description says, grid by grid', () => {
    const [first, , , , , , , , second] = anchorsOf({ ...LAYOUT, offset: [1, 0.25] }, SIZE, [8, 4], true);
    expect([first?.x, first?.y, second?.x, second?.y]).to.deep.equal([8, 8, 4, 4]);
  });

  it('are refused if they are not as many as the rows', () => {
    expect(() => anchorsOf(LAYOUT, SIZE, [8, 8], true))
      .to.throw()
      .with.property('code', 'invalid-arguments');
  });
});

describe('--anchors', () => {
  it('names strides, sides, and the pixel of the first middle', () => {
    expect(anchorLayout({ anchors: '8@8:32,16/32:64x32' })).to.deep.equal({
      strides: [8, 32],
      sizes: [
        [
          [32, 32],
          [16, 16],
        ],
        [[64, 32]],
      ],
      offset: [1, 0.5],
      variances: undefined,
    });
  });

  it('refuses what it can’t read', () => {
    for (const anchors of ['8@:16', '8@a:16', '@8:16', '8@8', '8:0']) {
      expect(() => anchorLayout({ anchors }), anchors)
        .to.throw()
        .with.property('code', 'invalid-arguments');
    }
  });
});
