/**
 * How a camera was held: of WebP files, which browsers do not turn, in a chunk `EXIF` (RFC 9649), and of PNG files, in `eXIf` (PNG 3, 11.3.4.5). IFD0 in
 * it may have the tag 0x112 (Exif 3.0, 4.6.5.1).
 */
import { isPng } from '../picture-kinds.ts';
import type { PictureSize } from './types.ts';

const ORIENTATION = 0x112;

/** Where the number of an orientation stands, and which it is. */
interface Found {
  readonly at: number;
  readonly orientation: number;
  readonly isLittle: boolean;
}

/** How a WebP or PNG must be turned: 1 is upright, 5 to 8 lie on a side. */
export function orientationOf(file: Uint8Array): number {
  return orientationIn(file)?.orientation ?? 1;
}

/** Takes the orientation out of a WebP, should a browser come to follow it. Other files are left as they are. */
export function levelWebp(file: Uint8Array): { readonly level: Uint8Array; readonly orientation: number } {
  const found = isPng(file) ? undefined : orientationIn(file);
  if (found === undefined) return { level: file, orientation: 1 };
  const level = new Uint8Array(file);
  new DataView(level.buffer).setUint16(found.at, 1, found.isLittle);
  return { level, orientation: found.orientation };
}

/** Undefined if the picture is upright. */
function orientationIn(file: Uint8Array): Found | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const exif = isPng(file) ? exifInPng(file, view) : exifInWebp(file, view);
  const isLittle = textAt(file, exif).startsWith('II');
  const at = exif === 0 ? 0 : orientationAt(view, exif, isLittle);
  const orientation = at === 0 ? 1 : view.getUint16(at, isLittle);
  return orientation >= 2 && orientation <= 8 ? { at, orientation, isLittle } : undefined;
}

/** Where the metadata of a WebP begin, or 0. */
function exifInWebp(file: Uint8Array, view: DataView): number {
  if (textAt(file, 0) !== 'RIFF' || textAt(file, 8) !== 'WEBP') return 0;
  for (let at = 12; at + 16 <= file.length; ) {
    // Some writers keep the mark that JPEG needs.
    if (textAt(file, at) === 'EXIF') return at + (textAt(file, at + 8) === 'Exif' ? 14 : 8);
    const size = view.getUint32(at + 4, true);
    // Chunks begin at even bytes.
    at += 8 + size + (size % 2);
  }
  return 0;
}

/** Where the metadata of a PNG begin, or 0; only before its pixels, where all readers find them. */
function exifInPng(file: Uint8Array, view: DataView): number {
  for (let at = 8; at + 16 <= file.length; at += 12 + view.getUint32(at)) {
    const kind = textAt(file, at + 4);
    if (kind === 'eXIf') return at + 8;
    if (kind === 'IDAT') return 0;
  }
  return 0;
}

/** Where the orientation stands in metadata that begin at a byte, or 0. */
function orientationAt(view: DataView, exif: number, isLittle: boolean): number {
  if (exif + 8 > view.byteLength) return 0;
  const first = exif + view.getUint32(exif + 4, isLittle);
  if (first + 2 > view.byteLength) return 0;
  const count = view.getUint16(first, isLittle);
  for (let entry = 0, at = first + 2; entry < count && at + 12 <= view.byteLength; entry++, at += 12) {
    if (view.getUint16(at, isLittle) === ORIENTATION) return at + 8;
  }
  return 0;
}

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** The size of a picture when it is turned upright. */
export function turnedSize({ height, width }: PictureSize, orientation: number): PictureSize {
  return orientation >= 5 ? { height: width, width: height } : { height, width };
}

/** Turns a picture upright. @param rgba four bytes for each pixel */
export function turned(
  rgba: Uint8Array | Uint8ClampedArray,
  stored: PictureSize,
  orientation: number,
): PictureSize & { readonly rgba: Uint8Array | Uint8ClampedArray } {
  const { height, width } = turnedSize(stored, orientation);
  if (orientation === 1) return { height, width, rgba };
  const from = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4);
  const to = new Uint32Array(from.length);
  const isOnSide = orientation >= 5;
  // Whether the stored row or column is read from its end.
  const [fromRight, fromBottom] = [[2, 3, 7, 8].includes(orientation), [3, 4, 6, 7].includes(orientation)];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const [column, row] = isOnSide ? [y, x] : [x, y];
      const storedX = fromRight ? stored.width - 1 - column : column;
      const storedY = fromBottom ? stored.height - 1 - row : row;
      to[at] = from[storedY * stored.width + storedX] as number;
    }
  }
  return { height, width, rgba: new Uint8Array(to.buffer) };
}
