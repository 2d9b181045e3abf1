/**
 * PNGs that a canvas would change: it multiplies transparency into the colours, so what was there is lost, and browsers differ in how they make
 * 16 bits 8. These are decoded by fast-png, and others by the browser, which is faster.
 */
import { filled } from '../../filled.ts';
import type { DecodedPng } from '../labelled/packages.ts';
import { isPng } from '../picture-kinds.ts';
import { COLOUR_TYPE, DEPTH, isMixedUp, unpacked } from '../png-samples.ts';
import type { PictureSize } from './types.ts';

/** Behind the header's chunk. */
const SECOND_CHUNK = 33;

/** Tells whether a picture is a PNG with transparency, or with 16 bits a sample, that fast-png reads as it is shown. */
export function isBetterDecoded(file: Uint8Array): boolean {
  if (!isPng(file)) return false;
  // Its samples of a few bits are mixed up if rows are interlaced.
  if (isMixedUp(file)) return false;
  return file[DEPTH] === 16 || file[COLOUR_TYPE] === 4 || file[COLOUR_TYPE] === 6 || hasChunk(file, 'tRNS');
}

/** Four bytes for each pixel, not multiplied by their transparency. @throws what fast-png throws */
export async function decodedPng(file: Uint8Array): Promise<PictureSize & { readonly rgba: Uint8Array }> {
  const { decode } = await import('../labelled/packages.ts');
  const png = decode(file, { checkCrc: true });
  const { height, width, depth, channels, palette, data } = png;
  if (channels === 4) {
    const upper = () => filled(new Uint8Array(data.length), (at) => (data[at] as number) >> 8);
    return { height, width, rgba: depth === 16 ? upper() : (data as Uint8Array) };
  }
  const sample = samplesOf(png);
  const rgba = new Uint8Array(4 * height * width);
  // The second of two samples is the transparency, which nobody reads.
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      const first = x * channels;
      const colour = palette?.[sample(y, first)];
      rgba[to] = colour?.[0] ?? sample(y, first);
      rgba[to + 1] = colour?.[1] ?? sample(y, first + green);
      rgba[to + 2] = colour?.[2] ?? sample(y, first + blue);
      rgba[to + 3] = 255;
    }
  }
  return { height, width, rgba };
}

/** Reads a sample of a row: the place in a palette as it is, others as 8 bits. */
function samplesOf(png: DecodedPng): (y: number, index: number) => number {
  const { data, depth, width, channels, palette } = png;
  const perRow = width * channels;
  if (depth === 16) return (y, index) => (data[y * perRow + index] as number) >> 8;
  // Fewer bits are those of grey or of a palette: one sample a pixel.
  const samples = depth < 8 ? unpacked(png) : data;
  const factor = depth < 8 && palette === undefined ? 255 / ((1 << depth) - 1) : 1;
  return (y, index) => (samples[y * perRow + index] as number) * factor;
}

/** Whether a chunk lies before the pixels. */
function hasChunk(file: Uint8Array, wanted: string): boolean {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = SECOND_CHUNK; at + 8 <= file.length; at += 12 + view.getUint32(at)) {
    const kind = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (kind === wanted) return true;
    if (kind === 'IDAT') return false;
  }
  return false;
}
