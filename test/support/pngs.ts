/** PNGs of every kind of pixel, with what a canvas would lose under transparency. */
import { encode, type ImageData } from 'fast-png';
import sharp from 'sharp';

/** Pictures are twice as wide as high. */
export const SIDE = 24;
const PIXELS = (SIDE * SIDE) / 2;

/** Waves that differ by channel; the last of two or four, transparency, has 0, 255 and all between. */
export function waves(channels: number, most = 255): Uint16Array | Uint8Array {
  const data = new (most > 255 ? Uint16Array : Uint8Array)(PIXELS * channels);
  for (let at = 0; at < data.length; at++) {
    const [pixel, c] = [Math.floor(at / channels), at % channels];
    const isAlpha = channels % 2 === 0 && c === channels - 1;
    data[at] = isAlpha
      ? pixel % 3 === 0
        ? 0
        : (pixel * 37) % (most + 1)
      : most * (0.5 + 0.5 * Math.sin(pixel / (3 + c)));
  }
  return data;
}

const raw = (channels: 1 | 2 | 3 | 4, depth: 8 | 16, more: Partial<ImageData> = {}) =>
  encode({ width: SIDE, height: SIDE / 2, channels, depth, data: waves(channels, 2 ** depth - 1), ...more });

/** 16 colours, every other of them transparent or nearly. */
const PALETTE = Array.from({ length: 16 }, (_, i) => [16 * i, 255 - 9 * i, (i * 53) % 256, i % 2 === 0 ? 20 * i : 255]);

/** Adds a chunk behind the header: `tRNS` of pixels that have no transparency of their own. */
function withChunk(png: Uint8Array, kind: string, data: readonly number[]): Uint8Array {
  const chunk = Uint8Array.from([0, 0, 0, data.length, ...Buffer.from(kind), ...data, 0, 0, 0, 0]);
  new DataView(chunk.buffer).setUint32(8 + data.length, crc(chunk.subarray(4, 8 + data.length)));
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return (value ^ 0xffffffff) >>> 0;
}

const first = (channels: number) => Array.from(waves(channels).subarray(0, channels), (byte) => [0, byte]).flat();

/** By what they are. */
export const pngs: Readonly<Record<string, () => Promise<Uint8Array> | Uint8Array>> = {
  'in grey': () => raw(1, 8),
  'in colours': () => raw(3, 8),
  'in grey with transparency': () => raw(2, 8),
  'in colours with transparency': () => raw(4, 8),
  'in grey of 16 bits': () => raw(1, 16),
  'in colours of 16 bits': () => raw(3, 16),
  'in grey of 16 bits with transparency': () => raw(2, 16),
  'in colours of 16 bits with transparency': () => raw(4, 16),
  'in grey, one of them transparent': () => withChunk(raw(1, 8), 'tRNS', first(1)),
  'in colours, one of them transparent': () => withChunk(raw(3, 8), 'tRNS', first(3)),
  'with a palette that has transparency': () =>
    raw(1, 8, { palette: PALETTE, data: Uint8Array.from({ length: PIXELS }, (_, i) => i % 16) } as Partial<ImageData>),
  'with a palette': () =>
    raw(1, 8, {
      palette: PALETTE.map((it) => it.slice(0, 3)),
      data: Uint8Array.from({ length: PIXELS }, (_, i) => i % 16),
    } as Partial<ImageData>),
  'with a palette of 4 bits that has transparency': () =>
    sharp(waves(4), { raw: { width: SIDE, height: SIDE / 2, channels: 4 } })
      .png({ palette: true, colours: 12, dither: 0 })
      .toBuffer(),
  'with transparency, interlaced': () =>
    sharp(waves(4), { raw: { width: SIDE, height: SIDE / 2, channels: 4 } })
      .png({ progressive: true })
      .toBuffer(),
};
