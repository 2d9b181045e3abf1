import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { flip } from '../../../src/train/augment/flip.ts';

describe('flip', () => {
  it('mirrors every other time about the middle of the width, and moves nothing down', () => {
    let flipped = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const map = flip.draw(new Random(seed), { height: 7, width: 31 });
      expect([map.xy, map.yx, map.yy, map.y0]).to.deep.equal([0, 0, 1, 0]);
      // The left edge goes to the right one, or nothing moves.
      expect([map.xx, map.x0]).to.deep.equal(map.xx < 0 ? [-1, 31] : [1, 0]);
      if (map.xx < 0) flipped++;
    }
    // Five standard deviations of 1000 throws of a coin.
    expect(flipped).to.be.within(420, 580);
  });
});
