/** A picture of any size → the square that it lies in, for models that take any. */
import type { PictureSize } from './pictures/types.ts';

/** Networks halve the sides of a picture five times. */
const SQUARE_STEP = 32;
/** What most detectors are trained at. */
export const LARGEST_SQUARE = 640;

/** The square that a picture lies in if the model takes any: as few sizes as may be, and none that a network of five halvings refuses. */
export function squareFor({ height, width }: PictureSize): PictureSize {
  const side = Math.min(LARGEST_SQUARE, SQUARE_STEP * Math.ceil(Math.max(height, width) / SQUARE_STEP));
  return { height: side, width: side };
}
