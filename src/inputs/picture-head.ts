/** The size of a picture in a file, of which only the two ends are read if they tell. */
import { type PictureSize, pictureSize } from './images.ts';
import { END_WITHIN, isCutOff } from './picture-end.ts';
import { isJpeg, isPng } from './picture-kinds.ts';
import { fileSize, type Reader } from './reader.ts';

/** Behind previews and colour profiles, most JPEG files say their size within so many bytes. */
const HEAD = 128 << 10;

/**
 * Reads the size of a picture as `pictureSize` does. Of JPEG and PNG files that are larger than their ends, only these are read: a folder
 * of photographs is looked at before training, and would be read whole for a few bytes of each.
 *
 * @throws GnSwapError `invalid-data` if the file is not a picture, or its end is missing
 */
export async function pictureSizeIn(file: string, reader: Reader): Promise<PictureSize> {
  return (await fromEnds(file, reader)) ?? pictureSize(reader.read(file));
}

/** Undefined if the ends do not tell, and it takes the whole file. */
async function fromEnds(file: string, reader: Reader): Promise<PictureSize | undefined> {
  if (reader.readPart === undefined) return undefined;
  const size = fileSize(reader, file);
  if (size <= HEAD + END_WITHIN) return undefined;
  const head = reader.readPart(file, 0, HEAD);
  // Others may have their size anywhere.
  if (!isPng(head) && !isJpeg(head)) return undefined;
  if (isCutOff(head, reader.readPart(file, size - END_WITHIN, size))) return undefined;
  return pictureSize(head, 'part').catch(() => undefined);
}
