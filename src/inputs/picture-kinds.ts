/** Which format a picture has, by its first bytes. */

/** What every PNG begins with. */
export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8];
const GIF = [0x47, 0x49, 0x46, 0x38];

/** Whether bytes are those of a PNG. */
export function isPng(file: Uint8Array): boolean {
  return PNG_SIGNATURE.every((byte, index) => file[index] === byte);
}

/** Whether bytes are those of a JPEG. */
export function isJpeg(file: Uint8Array): boolean {
  return JPEG.every((byte, index) => file[index] === byte);
}

/** Whether bytes are those of a TIFF, of either order of bytes. */
export function isTiff(file: Uint8Array): boolean {
  return [
    [0x49, 0x49, 0x2a, 0x00],
    [0x4d, 0x4d, 0x00, 0x2a],
  ].some((mark) => mark.every((byte, index) => file[index] === byte));
}

/** Whether bytes are those of a GIF. */
export function isGif(file: Uint8Array): boolean {
  return GIF.every((byte, index) => file[index] === byte);
}
