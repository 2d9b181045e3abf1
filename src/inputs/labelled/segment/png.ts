/**
 * A mask's PNG → what is stored for each pixel. sharp is not used here: it makes colours of palettes, and the position in the palette is the
 * class.
 */
import { GnSwapError } from '../../../errors.ts';
import { filled } from '../../../filled.ts';
import { quoted } from '../../../words.ts';
import { isGif, isJpeg, isPng, isTiff } from '../../picture-kinds.ts';
import { isMixedUp, unpacked } from '../../png-samples.ts';
import type { DecodedPng } from '../packages.ts';

export interface MaskPicture {
  readonly height: number;
  readonly width: number;
  /** For each pixel its grey, or its position in the palette; undefined if the pixels have colours. */
  readonly ids: ArrayLike<number> | undefined;
  /** The colour of a pixel, as r · 65536 + g · 256 + b. */
  colourAt(pixel: number): number;
}

/** @throws GnSwapError `invalid-data` if the bytes are not a whole PNG */
export async function readMask(bytes: Uint8Array, file: string): Promise<MaskPicture> {
  requireNoOther(bytes, file);
  const { decode } = await import('../packages.ts');
  // Before it is decoded, which stumbles over such pixels, or mixes them up.
  if (isPng(bytes) && isMixedUp(bytes)) {
    throw new GnSwapError('invalid-data', 'it is interlaced, with several pixels in a byte', {
      file,
      remedy: 'Save the mask without interlacing',
    });
  }
  const png = decoded(() => decode(bytes, { checkCrc: true }), file);
  const { height, width, depth, channels, palette } = png;
  const data = depth < 8 ? unpacked(png) : png.data;
  if (channels > 2) {
    // 16 bits a colour are brought to 8, as viewers do; 16 bits of grey are the number of a class.
    const shift = depth === 16 ? 8 : 0;
    const part = (index: number) => (data[index] as number) >> shift;
    const colourAt = (pixel: number) => {
      const first = pixel * channels;
      return (part(first) << 16) | (part(first + 1) << 8) | part(first + 2);
    };
    return { height, width, ids: greyOf(height * width, colourAt), colourAt };
  }
  const ids =
    channels === 1 ? data : filled(new Uint16Array(height * width), (pixel) => data[pixel * channels] as number);
  const colours = palette?.map(([r = 0, g = 0, b = 0]) => (r << 16) | (g << 8) | b);
  const colourAt = (pixel: number) => {
    const id = ids[pixel] as number;
    return colours?.[id] ?? id * GREY;
  };
  return { height, width, ids, colourAt };
}

/** A grey as a colour, times its value. */
const GREY = 0x010101;

/** The greys of a picture that was saved in colour and has none; undefined if it has. */
function greyOf(pixels: number, colourAt: (pixel: number) => number): Uint8Array | undefined {
  const grey = new Uint8Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const colour = colourAt(pixel);
    const value = colour & 255;
    if (colour !== value * GREY) return undefined;
    grey[pixel] = value;
  }
  return grey;
}

function decoded(read: () => DecodedPng, file: string): DecodedPng {
  try {
    return read();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new GnSwapError('invalid-data', `the mask is not a PNG that can be read (${detail})`, {
      file,
      remedy: 'Save masks as PNG: other formats change the numbers of classes',
      cause,
    });
  }
}

/** Only a PNG has the numbers of classes as they were written, and is read alike everywhere. Others are told how to become one. */
function requireNoOther(bytes: Uint8Array, file: string): void {
  const [what] = OTHERS.find(([, is]) => is(bytes)) ?? [];
  if (what === undefined) return;
  const [, folder = '', ending = ''] = /^(.*?)[^\\/]*\.(\w+)$/.exec(file) ?? [];
  const pattern = `${folder}*.${ending}`;
  throw new GnSwapError('invalid-data', `the mask is not a PNG that can be read: it is ${what}`, {
    file,
    remedy: isJpeg(bytes)
      ? `If all are black and white, make PNGs of 0 and 1: ${converting(pattern, '.convert("L").point(lambda v: v // 128)')}; for several classes, docs/formats.md has a script`
      : `Make PNGs of them: ${converting(pattern)}`,
  });
}

const begins = (text: string) => (bytes: Uint8Array) =>
  Array.from(text).every((it, at) => bytes[at] === it.charCodeAt(0));
const OTHERS: readonly (readonly [string, (bytes: Uint8Array) => boolean])[] = [
  ['a JPEG, which blurs the numbers of classes', isJpeg],
  ['a TIFF', isTiff],
  ['a BMP', begins('BM')],
  ['a GIF', isGif],
  ['a WebP', begins('RIFF')],
];

/** A command that saves pictures beside themselves as PNG. Grey stays grey and a palette its places. */
function converting(pattern: string, change = ''): string {
  const script = `import glob; from PIL import Image; [Image.open(f)${change}.save(f.rsplit(".", 1)[0] + ".png") for f in glob.glob(${JSON.stringify(pattern)})]`;
  return `python3 -c ${quoted(script)}`;
}
