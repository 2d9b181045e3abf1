/** A little larger or smaller, and a little aside. */
import { aboutMiddle } from './affine.ts';
import { between, type Warp } from './types.ts';

/** The largest change of size, and the largest shift as a share of the side. */
const [ZOOM, SHIFT] = [0.1, 0.05];

export const crop: Warp = {
  kind: 'warp',
  description: '0.9 to 1.1 times as large, shifted by up to 5 %',
  draw(random, size) {
    const factor = between(random, 1 - ZOOM, 1 + ZOOM);
    const scaled = aboutMiddle({ xx: factor, xy: 0, yx: 0, yy: factor }, size);
    const shift = (side: number) => between(random, -SHIFT, SHIFT) * side;
    return { ...scaled, x0: scaled.x0 + shift(size.width), y0: scaled.y0 + shift(size.height) };
  },
};
