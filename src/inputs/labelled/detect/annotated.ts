/** Boxes in pixels of their pictures, as several formats write them → samples. */
import { GnSwapError } from '../../../errors.ts';
import type { PictureSize } from '../../images.ts';
import { resolveLabels } from '../classes.ts';
import type { DataFile } from '../folder.ts';
import type { LayoutContext, LayoutResult } from '../layout.ts';
import { pictureSamples } from '../pictures.ts';
import type { LabelledBox, LeftOut } from '../types.ts';
import { placedBoxes, rarestClasses } from './boxes.ts';

/** A picture, as annotations have it. */
export interface AnnotatedImage {
  /** Where it is written: `annotations.json: images[3]`. */
  readonly place: string;
  readonly name: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/** A box on a picture. */
export interface AnnotatedBox {
  /** Where it is written: `annotations.json: annotations[3]`. */
  readonly place: string;
  readonly image: AnnotatedImage;
  readonly category: string;
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
}

/** A region that nothing is learnt from, and nothing is judged in. */
export interface AnnotatedLeftOut extends AnnotatedBox {
  readonly isCrowd: boolean;
}

/** Gives a box as it is. @throws GnSwapError `invalid-data` if it has no area */
export function requireArea(box: AnnotatedBox['box'], place: string, remedy: string): AnnotatedBox['box'] {
  const { left, top, right, bottom } = box;
  if (right > left && bottom > top) return box;
  throw new GnSwapError('invalid-data', `its box has no area: x from ${left} to ${right}, y from ${top} to ${bottom}`, {
    file: place,
    remedy,
  });
}

/** What annotations hold. */
export interface Annotations {
  /** In the order of their ids; absent if the format has no list of them. */
  readonly categories?: readonly string[];
  readonly boxes: readonly AnnotatedBox[];
  readonly leftOut?: readonly AnnotatedLeftOut[];
}

/** A picture and its file. */
export interface LocatedImage {
  readonly image: AnnotatedImage;
  readonly file: DataFile;
}

/**
 * Makes samples of pictures and their boxes.
 *
 * @throws GnSwapError `invalid-data` for classes that do not fit, for a picture of another size than its boxes were drawn on, and for a box
 *   that lies outside its picture
 */
export async function annotatedSamples(
  { categories, boxes, leftOut = [] }: Annotations,
  pictures: readonly LocatedImage[],
  context: LayoutContext,
): Promise<LayoutResult> {
  const { options } = context;
  const written = boxes.map(({ category, place }) => ({ text: category, place }));
  const { classes, labels } = resolveLabels(written, { ...options, classes: options.classes ?? categories });
  const fileOf = new Map(pictures.map(({ image, file }) => [image, file]));
  // A picture that is listed twice is one, with the boxes of both.
  const byFile = new Map<DataFile, LabelledBox[]>(pictures.map(({ file }) => [file, []]));
  for (const [position, { image, box }] of boxes.entries()) {
    const file = fileOf.get(image);
    if (file !== undefined) byFile.get(file)?.push({ ...box, label: labels[position] as number });
  }
  // Classes are those of objects: a region of another one says nothing.
  const others = new Map<DataFile, LeftOut[]>();
  for (const { image, category, box, isCrowd } of leftOut) {
    const [file, label] = [fileOf.get(image), classes?.indexOf(category) ?? -1];
    if (file === undefined || label < 0) continue;
    const regions = others.get(file) ?? [];
    regions.push({ ...box, label, isCrowd });
    others.set(file, regions);
  }
  await requireSizes(pictures, boxes, context);
  const strata = rarestClasses([...byFile.values()].map((list) => list.map(({ label }) => label)));
  const samples = [...byFile].map(([file, own], position) => ({
    file,
    stratum: strata[position] as number,
    target: (placement: Parameters<typeof placedBoxes>[2], size: PictureSize) => {
      const regions = others.get(file);
      const placed = regions && { leftOut: placedBoxes(regions, size, placement) };
      return { kind: 'boxes', boxes: placedBoxes(own, size, placement), ...placed } as const;
    },
  }));
  return { classes, samples: await pictureSamples(samples, context) };
}

/** Boxes are in pixels, so they mean nothing on a picture of another size; nor beside it. */
async function requireSizes(
  pictures: readonly LocatedImage[],
  boxes: readonly AnnotatedBox[],
  { peek }: LayoutContext,
): Promise<void> {
  const sizes = new Map<AnnotatedImage, PictureSize>();
  const drawn = new Set(boxes.map(({ image }) => image));
  for (const { image, file } of pictures) {
    const size = await peek(file);
    if (size === undefined || !drawn.has(image)) continue;
    const { width = size.width, height = size.height } = image;
    if (width !== size.width || height !== size.height) {
      throw new GnSwapError(
        'invalid-data',
        `it says that ${file.name} is ${width}×${height}, and it is ${size.width}×${size.height}`,
        { file: image.place, remedy: 'Give the pictures that the boxes were drawn on, upright' },
      );
    }
    sizes.set(image, size);
  }
  for (const { image, box, place } of boxes) {
    const size = sizes.get(image);
    // A picture that cannot be read is left out with its boxes.
    if (size === undefined) continue;
    const { width, height } = size;
    if (box.left < width && box.top < height && box.right > 0 && box.bottom > 0) continue;
    throw new GnSwapError('invalid-data', `the box lies outside its picture, which is ${width}×${height}`, {
      file: place,
      remedy: 'Write its edges in pixels from the upper left corner, or remove it',
    });
  }
}
