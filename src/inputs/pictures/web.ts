/// <reference lib="dom" />
/** Pictures in a browser, decoded by it, without management of colours. Offers what `node.ts` does. */
import { isJpeg } from '../picture-kinds.ts';
import { fitted } from './fitted.ts';
import { decodedPng, isBetterDecoded } from './png.ts';
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
  if (isBetterDecoded(file)) {
    const { rgba, ...size } = await decodedPng(file);
    return fitted(rgba, size, wanted);
  }
  const bitmap = await bitmapOf(file);
  const { height, width } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error(`the browser has no canvas of ${width}×${height} pixels`);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return fitted(context.getImageData(0, 0, width, height).data, { height, width }, wanted, isJpeg(file));
}

function bitmapOf(file: Uint8Array): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([file.slice()]), AS_STORED);
}
