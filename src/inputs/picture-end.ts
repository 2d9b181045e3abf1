/**
 * Whether a picture's file is whole, told without decoding it. Interrupted downloads and full disks cut files off, and a header that can
 * be read says nothing about that.
 */
import { isJpeg, isPng } from './picture-kinds.ts';

/** The chunk that ends a PNG: no data, `IEND`, its CRC-32. */
const PNG_END = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
const JPEG_END = [0xff, 0xd9];
const RIFF = [0x52, 0x49, 0x46, 0x46];
/** Cameras pad files and append to them, so the end is looked for in the last part. */
export const END_WITHIN = 65_536;

/**
 * Tells whether the end of a PNG, JPEG or WebP file is missing. Other formats are taken to be whole.
 *
 * @param tail its last {@link END_WITHIN} bytes, if `file` is only the beginning of a PNG or JPEG file
 */
export function isCutOff(file: Uint8Array, tail: Uint8Array = file): boolean {
  if (isPng(file)) return !ends(tail, PNG_END);
  if (isJpeg(file)) return !ends(tail, JPEG_END);
  if (RIFF.every((byte, index) => file[index] === byte) && file.length >= 8) {
    const declared = new DataView(file.buffer, file.byteOffset, file.length).getUint32(4, true);
    return file.length < declared + 8;
  }
  return false;
}

function ends(file: Uint8Array, bytes: readonly number[]): boolean {
  for (let at = file.length - bytes.length; at >= Math.max(0, file.length - END_WITHIN); at--) {
    if (bytes.every((byte, index) => file[at + index] === byte)) return true;
  }
  return false;
}
