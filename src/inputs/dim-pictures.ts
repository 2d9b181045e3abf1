/**
 * Pictures of 16 bits that use few of them. Of 16 bits the upper eight are read, so what a scanner or a camera of depths writes as numbers up to 4095 would
 * be black, and nobody would know.
 */
import { GnSwapError } from '../errors.ts';
import { decodeImage, type ImageInput } from './images.ts';
import { isPng, isTiff } from './picture-kinds.ts';
import { DEPTH } from './png-samples.ts';
import type { Reader } from './reader.ts';

/** How many pictures are looked at: one may be dark. */
const TRIED = 8;
/** The most that is left of 12 bits. */
const DIM = 15;
const HEAD = 32;
const BITS_PER_SAMPLE = 258;

/**
 * Refuses pictures of 16 bits of which nearly nothing would be left.
 *
 * @param files pictures of a data set, in their order
 * @throws GnSwapError `invalid-data` if all that are looked at would be black
 */
export async function requireLight(files: readonly string[], image: ImageInput, reader: Reader): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  // From the whole of a data set: its first class may be dark.
  const count = Math.min(TRIED, files.length);
  const tried = Array.from({ length: count }, (_, at) => files[Math.floor((at * files.length) / count)] as string);
  for (const file of tried) {
    if (!isDeep(file, reader)) return;
    // What turns out to be damaged is named when it is loaded.
    const pixels = await decodeImage(reader.read(file), image).catch(() => undefined);
    if (pixels === undefined || Array.from(pixels.data).some((value) => value > DIM)) return;
  }
  throw new GnSwapError(
    'invalid-data',
    'its pictures would be black: of their 16 bits the upper eight are read, and no number in them is above 4095',
    { file: first, remedy: 'Save them with 8 bits; docs/formats.md has a script for pictures of 12 bits' },
  );
}

/** Refuses a picture of more than 8 bits where its numbers are what is to be learned. @throws GnSwapError `invalid-data` */
export function requireShallow(file: string, reader: Reader): void {
  if (!isDeep(file, reader)) return;
  throw new GnSwapError('invalid-data', 'it is a target of 16 bits, and of pictures 8 bits are read', {
    file,
    remedy: 'Save its numbers as .npy, in the unit that the model answers in: numpy.save(path, depth / 1000)',
  });
}

/** Whether a PNG or TIFF has 16 bits for each number. Of a PNG its header tells. */
function isDeep(file: string, reader: Reader): boolean {
  if (!/\.(png|tiff?)$/i.test(file)) return false;
  const head = reader.readPart?.(file, 0, HEAD) ?? reader.read(file);
  return (isPng(head) ? head[DEPTH] : isTiff(head) ? bitsOfTiff(reader.read(file)) : undefined) === 16;
}

/** What the first directory of a TIFF says (TIFF 6.0, 2): one number for all samples, or the place of a number for each. */
function bitsOfTiff(file: Uint8Array): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const isLittle = file[0] === 0x49;
  const short = (at: number) => (at + 2 <= file.length ? view.getUint16(at, isLittle) : 0);
  const long = (at: number) => (at + 4 <= file.length ? view.getUint32(at, isLittle) : 0);
  const start = long(4);
  for (let entry = 0, at = start + 2; entry < short(start); entry++, at += 12)
    if (short(at) === BITS_PER_SAMPLE) return short(long(at + 4) > 2 ? long(at + 8) : at + 8);
}
