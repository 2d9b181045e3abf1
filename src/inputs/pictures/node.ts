/** Pictures in Node, decoded by sharp, which is loaded when the first is read. `web.ts` beside it is the same for a browser. */
import type Sharp from 'sharp';
import { GnSwapError } from '../../errors.ts';
import { threadLimit } from '../../runtime/threads.ts';
import { opaqueGif } from './gif.ts';
import { greyOf } from './grey.ts';
import { coloursOfInk } from './ink.ts';
import { factorsOf, jpegShrink } from './jpeg-shrink.ts';
import type { PictureSize, Pixels, Wanted } from './types.ts';

/** Training code takes the numbers of a file as they are: neither Pillow nor OpenCV applies a colour profile. */
const AS_STORED = { ignoreIcc: true } as const;

/** So that it is told how many there are. */
const ANY_CHANNELS = { limitInputChannels: false } as const;

/** Padded with black. WebP is not decoded smaller, and of a JPEG half is left to the filter: without that, pixels were off by 1.7 of 255, not 0.5. */
const RESIZED = { background: { r: 0, g: 0, b: 0 }, fastShrinkOnLoad: false } as const;

/** Height and width of a picture as it is looked at, from its header. @throws what sharp throws */
export async function sizeOf(file: Uint8Array): Promise<PictureSize> {
  const sharp = await loadSharp();
  const { autoOrient, ...rest } = await sharp(file, ANY_CHANNELS).metadata();
  requireBytes(rest);
  return { height: autoOrient.height, width: autoOrient.width };
}

/** A picture's pixels, in the colours that the file holds or in grey, without transparency. @throws what sharp throws */
export async function pixelsOf(bytes: Uint8Array, { channels, fit, ...size }: Wanted): Promise<Pixels> {
  const sharp = await loadSharp();
  const file = opaqueGif(bytes);
  const { autoOrient: own, ...metadata } = await sharp(file, ANY_CHANNELS).metadata();
  requireBytes(metadata);
  const { space, format } = metadata;
  const { height = own.height, width = own.width } = size;
  const coloured = space === 'cmyk' ? await fromInk(file, sharp) : sharp(file, AS_STORED).autoOrient().removeAlpha();
  // sharp decides whether a JPEG is decoded smaller. If a space to work in is set, it never is (pipeline.cc: shouldPreShrink).
  if (format === 'jpeg' && jpegShrink(own, Math.min(...factorsOf(own, { height, width }, fit))) === 1)
    coloured.pipelineColourspace('srgb');
  const resized = coloured.toColourspace('srgb').resize({ height, width, fit, ...RESIZED });
  const data = await resized.raw().toBuffer();
  return { data: channels === 1 ? greyOf(data) : data, height, width };
}

type Metadata = Awaited<ReturnType<ReturnType<typeof Sharp>['metadata']>>;

/** Numbers that are the brightness of a pixel, in 8 or 16 bits. TIFFs may hold any. */
const BRIGHTNESS = new Set(['uchar', 'ushort']);
const NUMBERS: Readonly<Record<string, string>> = {
  char: 'int8',
  short: 'int16',
  int: 'int32',
  uint: 'uint32',
  float: 'float32',
  double: 'float64',
};
/** Red, green, blue and transparency; of inks one more. */
const MOST_CHANNELS = 4;

/** Refuses what sharp would turn into bytes by rules of its own: numbers from 0 to 1 become black, and channels beyond the fourth are left out. */
function requireBytes({ depth = 'uchar', channels, space }: Pick<Metadata, 'depth' | 'channels' | 'space'>): void {
  const isInk = space === 'cmyk';
  const remedy = 'Save its numbers as .npy, in the shape of the model’s input';
  if (!BRIGHTNESS.has(depth)) {
    throw new GnSwapError(
      'invalid-data',
      `it holds ${NUMBERS[depth] ?? depth}, and pictures are read in 8 or 16 bits`,
      {
        remedy,
      },
    );
  }
  if (channels > MOST_CHANNELS + (isInk ? 1 : 0)) {
    throw new GnSwapError('invalid-data', `it has ${channels} channels, and pictures have 1 or 3`, { remedy });
  }
}

/** A picture of four inks, which sharp would bring to sRGB by a profile of its own. */
async function fromInk(file: Uint8Array, sharp: typeof Sharp): Promise<ReturnType<typeof Sharp>> {
  const upright = sharp(file, AS_STORED).autoOrient().pipelineColourspace('cmyk').toColourspace('cmyk');
  const { data, info } = await upright.raw().toBuffer({ resolveWithObject: true });
  return sharp(coloursOfInk(data, info.channels), { raw: { width: info.width, height: info.height, channels: 3 } });
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
