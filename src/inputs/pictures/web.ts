/// <reference lib="dom" />
/** Pictures in a browser, decoded by it, without management of colours. Offers what `node.ts` does. */
import { fitted } from './fitted.ts';
import type { PictureSize, Pixels, Wanted } from './types.ts';

const AS_STORED = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;

/** Height and width of a picture as it is looked at. @throws what the browser throws */
export async function sizeOf(file: Uint8Array): Promise<PictureSize> {
  const bitmap = await bitmapOf(file);
  const { height, width } = bitmap;
  bitmap.close();
  return { height, width };
}

/** A picture's pixels, in the colours that the file holds or in grey, without transparency. @throws what the browser throws */
export async function pixelsOf(file: Uint8Array, wanted: Wanted): Promise<Pixels> {
  if (hasAlpha(file)) return fromPng(file, wanted);
  const bitmap = await bitmapOf(file);
  const { height, width } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error(`the browser has no canvas of ${width}×${height} pixels`);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return fitted(context.getImageData(0, 0, width, height).data, { height, width }, wanted);
}

function bitmapOf(file: Uint8Array): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([file.slice()]), AS_STORED);
}

/** Where a PNG says what its pixels are: behind its signature and the size (IHDR). 6 has colours and transparency. */
const COLOUR_TYPE = 25;

/** Whether a picture is a PNG with transparency: a canvas multiplies it into the colours, and what was there is lost. */
function hasAlpha(file: Uint8Array): boolean {
  return file[0] === 0x89 && file[1] === 0x50 && file[COLOUR_TYPE] === 6;
}

async function fromPng(file: Uint8Array, wanted: Wanted): Promise<Pixels> {
  const { decode } = await import('../labelled/packages.ts');
  const { data, height, width, depth } = decode(file, { checkCrc: true });
  const bytes = depth === 16 ? Uint8Array.from(data, (it) => it >> 8) : data;
  return fitted(bytes, { height, width }, wanted);
}
