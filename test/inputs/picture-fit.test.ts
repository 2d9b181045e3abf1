import { expect } from 'chai';
import sharp from 'sharp';
import { type ImageInput, imageInput, loadImage, pictureSize } from '../../src/inputs/images.ts';
import { placementOf } from '../../src/inputs/picture-fit.ts';
import { rejection } from '../support/errors.ts';
import { pictureModel } from '../support/labelled.ts';

/** A white picture, so that padding is what is black. */
function white(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
}

function input(fit: 'stretch' | 'contain' | 'cover', height = 48, width = 64): ImageInput {
  return imageInput(pictureModel(['N', 1, height, width]), { fit });
}

describe('placementOf', () => {
  it('is where sharp puts a picture, with padding', async () => {
    for (const [width, height] of [
      [64, 48],
      [100, 30],
      [101, 30],
      [30, 101],
      [31, 97],
      [7, 200],
      [33, 47],
      [65, 48],
      [1, 300],
      [640, 427],
    ] as const) {
      const image = input('contain');
      const { left, top, ...size } = placementOf({ width, height }, image);
      const { data } = await loadImage(await white(width, height), image);
      const lit = Array.from(data as Float32Array, (value, at) => (value > 0.5 ? at : -1)).filter((at) => at >= 0);
      const [xs, ys] = [lit.map((at) => at % 64), lit.map((at) => Math.floor(at / 64))];
      const seen = { left: Math.min(...xs), top: Math.min(...ys) };
      expect({ left, top, ...size }, `${width}×${height}`).to.deep.equal({
        ...seen,
        width: Math.max(...xs) + 1 - seen.left,
        height: Math.max(...ys) + 1 - seen.top,
        input: { width: 64, height: 48 },
      });
    }
  });

  it('is where sharp cuts a picture', async () => {
    // Each column, or row, of the picture has a grey of its own, and the input is as high, or wide: so nothing is interpolated.
    for (const extra of [1, 2, 7, 36]) {
      const width = 64 + extra;
      const raw = Buffer.from(Array.from({ length: 48 * width }, (_, at) => (at % width) * 2));
      const png = await sharp(raw, { raw: { width, height: 48, channels: 1 } })
        .png()
        .toBuffer();
      const { left, ...rest } = placementOf({ width, height: 48 }, input('cover'));
      const { data } = await loadImage(png, { ...input('cover'), scale: 1 });
      expect({ left, ...rest }, `${width}`).to.deep.equal({
        left: -(data[0] as number) / 2,
        top: 0,
        width,
        height: 48,
        input: { height: 48, width: 64 },
      });
    }
  });

  it('is the whole input when stretched, and the picture itself at its own size', () => {
    const whole = { left: 0, top: 0, width: 64, height: 48, input: { width: 64, height: 48 } };
    expect(placementOf({ width: 10, height: 90 }, input('stretch'))).to.deep.equal(whole);
    const free = imageInput(pictureModel(['N', 3, 'H', 'W']), { fit: 'contain' });
    const own = { left: 0, top: 0, width: 10, height: 90, input: { width: 10, height: 90 } };
    expect(placementOf({ width: 10, height: 90 }, free)).to.deep.equal(own);
  });
});

describe('pictureSize', () => {
  it('is that of the picture as it is looked at', async () => {
    expect(await pictureSize(await white(30, 20))).to.deep.equal({ width: 30, height: 20 });
    const turned = await sharp(await white(30, 20))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect(await pictureSize(turned)).to.deep.equal({ width: 20, height: 30 });
  });

  it('refuses files that are cut off, whose header can still be read', async () => {
    const picture = sharp(await white(90, 70));
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const file = await picture.clone().toFormat(format).toBuffer();
      expect(await pictureSize(file), format).to.deep.equal({ width: 90, height: 70 });
      const error = await rejection(pictureSize(file.subarray(0, file.length - 3)));
      expect([error.code, error.message], format).to.deep.equal([
        'invalid-data',
        'its end is missing: the file is cut off',
      ]);
    }
    // Cameras write more behind the end.
    const padded = Buffer.concat([await picture.clone().jpeg().toBuffer(), Buffer.alloc(1000)]);
    expect(await pictureSize(padded)).to.deep.equal({ width: 90, height: 70 });
    for (const format of ['tiff', 'gif'] as const) {
      const file = await picture.clone().toFormat(format).toBuffer();
      expect(await pictureSize(file), format).to.deep.equal({ width: 90, height: 70 });
    }
    expect((await rejection(pictureSize(Buffer.from('text')))).code).to.equal('invalid-data');
  });
});
