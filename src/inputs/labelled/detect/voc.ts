/** Detection: pictures, and an XML file of Pascal VOC for each. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import { IMAGE_FILES } from '../../images.ts';
import { masksAmong } from '../../masks.ts';
import { finderByLast, withoutEnding } from '../file-finder.ts';
import { composed, type DataFile, type Folder } from '../folder.ts';
import type { Layout } from '../layout.ts';
import { type AnnotatedBox, type AnnotatedLeftOut, annotatedSamples, type LocatedImage } from './annotated.ts';
import { readVoc } from './voc-xml.ts';
import { hasTextLabels } from './yolo.ts';

const XML = /\.xml$/i;

/** `a.jpg` and `a.xml` side by side, or in `JPEGImages/` (or `images/`) and `Annotations/`. Pictures without an XML file are left out. */
export const voc: Layout = {
  expects: 'pictures and Pascal VOC annotations, an XML file with the name of each picture',
  // Exports have lists of names and of pictures beside them, which are text files, too.
  matches: ({ files }) => files.some(({ inner }) => XML.test(inner)) && !hasTextLabels(files),
  async open(context) {
    const { folder, reader, options, skip } = context;
    const masks = masksAmong(folder.files.map(({ inner }) => inner));
    const pictures = folder.files.filter(({ inner }) => IMAGE_FILES.test(inner) && !masks.has(inner));
    const find = pictureFinder(pictures);
    const located: LocatedImage[] = [];
    const boxes: AnnotatedBox[] = [];
    const leftOut: AnnotatedLeftOut[] = [];
    const annotated = new Map<DataFile, DataFile>();
    for (const file of folder.files.filter(({ inner }) => XML.test(inner))) {
      const read = await readVoc(reader.read(file.path), file.path);
      const picture = find(file, read.image.name);
      if (picture === undefined) {
        skip(file, 'its picture is not there');
        continue;
      }
      requireOne(file, picture, annotated);
      annotated.set(picture, file);
      located.push({ image: read.image, file: picture });
      boxes.push(...read.boxes);
      leftOut.push(...read.leftOut);
    }
    for (const picture of pictures) if (!annotated.has(picture)) skip(picture, 'it has no XML file');
    if (boxes.length === 0 && options.heldOut !== true) throw withoutBoxes(folder, located.length);
    return annotatedSamples({ boxes, leftOut }, located, context);
  },
};

/** Finds the picture of an annotation: the one of its name beside it or in the folder of pictures, else the one that it names. */
function pictureFinder(pictures: readonly DataFile[]): (xml: DataFile, named: string) => DataFile | undefined {
  const byStem = new Map<string, DataFile[]>();
  for (const file of pictures)
    byStem.set(withoutEnding(file.inner), [...(byStem.get(withoutEnding(file.inner)) ?? []), file]);
  const byLast = finderByLast(pictures);
  return ({ inner }, named) => {
    const stem = withoutEnding(inner);
    const elsewhere = ['JPEGImages/', 'images/', ''].map((folder) =>
      stem.replace(/(^|\/)annotations\//i, `$1${folder}`),
    );
    const path = composed(named.replaceAll('\\', '/'));
    const last = path.slice(path.lastIndexOf('/') + 1);
    const found = [stem, ...elsewhere].map((name) => byStem.get(name)).find((it) => it !== undefined);
    // Of `a.jpg` and `a.png`, the one that is named.
    return found?.find(({ name }) => last !== '' && name.endsWith(last)) ?? found?.at(-1) ?? byLast(path);
  };
}

/** A copy of an XML file names the picture of the other. */
function requireOne(file: DataFile, picture: DataFile, annotated: ReadonlyMap<DataFile, DataFile>): void {
  const other = annotated.get(picture);
  if (other === undefined) return;
  throw new GnSwapError('invalid-data', `its picture, ${picture.name}, is that of ${other.name}, too`, {
    file: file.path,
    remedy: 'Remove one of the files, or add the picture of its name',
  });
}

function withoutBoxes({ root }: Folder, count: number): GnSwapError {
  return new GnSwapError('invalid-data', `it has ${plural(count, 'picture')} with an XML file, and no boxes`, {
    file: root,
    remedy: 'Draw boxes, and save them as Pascal VOC; objects that are marked as difficult do not count',
  });
}
