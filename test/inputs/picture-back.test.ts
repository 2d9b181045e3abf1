import { expect } from 'chai';
import sharp from 'sharp';
import { imageInput, loadImage } from '../../src/inputs/images.ts';
import { pictureOf } from '../../src/inputs/picture-back.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { pictureModel } from '../support/labelled.ts';

const random = new Random(3);
const bytes = Uint8Array.from({ length: 6 * 8 * 3 }, () => random.integer(256));

describe('pictureOf', () => {
  for (const [how, options] of Object.entries({
    plain: {},
    normalised: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    'bgr, from 0 to 255': { channelOrder: 'bgr', scale: 1 },
    'channels last': { layout: 'nhwc' },
  } as const)) {
    it(`gives back the pixels of a picture that was fed: ${how}`, async () => {
      const dims = how === 'channels last' ? ['N', 6, 8, 3] : ['N', 3, 6, 8];
      const image = imageInput(pictureModel(dims), options);
      const file = await sharp(bytes, { raw: { width: 8, height: 6, channels: 3 } })
        .png()
        .toBuffer();
      const value = await loadImage(file, image);
      const picture = pictureOf({ x: value }, image, 100);
      expect([picture?.width, picture?.height]).to.deep.equal([8, 6]);
      expect([...(picture?.rgb ?? [])]).to.deep.equal([...bytes]);
    });
  }

  it('is at most as large as asked: each pixel is the mean of those it stands for', () => {
    const data = Float32Array.from([0, 0, 4, 4, 0, 0, 4, 4]);
    const picture = pictureOf({ x: { type: DataType.FLOAT, dims: [1, 1, 2, 4], data } }, undefined, 2);
    expect(picture).to.deep.equal({ width: 2, height: 1, rgb: Uint8Array.from([0, 0, 0, 255, 255, 255]) });
  });

  it('is not there for what is not one picture', () => {
    const of = (dims: number[]) => ({
      type: DataType.FLOAT,
      dims,
      data: new Float32Array(dims.reduce((a, b) => a * b, 1)),
    });
    expect(pictureOf({ x: of([1, 5, 4, 4]) }, undefined, 9)).to.equal(undefined);
    expect(pictureOf({ x: of([1, 9]) }, undefined, 9)).to.equal(undefined);
    expect(pictureOf({ x: of([1, 3, 4, 4]), y: of([1]) }, undefined, 9)).to.equal(undefined);
  });
});
