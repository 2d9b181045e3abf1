/** Where a picture lies in a model's input: labels drawn on the picture follow it there. */
import type { ImageInput, PictureSize } from './images.ts';
import { squareFor } from './squares.ts';

/** Size of the input, and the rectangle of it that the whole picture fills; with `cover`, it reaches over the edges. */
export interface Placement {
  readonly input: PictureSize;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Tells where a picture of a size lies in the input after the fit.
 *
 * The arithmetic is that of sharp (src/common.cc: ResolveShrink, CalculateEmbedPosition, CalculateCrop), so that a label never lies a
 * pixel beside what it labels.
 */
export function placementOf(
  picture: PictureSize,
  { height, width, squares, fit }: Pick<ImageInput, 'height' | 'width' | 'squares' | 'fit'>,
): Placement {
  const input = squares ? squareFor(picture) : { height: height ?? picture.height, width: width ?? picture.width };
  if (fit === 'fill') return { input, left: 0, top: 0, ...input };
  const factors = [input.width / picture.width, input.height / picture.height] as const;
  const factor = fit === 'contain' ? Math.min(...factors) : Math.max(...factors);
  const scaled = {
    width: Math.max(1, Math.round(picture.width * factor)),
    height: Math.max(1, Math.round(picture.height * factor)),
  };
  const offset = (outer: number, inner: number) =>
    fit === 'contain' ? Math.trunc((outer - inner) / 2) : 0 - Math.trunc((inner - outer + 1) / 2);
  return { input, left: offset(input.width, scaled.width), top: offset(input.height, scaled.height), ...scaled };
}
