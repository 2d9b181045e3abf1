/** Samples of PNGs that have fewer than 8 bits, as fast-png leaves them. */
import type { DecodedPng } from './labelled/packages.ts';

/** Positions of the bytes that tell the bits of a sample, what samples are, and whether rows are interlaced (in IHDR). */
export const [DEPTH, COLOUR_TYPE] = [24, 25];
const INTERLACE = 28;

/** Whether several samples lie in a byte and rows are interlaced: fast-png stumbles over such, or mixes them up. */
export function isMixedUp(file: Uint8Array): boolean {
  return (file[DEPTH] ?? 8) < 8 && file[INTERLACE] === 1;
}

/** A number for each pixel of 1, 2 or 4 bits, of which each row begins with a new byte. */
export function unpacked({ data, height, width, depth }: DecodedPng): Uint8Array {
  const pixels = new Uint8Array(height * width);
  const rowBytes = Math.ceil((width * depth) / 8);
  const perByte = 8 / depth;
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      const byte = data[y * rowBytes + Math.floor(x / perByte)] as number;
      pixels[pixel] = (byte >> (8 - depth * ((x % perByte) + 1))) & ((1 << depth) - 1);
    }
  }
  return pixels;
}
