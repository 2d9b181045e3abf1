/** Pixels → a PNG (www.w3.org/TR/png) of 8-bit red, green and blue, as an address that needs no network. */
import { zlibSync } from 'fflate';
import type { Picture } from '../../inputs/picture-back.ts';
import { PNG_SIGNATURE } from '../../inputs/picture-kinds.ts';

/** Writes a picture as a `data:` address. */
export function pngAddress(picture: Picture): string {
  let text = '';
  for (const byte of pngOf(picture)) text += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(text)}`;
}

/** Writes a picture as a PNG; each row is stored as its difference from the row above, which photos shrink by. */
export function pngOf({ width, height, rgb }: Picture): Uint8Array {
  const stride = 3 * width;
  const rows = new Uint8Array(height * (stride + 1));
  for (let y = 0; y < height; y++) {
    rows[y * (stride + 1)] = 2;
    for (let x = 0; x < stride; x++) {
      const above = y === 0 ? 0 : (rgb[(y - 1) * stride + x] as number);
      rows[y * (stride + 1) + 1 + x] = (rgb[y * stride + x] as number) - above;
    }
  }
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([8, 2, 0, 0, 0], 8);
  const chunks = [chunk('IHDR', head), chunk('IDAT', zlibSync(rows, { level: 9 })), chunk('IEND', new Uint8Array())];
  return Uint8Array.from([...PNG_SIGNATURE, ...chunks.flatMap((it) => [...it])]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(
    [...type].map((letter) => letter.charCodeAt(0)),
    4,
  );
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crcOf(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** CRC-32 as the page on PNG has it, annex D. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
