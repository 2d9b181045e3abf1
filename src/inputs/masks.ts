/** Pictures that are labels of others: a model must not be calibrated on them, or asked about them. */
import { IMAGE_FILES } from './images.ts';
import { commonFolder } from './reader.ts';

const IMAGES = /^(images?|imgs?|jpegimages|leftimg8bit|img_dir)$/i;
const MASKS = /^(masks?|segmentationclass|segmentationobject|gtfine|ann_dir|annotations|labels|targets)$/i;

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
  const isMask = (folders: readonly string[]) => parents(folders, MASKS).some((parent) => withImages.has(parent));
  return new Set(named.filter(({ folders }) => isMask(folders)).map(({ file }) => file));
}
