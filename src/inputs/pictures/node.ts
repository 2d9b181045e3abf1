/** Pictures in Node, decoded by sharp, which is loaded when the first is read. `web.ts` beside it is the same for a browser. */
import type Sharp from 'sharp';
import { GnSwapError } from '../../errors.ts';
import { threadLimit } from '../../runtime/threads.ts';
import type { PictureSize, Pixels, Wanted } from './types.ts';

/** Height and width of a picture as it is looked at, from its header. @throws what sharp throws */
export async function sizeOf(file: Uint8Array): Promise<PictureSize> {
  const sharp = await loadSharp();
  const { autoOrient } = await sharp(file).metadata();
  return { height: autoOrient.height, width: autoOrient.width };
}

/** A picture's pixels, in the colours of sRGB or in grey, without transparency. @throws what sharp throws */
export async function pixelsOf(file: Uint8Array, { channels, fit, ...size }: Wanted): Promise<Pixels> {
  const sharp = await loadSharp();
  const { height, width } = await sizeFor(file, size);
  const upright = sharp(file).autoOrient().removeAlpha();
  const coloured = channels === 1 ? upright.greyscale() : upright.toColourspace('srgb');
  const resized = coloured.resize({ height, width, fit, background: { r: 0, g: 0, b: 0 } });
  return { data: await resized.raw().toBuffer(), height, width };
}

async function sizeFor(file: Uint8Array, { height, width }: Pick<Wanted, 'height' | 'width'>): Promise<PictureSize> {
  if (height !== undefined && width !== undefined) return { height, width };
  const own = await sizeOf(file);
  return { height: height ?? own.height, width: width ?? own.width };
}

let loading: Promise<typeof Sharp> | undefined;

async function loadSharp(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(
    ({ default: sharp }) => {
      const most = threadLimit();
      if (most !== undefined) sharp.concurrency(most);
      return sharp;
    },
    (cause: unknown) => {
      throw new GnSwapError('runtime-missing', 'sharp is not installed, so pictures cannot be read', {
        remedy: 'Install it with npm install sharp, or use .npy or .npz files',
        cause,
      });
    },
  );
  return loading;
}
