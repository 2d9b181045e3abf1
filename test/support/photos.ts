/** Pictures as cameras, phones and print shops save them. */
import sharp, { type Sharp } from 'sharp';
import { SIDE, waves } from './pngs.ts';

const SIZE = { width: SIDE, height: SIDE / 2 };

export const picture = (channels: 3 | 4 = 3): Sharp => sharp(waves(channels), { raw: { ...SIZE, channels } });

/** A JPEG, and the same with a colour profile in it, which says that its colours are those of Display P3. */
export async function profiled(): Promise<{ plain: Buffer; file: Buffer }> {
  const { icc } = await sharp(await picture().withIccProfile('p3').png().toBuffer()).metadata();
  const plain = await picture().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  const body = Buffer.concat([Buffer.from('ICC_PROFILE\0\u0001\u0001', 'latin1'), icc as Buffer]);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe2, (body.length + 2) >> 8, (body.length + 2) & 255]), body]);
  return { plain, file: Buffer.concat([plain.subarray(0, 2), segment, plain.subarray(2)]) };
}

/** A TIFF of four inks, byte by byte. */
export function inkTiff(ink: Uint8Array, width: number): Uint8Array {
  const entries = [
    [256, 3, 1, width],
    [257, 3, 1, ink.length / 4 / width],
    [258, 3, 4, 150],
    [259, 3, 1, 1],
    [262, 3, 1, 5],
    [273, 4, 1, 200],
    [277, 3, 1, 4],
    [278, 3, 1, ink.length / 4 / width],
    [279, 4, 1, ink.length],
    [332, 3, 1, 1],
  ] as const;
  const file = Buffer.alloc(200 + ink.length);
  file.write('II*\0\u0008\0\0\0', 'latin1');
  file.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + 12 * index;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  // Eight bits for each ink.
  for (let at = 150; at < 158; at += 2) file.writeUInt16LE(8, at);
  file.set(ink, 200);
  return file;
}

const turned = (orientation: number) => picture().withMetadata({ orientation });

/** By what they are; those that a browser reads to the very numbers of Node. */
export const photos: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'a JPEG with a profile': async () => (await profiled()).file,
  'a PNG with a profile': () => picture().withIccProfile('p3').png().toBuffer(),
  'a WebP with a profile': () => picture().withIccProfile('p3').webp({ lossless: true }).toBuffer(),
  'a PNG of 16 bits with a profile': () => picture().toColourspace('rgb16').withIccProfile('p3').png().toBuffer(),
  'a JPEG of four inks': () => picture().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
  'a WebP with transparency': () => picture(4).webp({ lossless: true, exact: true }).toBuffer(),
  'a lossy WebP with transparency': () => picture(4).webp({ quality: 90, exact: true }).toBuffer(),
  'a PNG with transparency on its side': () => picture(4).withMetadata({ orientation: 6 }).png().toBuffer(),
  'a GIF': () => picture().gif().toBuffer(),
  ...Object.fromEntries(
    [2, 3, 4, 5, 6, 7, 8].flatMap((way) => [
      [`a WebP of orientation ${way}`, () => turned(way).webp({ lossless: true }).toBuffer()],
      [`a JPEG of orientation ${way}`, () => turned(way).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
    ]),
  ),
};
