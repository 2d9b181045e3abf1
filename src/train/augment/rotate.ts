/** A little askew. On no task by default: boxes around rotated objects grow. */
import { aboutMiddle } from './affine.ts';
import { between, type Warp } from './types.ts';

const DEGREES = 10;

export const rotate: Warp = {
  kind: 'warp',
  description: `turned by up to ${DEGREES}°`,
  draw(random, size) {
    const angle = (between(random, -DEGREES, DEGREES) * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return aboutMiddle({ xx: cos, xy: -sin, yx: sin, yy: cos }, size);
  },
};
