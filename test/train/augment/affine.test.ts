import { expect } from 'chai';
import { type Affine, aboutMiddle, IDENTITY, inverse, after as joined } from '../../../src/train/augment/affine.ts';

const A: Affine = { xx: 1.1, xy: -0.3, x0: 4, yx: 0.2, yy: 0.9, y0: -7 };
const B: Affine = { xx: -1, xy: 0.5, x0: 20, yx: 0.1, yy: 2, y0: 3 };
const moved = ({ xx, xy, x0, yx, yy, y0 }: Affine, [x, y]: readonly [number, number]) =>
  [xx * x + xy * y + x0, yx * x + yy * y + y0] as const;
const expectPoint = (found: readonly number[], expected: readonly number[]) => {
  for (const [axis, value] of expected.entries()) expect(found[axis]).to.be.closeTo(value, 1e-12);
};
const POINTS = [
  [0, 0],
  [3, -5],
  [0.5, 17.25],
] as const;

describe('affine maps', () => {
  it('are done one after the other, in the order given', () => {
    for (const point of POINTS) {
      expectPoint(moved(joined(A, B), point), moved(B, moved(A, point)));
      expectPoint(moved(joined(IDENTITY, A), point), moved(A, point));
    }
    expect(moved(joined(A, B), [1, 1])).to.not.deep.equal(moved(joined(B, A), [1, 1]));
  });

  it('have a way back', () => {
    for (const map of [A, B, joined(A, B)])
      for (const point of POINTS) expectPoint(moved(inverse(map), moved(map, point)), point);
  });

  it('about the middle leave it where it is', () => {
    const size = { height: 11, width: 30 };
    const map = aboutMiddle({ xx: 0.8, xy: -0.6, yx: 0.6, yy: 0.8 }, size);
    expectPoint(moved(map, [15, 5.5]), [15, 5.5]);
    expectPoint(moved(map, [16, 5.5]), [15.8, 6.1]);
  });
});
