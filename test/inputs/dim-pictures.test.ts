import { expect } from 'chai';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { requireLight } from '../../src/inputs/dim-pictures.ts';
import { imageInput } from '../../src/inputs/images.ts';
import { openData } from '../../src/inputs/open.ts';
import { rejection } from '../support/errors.ts';
import { MemoryFiles } from '../support/files.ts';
import { openFiles, pictureModel } from '../support/labelled.ts';

const SIDE = 6;
/** Numbers up to some value. */
const numbers = (largest: number) =>
  Uint16Array.from({ length: SIDE * SIDE }, (_, at) => (largest * at) / (SIDE * SIDE - 1));
const png = (largest: number, depth: 8 | 16 = 16) => {
  const data = depth === 16 ? numbers(largest) : Uint8Array.from(numbers(largest));
  return encode({ width: SIDE, height: SIDE, channels: 1, depth, data });
};
const tiff = (largest: number) =>
  sharp(numbers(largest), { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('grey16')
    .tiff({ compression: 'none' })
    .toBuffer();

const MESSAGE =
  'its pictures would be black: of their 16 bits the upper eight are read, and no number in them is above 4095';

async function refusal(files: Readonly<Record<string, Uint8Array>>): Promise<string | undefined> {
  try {
    await requireLight(Object.keys(files), imageInput(pictureModel()), new MemoryFiles(files));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('pictures of 16 bits', () => {
  it('are refused if all would be black, as those of 12 bits', async () => {
    expect(await refusal({ 'a.png': png(4095), 'b.png': png(255) })).to.equal(MESSAGE);
    expect(await refusal({ 'a.png': png(4095), 'b.png': png(65535) })).to.equal(undefined);
    expect(await refusal({ 'a.png': png(6000) })).to.equal(undefined);
    expect(await refusal({ 'a.tif': await tiff(4095) })).to.equal(MESSAGE);
    expect(await refusal({ 'a.tif': await tiff(30000) })).to.equal(undefined);
  });

  it('are looked at from the first to the last: a class may be dark', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [`${at}.png`, png(at < 20 ? 2000 : 65535)] as const),
    );
    expect(await refusal(files)).to.equal(undefined);
  });

  it('are told from dark ones of 8 bits', async () => {
    expect(await refusal({ 'a.png': png(9, 8) })).to.equal(undefined);
    expect(await refusal({})).to.equal(undefined);
    expect(await refusal({ 'a.png': png(200).subarray(0, 60) }), 'damaged').to.equal(undefined);
    const dark = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#010101' } })
      .tiff()
      .toBuffer();
    expect(await refusal({ 'a.tif': dark })).to.equal(undefined);
  });

  it('are refused where data are opened, with labels or without', async () => {
    const files = { 'd/a/1.png': png(4095), 'd/b/2.png': png(4000) };
    const error = await rejection(openFiles(files, { task: 'classify' }));
    expect([error.file, error.message]).to.deep.equal(['d/a/1.png', MESSAGE]);
    const data = openData('d', pictureModel(), { samples: 8, seed: 0 }, new MemoryFiles(files));
    expect((await rejection(data)).message).to.equal(MESSAGE);
  });
});
