import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { rotate } from '../../../src/train/augment/rotate.ts';

describe('rotate', () => {
  it('turns about the middle by up to 10° either way, and changes no lengths, also of pictures that are not square', () => {
    const angles = Array.from({ length: 500 }, (_, seed) => {
      const { xx, xy, x0, yx, yy, y0 } = rotate.draw(new Random(seed), { height: 60, width: 200 });
      expect(xx * yy - xy * yx).to.be.closeTo(1, 1e-12);
      expect([xx, xy]).to.deep.equal([yy, -yx]);
      expect(xx * 100 + xy * 30 + x0).to.be.closeTo(100, 1e-9);
      expect(yx * 100 + yy * 30 + y0).to.be.closeTo(30, 1e-9);
      return (Math.atan2(yx, xx) * 180) / Math.PI;
    });
    expect(Math.min(...angles)).to.be.within(-10, -9.8);
    expect(Math.max(...angles)).to.be.within(9.8, 10);
  });
});
