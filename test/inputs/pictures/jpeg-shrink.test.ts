/** JPEGs made smaller, against means written apart, and against libjpeg in sharp. */
import { expect } from 'chai';
import sharp from 'sharp';
import { isJpeg } from '../../../src/inputs/picture-kinds.ts';
import { fitted } from '../../../src/inputs/pictures/fitted.ts';
import { jpegShrink, shrunkJpeg } from '../../../src/inputs/pictures/jpeg-shrink.ts';
import { pixelsOf } from '../../../src/inputs/pictures/node.ts';
import type { Wanted } from '../../../src/inputs/pictures/types.ts';
import { pngs } from '../../support/pngs.ts';

const SIZE = { height: 300, width: 420 };

/** Fine and coarse waves, and squares, in three colours. */
function rgb(): Uint8Array {
  const data = new Uint8Array(SIZE.height * SIZE.width * 3);
  for (let y = 0, at = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++, at += 3) {
      data[at] = 128 + 90 * Math.sin(x / 5) + ((x * 7919 + y * 104_729) % 30);
      data[at + 1] = 120 + 90 * Math.cos((x + y) / 17);
      data[at + 2] = ((x >> 5) + (y >> 5)) % 2 === 0 ? 220 : 30;
    }
  }
  return data;
}

const JPEG = await sharp(rgb(), { raw: { ...SIZE, channels: 3 } })
  .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
  .toBuffer();
const DECODED = await sharp(JPEG).ensureAlpha().raw().toBuffer();

describe('a JPEG made smaller as libjpeg does it', () => {
  it('is of means of whole pixels', () => {
    for (const shrink of [2, 4] as const) {
      const { rgba, height, width } = shrunkJpeg(DECODED, SIZE, shrink);
      expect([height, width]).to.deep.equal([300 / shrink, 420 / shrink]);
      for (const [y, x, c] of [
        [0, 0, 0],
        [7, 31, 1],
        [height - 1, width - 1, 2],
      ] as const) {
        const parts = Array.from({ length: shrink * shrink }, (_, at) => {
          const [row, column] = [y * shrink + Math.floor(at / shrink), x * shrink + (at % shrink)];
          return DECODED[(row * SIZE.width + column) * 4 + c] as number;
        });
        const mean = parts.reduce((sum, it) => sum + it) / parts.length;
        expect(rgba[(y * width + x) * 4 + c], `1/${shrink}: ${x}, ${y}`).to.be.closeTo(mean, 0.5);
      }
    }
  });

  it('is as much smaller as sharp has it, if its sides divide', () => {
    const expected = { 1: 1, 3.99: 1, 4: 2, 7.99: 2, 8: 4, 15.99: 4, 16: 8, 100: 8 };
    for (const [factor, shrink] of Object.entries(expected))
      expect(jpegShrink({ height: 480, width: 640 }, Number(factor)), factor).to.equal(shrink);
    expect([4, 8, 16].map((factor) => jpegShrink({ height: 300, width: 420 }, factor))).to.deep.equal([2, 4, 1]);
    expect([4, 8, 16].map((factor) => jpegShrink({ height: 299, width: 420 }, factor))).to.deep.equal([1, 1, 1]);
  });

  for (const changes of [
    { height: 64, width: 64 },
    { height: 80, width: 80, fit: 'contain' },
    { height: 40, width: 40, fit: 'cover' },
    { height: 24, width: 24, channels: 1 },
    { height: 16, width: 16 },
    { height: undefined, width: 60 },
  ] as const satisfies readonly Partial<Wanted>[]) {
    it(`has the pixels of sharp but for rounding: ${JSON.stringify(changes)}`, async () => {
      const wanted: Wanted = { channels: 3, fit: 'fill', ...changes };
      const ours = fitted(DECODED, SIZE, wanted, true);
      const theirs = await pixelsOf(JPEG, wanted);
      expect([ours.height, ours.width]).to.deep.equal([theirs.height, theirs.width]);
      const off = Array.from(ours.data, (it, at) => Math.abs(it - (theirs.data[at] as number)));
      // Colours are rounded on the way to and from those of a JPEG.
      expect(off.reduce((sum, it) => sum + it, 0) / off.length).to.be.below(0.6);
      expect(Math.max(...off)).to.be.at.most(5);
    });
  }

  it('is told by its first bytes', async () => {
    expect(isJpeg(JPEG)).to.equal(true);
    expect(isJpeg(Uint8Array.of(0xff))).to.equal(false);
    for (const make of Object.values(pngs)) expect(isJpeg(await make())).to.equal(false);
  });
});
