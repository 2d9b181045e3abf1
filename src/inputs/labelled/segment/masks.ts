/** What is stored in masks → classes of pixels, in the picture and in the model's input. */
import { GnSwapError } from '../../../errors.ts';
import type { Placement } from '../../picture-fit.ts';
import { UNLABELLED } from '../types.ts';
import type { ClassColours } from './colours.ts';
import type { MaskPicture } from './png.ts';

/** The grey, or place in a palette, of pixels that nobody drew. */
export const IGNORED_ID = 255;
/** The same in 16 bits. */
const WHITE = 65_535;
/** Whether a number stands for pixels that nobody drew; in black and white it is white. */
function isIgnored(id: number): boolean {
  return id === IGNORED_ID || id === WHITE;
}

/** What labels hold. */
export const LARGEST = 32_767;

/**
 * How masks are read: as numbers of classes, as black and white, where white is class 1 and not without a label, or by the colours of
 * a file.
 */
export type MaskReading =
  | { readonly kind: 'ids' | 'black-and-white' }
  | { readonly kind: 'colours'; readonly colours: ClassColours };

/** The class of each pixel of a mask, at the mask's size. */
export function labelsOf(mask: MaskPicture, reading: MaskReading, file: string): Int16Array {
  const labels = new Int16Array(mask.height * mask.width);
  if (reading.kind === 'colours') {
    for (let pixel = 0; pixel < labels.length; pixel++) labels[pixel] = colourAt(mask, pixel, reading.colours, file);
    return labels;
  }
  const { ids } = mask;
  if (ids === undefined) throw unexplained(mask, file);
  const white = reading.kind === 'black-and-white' ? 1 : UNLABELLED;
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const id = ids[pixel] as number;
    if (id > LARGEST && !isIgnored(id)) throw tooLarge(id, file);
    labels[pixel] = isIgnored(id) ? white : id;
  }
  return labels;
}

/** The labels that are there, in the order in which they come. */
export function distinctLabels(labels: Int16Array): Set<number> {
  const found = new Set<number>();
  let latest: number | undefined;
  for (let pixel = 0; pixel < labels.length; pixel++) {
    // Neighbours are mostly of one class.
    if (labels[pixel] === latest) continue;
    latest = labels[pixel] as number;
    found.add(latest);
  }
  return found;
}

/**
 * Brings the classes of a picture's pixels to the model's input: to the place where the picture lies, by the nearest pixel. What the
 * picture does not fill is unlabelled.
 */
export function placedLabels(labels: Int16Array, width: number, placement: Placement): Int16Array {
  const height = labels.length / width;
  const { input, left, top } = placement;
  const placed = new Int16Array(input.height * input.width).fill(UNLABELLED);
  const columns = Array.from({ length: input.width }, (_, x) => nearest(x - left, placement.width, width));
  for (let y = 0; y < input.height; y++) {
    const row = nearest(y - top, placement.height, height);
    if (row < 0) continue;
    for (let x = 0; x < input.width; x++) {
      const column = columns[x] as number;
      if (column >= 0) placed[y * input.width + x] = labels[row * width + column] as number;
    }
  }
  return placed;
}

/** The pixel of `size` under the middle of a pixel of the scaled picture; −1 outside. */
function nearest(at: number, scaled: number, size: number): number {
  return at < 0 || at >= scaled ? -1 : Math.min(size - 1, Math.floor(((at + 0.5) * size) / scaled));
}

/** The error for a number that labels do not hold. */
export function tooLarge(id: number, file: string): GnSwapError {
  return new GnSwapError('invalid-data', `the mask has class ${id}, and classes go up to ${LARGEST}`, {
    file,
    remedy: 'Save the numbers of the classes, from 0, as grey',
  });
}

function unexplained(mask: MaskPicture, file: string): GnSwapError {
  return new GnSwapError(
    'invalid-data',
    `the mask has colours (${colourText(mask, 0)}), and no file says what they mean`,
    {
      file,
      remedy:
        'Write a line name,r,g,b for each class to classes.csv in the folder, or save the numbers of the classes as grey',
    },
  );
}

function colourAt(mask: MaskPicture, pixel: number, { labelOf, file: colours }: ClassColours, file: string): number {
  const label = labelOf?.get(mask.colourAt(pixel));
  if (label !== undefined) return label;
  const [x, y] = [pixel % mask.width, Math.floor(pixel / mask.width)];
  throw new GnSwapError(
    'invalid-data',
    `the colour ${colourText(mask, pixel)} at ${x}, ${y} is not in ${colours.name}`,
    {
      file,
      remedy: `Add a line to ${colours.name}, or save the mask without smoothing: a line unlabelled,${colourText(mask, pixel)} leaves the pixels out`,
    },
  );
}

function colourText(mask: MaskPicture, pixel: number): string {
  const colour = mask.colourAt(pixel);
  return [colour >> 16, (colour >> 8) & 255, colour & 255].join(',');
}
