/** Which format a picture has, by its first bytes. */

const PNG = [0x89, 0x50, 0x4e, 0x47];
const JPEG = [0xff, 0xd8];

/** Whether bytes are those of a PNG. */
export function isPng(file: Uint8Array): boolean {
  return PNG.every((byte, index) => file[index] === byte);
}

/** Whether bytes are those of a JPEG. */
export function isJpeg(file: Uint8Array): boolean {
  return JPEG.every((byte, index) => file[index] === byte);
}
