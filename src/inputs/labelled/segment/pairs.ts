/** Pictures and their masks, as tools and data sets lay them out. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import { IMAGE_FILES } from '../../images.ts';
import { withoutEnding } from '../file-finder.ts';
import type { DataFile, Folder } from '../folder.ts';
import type { LayoutContext } from '../layout.ts';

export interface Pair {
  readonly picture: DataFile;
  readonly mask: DataFile;
}

interface Places {
  readonly images: string;
  readonly masks: string;
  /** Whether only some pictures have masks. */
  readonly isPartial?: boolean;
}

const OWN: Places = { images: 'images', masks: 'masks' };
/** Of Pascal VOC, Cityscapes, MMSegmentation, CamVid, the Oxford-IIIT Pets, ADE20K and others. */
const PLACES: readonly Places[] = [
  { images: 'JPEGImages', masks: 'SegmentationClass', isPartial: true },
  { images: 'leftImg8bit', masks: 'gtFine' },
  { images: 'img_dir', masks: 'ann_dir' },
  { images: '701_StillsRaw_full', masks: 'LabeledApproved_full' },
  { images: 'images', masks: 'annotations/trimaps' },
  { images: 'images', masks: 'annotations' },
  { images: 'images', masks: 'labels' },
  ...['images', 'image', 'imgs', 'img'].flatMap((images) =>
    ['masks', 'mask', 'label'].map((masks) => ({ images, masks })),
  ),
];

const PNG = /\.png$/i;
/** Cityscapes has several files for each picture. */
const CITYSCAPES = /_gtFine_(color|instanceIds|instanceTrainIds|labelIds|polygons)$/;

/** Finds the folders of pictures and masks; undefined if none of the folders that it knows has pictures. */
export function placesOf(folder: Folder): Places | undefined {
  const hasImages = ({ images }: Places) => inFolder(folder, images).length > 0;
  const hasMasks = ({ masks }: Places) => inFolder(folder, masks).some(({ inner }) => PNG.test(inner));
  if (hasImages(OWN) && inFolder(folder, OWN.masks).length > 0) return OWN;
  return PLACES.find((it) => hasImages(it) && hasMasks(it)) ?? (hasImages(OWN) ? OWN : undefined);
}

/** Tells whether a data set has both pictures and masks in folders for them. */
export function hasMasks(files: Folder): boolean {
  const places = placesOf(files);
  return places !== undefined && inFolder(files, places.masks).length > 0;
}

/** Pairs pictures with masks. A mask without a picture is noted as skipped. */
export function pairsOf({ folder, skip }: LayoutContext): Pair[] {
  const { images, masks: own, isPartial } = placesOf(folder) ?? OWN;
  const pictures = inFolder(folder, images).filter(({ inner }) => IMAGE_FILES.test(inner));
  const masks = new Map<string, DataFile>();
  // Tools keep other files of the same names beside masks.
  for (const file of inFolder(folder, own)) {
    const stem = stemOf(file, own);
    if (PNG.test(file.inner) || !masks.has(stem)) masks.set(stem, file);
  }
  if (masks.size === 0) {
    throw new GnSwapError(
      'invalid-data',
      `it has ${plural(pictures.length, 'picture')} in ${images}/ and no masks in ${own}/`,
      {
        file: folder.root,
        remedy: `Put a PNG with the name of the picture into ${own}/ for each; to learn from a teacher instead, use --task distill`,
      },
    );
  }
  const ending = sharedEnding(
    pictures.map((picture) => stemOf(picture)),
    masks,
  );
  const byStem = new Map<string, DataFile>();
  const pairs = pictures.flatMap((picture) => {
    requireAlone(picture, byStem);
    const stem = maskStems(stemOf(picture), ending).find((it) => masks.has(it)) ?? '';
    const mask = masks.get(stem);
    masks.delete(stem);
    if (mask !== undefined) return [{ picture, mask }];
    if (isPartial === true) {
      skip(picture, 'it has no mask');
      return [];
    }
    throw new GnSwapError('invalid-data', `the picture has no mask ${stemOf(picture)}.png in ${own}/`, {
      file: picture.path,
      remedy: `Add the mask, or move the picture out of ${images}/`,
    });
  });
  for (const [stem, mask] of masks) if (!CITYSCAPES.test(stem)) skip(mask, 'its picture is not there');
  return pairs;
}

/** What masks of a picture are called, without their endings. */
function maskStems(stem: string, ending = ''): string[] {
  const city = stem.replace(/_leftImg8bit$/, '_gtFine');
  const ofCity = city === stem ? [] : [`${city}_labelTrainIds`, `${city}_labelIds`];
  return [stem, `${stem}_mask`, ...ofCity, `${stem}${ending}`];
}

/** What all names of masks add to those of their pictures, such as `_L` in CamVid or `_segmentation` in ISIC; `''` if they share nothing. */
function sharedEnding(pictures: readonly string[], masks: ReadonlyMap<string, unknown>): string {
  const lacking = pictures.filter((stem) => !maskStems(stem).some((it) => masks.has(it)));
  const [first] = lacking;
  if (first === undefined) return '';
  const endings = [...masks.keys()].flatMap((stem) => (stem.startsWith(first) ? [stem.slice(first.length)] : []));
  const fits = (ending: string) => ENDING.test(ending) && lacking.every((stem) => masks.has(`${stem}${ending}`));
  return endings.find(fits) ?? '';
}

const ENDING = /^[-_. ][^/]+$/;

/** What belongs to a picture by its name, for the sentence that it belongs to no other. */
interface Belonging {
  readonly is: string;
  readonly own: string;
}

const MASK: Belonging = { is: 'a mask is that', own: 'a mask' };

/** Refuses a picture of the name of another one. @param byStem pictures that came before */
export function requireAlone(picture: DataFile, byStem: Map<string, DataFile>, { is, own }: Belonging = MASK): void {
  const other = byStem.get(stemOf(picture));
  byStem.set(stemOf(picture), picture);
  if (other === undefined) return;
  throw new GnSwapError('invalid-data', `its name is that of ${other.name}, and ${is} of one picture`, {
    file: picture.path,
    remedy: `Remove one of them, or give it a name and ${own} of its own`,
  });
}

/** The files of a folder of the data set; capitals do not count. */
export function inFolder({ files }: Pick<Folder, 'files'>, name: string): DataFile[] {
  const start = `${name.toLowerCase()}/`;
  return files.filter(({ inner }) => inner.toLowerCase().startsWith(start));
}

/** The name of a file without its folder (the first one by default) and its ending: what a picture and its mask share. */
export function stemOf({ inner }: DataFile, folder = inner.slice(0, inner.indexOf('/'))): string {
  return withoutEnding(inner.slice(folder.length + 1));
}
