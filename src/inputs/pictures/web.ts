/// <reference lib="dom" />
/** Pictures in a browser, decoded by it, without management of colours. Offers what `node.ts` does. */
import { GnSwapError } from '../../errors.ts';
import { isJpeg, isTiff } from '../picture-kinds.ts';
import { fitted } from './fitted.ts';
import { opaqueGif } from './gif.ts';
import { levelWebp, orientationOf, turned, turnedSize } from './orientation.ts';
import { decodedPng, isBetterDecoded } from './png.ts';
import type { PictureSize, Pixels, Wanted } from './types.ts';
import { hasTransparency, unmultiplied } from './unmultiplied.ts';

const AS_STORED = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;

/** Height and width of a picture as it is looked at. @throws what the browser throws */
export async function sizeOf(file: Uint8Array): Promise<PictureSize> {
  const { level, orientation } = levelWebp(file);
  const bitmap = await bitmapOf(level);
  const size = turnedSize(bitmap, orientation);
  bitmap.close();
  return size;
}

/** A picture's pixels, in the colours that the file holds or in grey, without transparency. @throws what the browser throws */
export async function pixelsOf(file: Uint8Array, wanted: Wanted): Promise<Pixels> {
  if (isBetterDecoded(file)) {
    const png = await decodedPng(file);
    const { rgba, ...size } = turned(png.rgba, png, orientationOf(file));
    return fitted(rgba, size, wanted);
  }
  const { level, orientation } = levelWebp(opaqueGif(file));
  const bitmap = await bitmapOf(level);
  const { rgba, ...size } = turned(storedIn(bitmap), bitmap, orientation);
  bitmap.close();
  return fitted(rgba, size, wanted, isJpeg(file));
}

/** Four bytes for each pixel, not multiplied by their transparency. */
function storedIn(bitmap: ImageBitmap): Uint8Array | Uint8ClampedArray {
  const { height, width } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error(`the browser has no canvas of ${width}×${height} pixels`);
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return hasTransparency(data) ? unmultiplied(bitmap) : data;
}

async function bitmapOf(file: Uint8Array): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([file.slice()]), AS_STORED).catch((cause: unknown) => {
    if (!isTiff(file)) throw cause;
    throw new GnSwapError('invalid-data', 'this browser does not read TIFF', {
      remedy: 'Save it as PNG, or use the command line',
      cause,
    });
  });
}
