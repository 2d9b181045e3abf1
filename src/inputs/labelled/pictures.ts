/** Pictures with labels → samples. */
import { requireLight } from '../dim-pictures.ts';
import { loadImage, type PictureSize } from '../images.ts';
import { type Placement, placementOf } from '../picture-fit.ts';
import type { DataFile } from './folder.ts';
import type { LabelledSample, LayoutContext } from './layout.ts';
import type { Target } from './types.ts';

/** A picture that has a label. `target` may depend on the size of the picture, and on where it lies in the input. */
export interface LabelledPicture {
  readonly file: DataFile;
  readonly stratum: number;
  target(placement: Placement, picture: PictureSize): Target | Promise<Target>;
}

/** Makes samples of pictures; those that cannot be read are noted and left out. */
export async function pictureSamples(
  pictures: readonly LabelledPicture[],
  context: LayoutContext,
): Promise<LabelledSample[]> {
  const samples: LabelledSample[] = [];
  for (const { file, stratum, target } of pictures) {
    const size = await context.look(file);
    if (size === undefined) continue;
    const image = context.image();
    const placement = placementOf(size, image);
    samples.push({
      file,
      stratum,
      key: keyOfPlacement(placement),
      load: async () => {
        const value = await loadImage(context.reader.read(file.path), image);
        return { inputs: { [image.name]: value }, target: await target(placement, size) };
      },
    });
  }
  if (samples.length > 0) {
    const paths = samples.map(({ file }) => file.path);
    await requireLight(paths, context.image(), context.reader);
  }
  return samples;
}

/** What inputs of equal shape have in common. */
export function keyOfPlacement({ input }: Placement): string {
  return `${input.height}x${input.width}`;
}
