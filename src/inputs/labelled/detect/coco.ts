/** Detection: COCO's JSON, with boxes as `[x, y, width, height]` in pixels of the picture. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import type { PictureSize } from '../../images.ts';
import { resolveLabels } from '../classes.ts';
import type { DataFile, Folder } from '../folder.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { pictureSamples } from '../pictures.ts';
import type { LabelledBox } from '../types.ts';
import { placedBoxes, rarestClasses } from './boxes.ts';
import { type CocoFile, type CocoImage, readCoco } from './coco-json.ts';

const INDEX = /(^|\/)(_annotations\.coco|annotations?[^/]*|instances[^/]*|[^/]*\.coco)\.json$/i;

/** `annotations.json`, `instances_train.json` or `_annotations.coco.json`, and the pictures that it lists. */
export const coco: Layout = {
  expects: 'pictures and COCO annotations in annotations.json',
  matches: ({ files, chosen }) => /\.json$/i.test(chosen?.name ?? '') || files.some(({ inner }) => INDEX.test(inner)),
  async open(context) {
    const { folder, options } = context;
    const index = indexOf(folder);
    const content = readCoco(context.reader.read(index.path), index.path);
    const pictures = locate(content, index, folder);
    const written = content.boxes.map(({ category, place }) => ({ text: category, place }));
    if (written.length === 0 && options.heldOut !== true) {
      throw new GnSwapError('invalid-data', `it has ${plural(content.images.length, 'picture')} and no boxes`, {
        file: index.path,
        remedy: 'Draw boxes, or give the file that has them: --data DIR/annotations.json',
      });
    }
    const { classes, labels } = resolveLabels(written, { ...options, classes: options.classes ?? content.categories });
    const byImage = new Map<CocoImage, LabelledBox[]>(content.images.map((image) => [image, []]));
    for (const [position, { image, box }] of content.boxes.entries()) {
      byImage.get(image)?.push({ ...box, label: labels[position] as number });
    }
    await requireSizes(pictures, byImage, content, context);
    const own = pictures.map(({ image }) => byImage.get(image) ?? []);
    const strata = rarestClasses(own.map((list) => list.map(({ label }) => label)));
    const samples = pictures.map(({ file }, position) => ({
      file,
      stratum: strata[position] as number,
      target: (placement: Parameters<typeof placedBoxes>[2], size: PictureSize) =>
        ({ kind: 'boxes', boxes: placedBoxes(own[position] ?? [], size, placement) }) as const,
    }));
    return { classes, samples: await pictureSamples(samples, context) };
  },
};

function indexOf({ files, chosen, root }: Folder): DataFile {
  if (chosen !== undefined && /\.json$/i.test(chosen.name)) return chosen;
  const found = files.filter(({ inner }) => INDEX.test(inner));
  const [first] = found;
  if (found.length === 1 && first !== undefined) return first;
  throw new GnSwapError(
    'invalid-data',
    `it has several annotation files: ${found.map(({ name }) => name).join(', ')}`,
    {
      file: root,
      remedy: `Name the one to use: --data ${first?.path ?? root}`,
    },
  );
}

/** The files of the pictures: beside the JSON, in the folder, in `images/`, or wherever one has the name. */
function locate({ images }: CocoFile, index: DataFile, { files }: Folder): { image: CocoImage; file: DataFile }[] {
  const byName = new Map(files.flatMap((file) => [[file.inner, file] as const, [file.name, file] as const]));
  const byLast = new Map<string, DataFile | undefined>();
  for (const file of files) {
    const last = lastOf(file.name);
    byLast.set(last, byLast.has(last) ? undefined : file);
  }
  const beside = index.inner.replace(/[^/]*$/, '');
  const located = images.map((image) => {
    const path = image.name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
    const names = [`${beside}${path}`, path, `images/${path}`];
    const file = names.map((name) => byName.get(name)).find((it) => it !== undefined) ?? byLast.get(lastOf(path));
    return { image, file };
  });
  const missing = located.filter(({ file }) => file === undefined);
  const [first] = missing;
  if (first !== undefined) {
    throw new GnSwapError(
      'invalid-data',
      `${missing.length} of ${plural(images.length, 'picture')} not found; the first is ${JSON.stringify(first.image.name)}`,
      { file: `${index.path}: ${first.image.place}`, remedy: 'Put the pictures beside the file, or into images/' },
    );
  }
  return located.flatMap(({ image, file }) => (file === undefined ? [] : [{ image, file }]));
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Boxes are in pixels, so they mean nothing on a picture of another size; nor beside it. */
async function requireSizes(
  pictures: readonly { image: CocoImage; file: DataFile }[],
  boxes: ReadonlyMap<CocoImage, readonly LabelledBox[]>,
  content: CocoFile,
  { peek }: LayoutContext,
): Promise<void> {
  const sizes = new Map<CocoImage, PictureSize>();
  for (const { image, file } of pictures) {
    const size = await peek(file);
    if (size === undefined || (boxes.get(image)?.length ?? 0) === 0) continue;
    const { width = size.width, height = size.height } = image;
    if (width !== size.width || height !== size.height) {
      throw new GnSwapError(
        'invalid-data',
        `it says that ${file.name} is ${width}×${height}, and it is ${size.width}×${size.height}`,
        {
          file: `${content.path}: ${image.place}`,
          remedy: 'Give the pictures that the boxes were drawn on, upright',
        },
      );
    }
    sizes.set(image, size);
  }
  for (const { image, box, place } of content.boxes) {
    const { width, height } = sizes.get(image) ?? { width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY };
    if (box.left < width && box.top < height && box.right > 0 && box.bottom > 0) continue;
    throw new GnSwapError('invalid-data', `the box lies outside its picture, which is ${width}×${height}`, {
      file: place,
      remedy: 'Write [x, y, width, height] in pixels from the upper left corner, or remove the annotation',
    });
  }
}
