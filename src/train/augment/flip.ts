/** Left for right, every other time. Not for pictures of writing, arrows or anything else that has a direction. */
import { IDENTITY } from './affine.ts';
import type { Warp } from './types.ts';

export const flip: Warp = {
  kind: 'warp',
  description: 'left for right, every other time',
  draw: (random, { width }) => (random.uniform() < 0.5 ? IDENTITY : { ...IDENTITY, xx: -1, x0: width }),
};
