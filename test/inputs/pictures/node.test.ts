/** Pictures in Node: the numbers that training code sees. */
import { expect } from 'chai';
import sharp from 'sharp';
import { pixelsOf, sizeOf } from '../../../src/inputs/pictures/node.ts';
import type { Wanted } from '../../../src/inputs/pictures/types.ts';
import { rejection } from '../../support/errors.ts';
import { inkTiff, photos, picture, profiled } from '../../support/photos.ts';
import { SIDE, waves } from '../../support/pngs.ts';
import { tiffOf } from '../../support/tiffs.ts';

const OWN: Wanted = { channels: 3, height: undefined, width: undefined, fit: 'fill' };
const at = (side: number): Wanted => ({ ...OWN, height: side, width: side });

/** Mean difference of two lists of bytes. */
function off(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).to.equal(b.length);
  return Array.from(a, (it, index) => Math.abs(it - (b[index] as number))).reduce((sum, it) => sum + it, 0) / a.length;
}

/** A landscape of waves that fills its picture to the edges. */
function landscape(width: number, height: number): ReturnType<typeof sharp> {
  const data = new Uint8Array(width * height * 3);
  for (let index = 0; index < data.length; index++) {
    const [pixel, c] = [Math.floor(index / 3), index % 3];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    data[index] = 128 + 100 * Math.sin((x * (c + 3)) / 61) * Math.cos((y * (5 - c)) / 83);
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

describe('pictures in Node', () => {
  it('have the numbers of the file, whatever its colour profile says', async () => {
    const { plain, file } = await profiled();
    expect((await sharp(file).metadata()).icc?.length).to.be.above(100);
    expect(off((await pixelsOf(file, OWN)).data, (await pixelsOf(plain, OWN)).data)).to.equal(0);
    // PNG of 8 bits, and of 16 whose upper half it is.
    const values = waves(3) as Uint8Array;
    const wide = Uint16Array.from(values, (it) => it * 257);
    const png = await sharp(wide, { raw: { width: SIDE, height: SIDE / 2, channels: 3 } })
      .toColourspace('rgb16')
      .keepMetadata()
      .png()
      .toBuffer();
    expect(off((await pixelsOf(png, OWN)).data, values)).to.equal(0);
  });

  it('are refused where a TIFF holds other numbers than brightness, or more channels than colours', async () => {
    const size = { height: 4, width: 4 };
    for (const type of ['float32', 'int16', 'uint32'] as const) {
      for (const channels of [1, 3]) {
        const file = tiffOf({ ...size, channels, type }, (index) => index / 48);
        for (const read of [pixelsOf(file, OWN), sizeOf(file)]) {
          expect(await rejection(read)).to.include({
            code: 'invalid-data',
            message: `it holds ${type}, and pictures are read in 8 or 16 bits`,
            remedy: 'Save its numbers as .npy, in the shape of the model’s input',
          });
        }
      }
    }
    for (const channels of [5, 8]) {
      const file = tiffOf({ ...size, channels, type: 'uint16' }, (index) => index);
      const message = `it has ${channels} channels, and pictures have 1 or 3`;
      expect(await rejection(sizeOf(file))).to.include({ code: 'invalid-data', message });
    }
    // Of 8 bits, and the upper half of 16; a fourth channel is transparency.
    for (const channels of [3, 4]) {
      const bytes = Array.from({ length: 16 * channels }, (_, index) => 3 * index);
      const colours = bytes.filter((_, index) => index % channels < 3);
      const narrow = tiffOf({ ...size, channels, type: 'uint8' }, (index) => bytes[index] as number);
      const wide = tiffOf({ ...size, channels, type: 'uint16' }, (index) => 257 * (bytes[index] as number));
      for (const file of [narrow, wide]) expect(off((await pixelsOf(file, OWN)).data, colours)).to.equal(0);
    }
  });

  it('of four inks are the light that they leave', async () => {
    const ink = Uint8Array.from({ length: 6 * 5 * 4 }, (_, index) => (index * 37) % 256);
    const { data, height, width } = await pixelsOf(inkTiff(ink, 6), OWN);
    expect([height, width]).to.deep.equal([5, 6]);
    const expected = Array.from({ length: 6 * 5 * 3 }, (_, index) => {
      const [pixel, c] = [Math.floor(index / 3), index % 3];
      return Math.round((255 - (ink[4 * pixel + c] as number)) * (1 - (ink[4 * pixel + 3] as number) / 255));
    });
    expect(Array.from(data)).to.deep.equal(expected);
    expect((await pixelsOf(inkTiff(ink, 6), { ...OWN, channels: 1 })).data).to.have.length(30);
  });

  it('in grey weigh the bytes, not the light', async () => {
    const red = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#ff0000' } })
      .png()
      .toBuffer();
    expect(new Set(Array.from((await pixelsOf(red, { ...OWN, channels: 1 })).data))).to.deep.equal(new Set([76]));
  });

  it('lie in the input as they are whole, also if a JPEG does not divide', async () => {
    // 8 · 75 + 7 columns: libjpeg's eighth of them would be 75 whole ones, and lack the last seven.
    for (const [width, height] of [
      [607, 455],
      [600, 456],
      [1283, 961],
    ] as const) {
      const jpeg = await landscape(width, height).jpeg({ quality: 95 }).toBuffer();
      const png = await sharp(jpeg).png().toBuffer();
      for (const side of [96, 64, 24]) {
        const [ours, theirs] = [await pixelsOf(jpeg, at(side)), await pixelsOf(png, at(side))];
        expect(off(ours.data, theirs.data), `${width}×${height} at ${side}`).to.be.below(0.9);
      }
    }
  });

  it('of WebP are made smaller as others are', async () => {
    const webp = await landscape(400, 300).webp({ quality: 90 }).toBuffer();
    const png = await sharp(webp).png().toBuffer();
    expect(off((await pixelsOf(webp, at(96))).data, (await pixelsOf(png, at(96))).data)).to.equal(0);
  });

  for (const [name, make] of Object.entries(photos)) {
    it(`have one size, with and without their pixels: ${name}`, async () => {
      const file = await make();
      const { height, width, data } = await pixelsOf(file, OWN);
      expect(await sizeOf(file)).to.deep.equal({ height, width });
      expect(data).to.have.length(height * width * 3);
    });
  }

  it('are refused if they are none', async () => {
    for (const file of [new Uint8Array(), Uint8Array.of(1, 2, 3), (await picture().png().toBuffer()).subarray(0, 20)]) {
      expect(await pixelsOf(file, OWN).then(() => 'read', String)).to.match(/^Error: /);
      expect(await sizeOf(file).then(() => 'read', String)).to.match(/^Error: /);
    }
  });
});
