/** Detection: COCO's JSON, with boxes as `[x, y, width, height]` in pixels of the picture. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import { finderByLast } from '../file-finder.ts';
import { composed, type DataFile, type Folder } from '../folder.ts';
import type { Layout } from '../layout.ts';
import { annotatedSamples, type LocatedImage } from './annotated.ts';
import { type CocoFile, readCoco } from './coco-json.ts';

/** Names of COCO's annotations; other JSON in a folder is something else. */
export const INDEX = /(^|\/)(_annotations\.coco|annotations?[^/]*|instances[^/]*|[^/]*\.coco|result)\.json$/i;

/** `annotations.json`, `instances_train.json`, Roboflow's `_annotations.coco.json` or Label Studio's `result.json`, and the pictures that it lists. */
export const coco: Layout = {
  expects: 'pictures and COCO annotations in annotations.json',
  matches: ({ files, chosen }) => /\.json$/i.test(chosen?.name ?? '') || files.some(({ inner }) => INDEX.test(inner)),
  async open(context) {
    const { folder, options } = context;
    const index = indexOf(folder);
    const content = readCoco(context.reader.read(index.path), index.path);
    const pictures = locate(content, index, folder);
    if (content.boxes.length === 0 && options.heldOut !== true) {
      throw new GnSwapError('invalid-data', `it has ${plural(content.images.length, 'picture')} and no boxes`, {
        file: index.path,
        remedy: 'Draw boxes, or give the file that has them: --data DIR/annotations.json',
      });
    }
    const [first] = content.flat;
    if (first !== undefined) {
      const count = plural(content.flat.length, 'annotation');
      context.skip(index, `${count} without an area left out, the first is annotations[${first}]`);
    }
    return annotatedSamples(content, pictures, context);
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
function locate({ images }: CocoFile, index: DataFile, { files }: Folder): LocatedImage[] {
  const byName = new Map(files.flatMap((file) => [[file.inner, file] as const, [file.name, file] as const]));
  const byLast = finderByLast(files);
  const beside = index.inner.replace(/[^/]*$/, '');
  const located = images.map((image) => {
    const path = composed(image.name.replaceAll('\\', '/').replace(/^(\.\/)+/, ''));
    const names = [`${beside}${path}`, path, `images/${path}`];
    const file = names.map((name) => byName.get(name)).find((it) => it !== undefined) ?? byLast(path);
    return { image, file };
  });
  const missing = located.filter(({ file }) => file === undefined);
  const [first] = missing;
  if (first !== undefined) {
    throw new GnSwapError(
      'invalid-data',
      `${missing.length} of ${plural(images.length, 'picture')} not found; the first is ${JSON.stringify(first.image.name)}`,
      { file: first.image.place, remedy: 'Put the pictures beside the file, or into images/' },
    );
  }
  const found = located.flatMap(({ image, file }) => (file === undefined ? [] : [{ image, file }]));
  requireOwnFiles(found);
  return found;
}

/** `x/a.jpg` and `y/a.jpg` are not both the only `a.jpg` that is there. */
function requireOwnFiles(located: readonly LocatedImage[]): void {
  const known = new Map<DataFile, LocatedImage['image']>();
  for (const { image, file } of located) {
    const other = known.get(file);
    known.set(file, image);
    if (other === undefined || other.name === image.name) continue;
    throw new GnSwapError(
      'invalid-data',
      `${JSON.stringify(other.name)} and ${JSON.stringify(image.name)} both would be ${file.name}`,
      { file: image.place, remedy: 'Put the pictures into folders as the file names them' },
    );
  }
}
