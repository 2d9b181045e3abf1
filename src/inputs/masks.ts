/** Pictures that are labels of others: a model must not be calibrated on them, or asked about them. */
import { IMAGE_FILES } from './images.ts';
import { commonFolder } from './reader.ts';

const IMAGES = /^(images?|imgs?|inputs?|jpegimages|leftimg8bit|img_dir|701_stillsraw_full)$/i;
const MASKS =
  /^(masks?|segmentationclass|segmentationobject|gtfine|ann_dir|annotations|labels?|targets?|labeledapproved_full)$/i;
/** Of CamVid and others: `train_labels/` or `trainannot/` beside `train/`, `val_masks/` beside `val_images/`. */
const OF_PART =
  /^(train(?:ing)?|val|valid|validation|test(?:ing)?)(?:[-_]?(?:images?|imgs?)|[-_]?(masks?|labels?|annot(?:ation)?s?|gt))?$/i;

/** Reads the name of a folder that tells a part of a data set, and whether its masks are in it; undefined for other names. */
export function folderOfPart(name: string): { readonly part: string; readonly isMask: boolean } | undefined {
  const [, part, masks] = OF_PART.exec(name) ?? [];
  return part === undefined ? undefined : { part: part.toLowerCase(), isMask: masks !== undefined };
}

/** Whether a folder has the name of one of masks. A class may be called so, too. */
export function isMaskFolder(name: string): boolean {
  return MASKS.test(name);
}

/** Finds the masks of a data set for segmentation, by the folders that they are in, beside one of pictures. A class may be called `masks`. */
export function masksAmong(files: readonly string[]): Set<string> {
  const start = commonFolder(files).length;
  const pictures = files.filter((file) => IMAGE_FILES.test(file));
  const named = pictures.map((file) => ({ file, folders: file.slice(start).split(/[\\/]/).slice(0, -1) }));
  /** The folders in which there is one of the kind. */
  const parents = (folders: readonly string[], kind: RegExp) =>
    folders.flatMap((name, at) => (kind.test(name) ? [folders.slice(0, at).join('/')] : []));
  const withImages = new Set(named.flatMap(({ folders }) => parents(folders, IMAGES)));
  /** Folders of a part, as the one around them and the part. */
  const parts = (folders: readonly string[], isMask: boolean) =>
    folders.flatMap((name, at) => {
      const it = folderOfPart(name);
      return it?.isMask === isMask ? [[...folders.slice(0, at), it.part].join('/')] : [];
    });
  const withParts = new Set(named.flatMap(({ folders }) => parts(folders, false)));
  const isMask = (folders: readonly string[]) =>
    parents(folders, MASKS).some((parent) => withImages.has(parent)) ||
    parts(folders, true).some((part) => withParts.has(part));
  return new Set(named.filter(({ folders }) => isMask(folders)).map(({ file }) => file));
}
