import { expect } from 'chai';
import sharp from 'sharp';
import { type Dims, Net } from '../../fixtures/build.ts';
import { describePictures, IMAGE_FILES, type ImageOptions, imageInput, loadImage } from '../../src/inputs/images.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { rejection, thrown } from '../support/errors.ts';

/** A model that is fed pictures of the given dimensions. */
function model(dims: Dims, type: DataType = DataType.FLOAT): Model {
  const net = new Net();
  return net.output(net.relu(net.input('x', dims, type))).model();
}

/** Two rows of two pixels: red, green / blue, (10, 20, 30). */
const PIXELS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [10, 20, 30],
] as const;

function png(pixels: readonly (readonly number[])[] = PIXELS, width = 2): Promise<Buffer> {
  const raw = { width, height: pixels.length / width, channels: (pixels[0]?.length ?? 3) as 1 | 3 | 4 };
  return sharp(Buffer.from(pixels.flat()), { raw }).png().toBuffer();
}

/** What a picture becomes for a model of these dimensions. */
async function fed(file: Uint8Array, dims: Dims, options: ImageOptions = {}, type: DataType = DataType.FLOAT) {
  const value = await loadImage(file, imageInput(model(dims, type), options));
  return { ...value, data: Array.from(value.data as ArrayLike<number>) };
}

/** As float32 holds them. */
function rounded(values: readonly number[]): number[] {
  return Array.from(Float32Array.from(values));
}

/** One plane a channel. */
const RED = [255, 0, 0, 10];
const GREEN = [0, 255, 0, 20];
const BLUE = [0, 0, 255, 30];

describe('imageInput', () => {
  it('takes the size of the model where it is fixed, and of --size where not', () => {
    const size = { height: 32, width: 64 };
    expect(imageInput(model(['N', 3, 48, 192]))).to.include({ name: 'x', height: 48, width: 192, layout: 'nchw' });
    expect(imageInput(model(['N', 3, 'H', 'W']), { size })).to.include(size);
    expect(imageInput(model(['N', 3, 32, 'W']), { size })).to.include(size);
    expect(imageInput(model(['N', 3, 'H', 'W']))).to.include({ height: undefined, width: undefined });
    expect(imageInput(model(undefined), { size })).to.include({ ...size, channels: 3, layout: 'nchw' });
  });

  it('tells NHWC from NCHW by where the channels are, unless told', () => {
    expect(imageInput(model([1, 32, 64, 3]))).to.include({ layout: 'nhwc', channels: 3, height: 32, width: 64 });
    expect(imageInput(model([1, 32, 64, 1]))).to.include({ layout: 'nhwc', channels: 1 });
    expect(imageInput(model([1, 3, 64, 3]))).to.include({ layout: 'nchw', height: 64, width: 3 });
    expect(imageInput(model([1, 3, 64, 3]), { layout: 'nhwc' })).to.include({ layout: 'nhwc', height: 3, width: 64 });
  });

  it('scales bytes by 1/255, unless the model takes bytes', () => {
    expect(imageInput(model([1, 3, 2, 2])).scale).to.equal(1 / 255);
    expect(imageInput(model([1, 3, 2, 2], DataType.UINT8)).scale).to.equal(1);
    expect(imageInput(model([1, 3, 2, 2]), { scale: 2 }).scale).to.equal(2);
  });

  it('spreads one mean over the channels', () => {
    const { mean, std } = imageInput(model([1, 3, 2, 2]), { mean: [0.5], std: [1, 2, 3] });
    expect({ mean, std }).to.deep.equal({ mean: [0.5, 0.5, 0.5], std: [1, 2, 3] });
  });

  const REFUSED: readonly (readonly [string, Dims, ImageOptions, string, RegExp])[] = [
    [
      '--size against a fixed height',
      [1, 3, 48, 'W'],
      { size: { height: 32, width: 9 } },
      'invalid-arguments',
      /height of 32; the model takes only 48/,
    ],
    [
      '--size against a fixed width',
      [1, 3, 'H', 48],
      { size: { height: 9, width: 32 } },
      'invalid-arguments',
      /width of 32; the model takes only 48/,
    ],
    [
      'two means for three channels',
      [1, 3, 2, 2],
      { mean: [1, 2] },
      'invalid-arguments',
      /--mean has 2 numbers; the model has 3 channels/,
    ],
    [
      'three deviations for grey',
      [1, 1, 2, 2],
      { std: [1, 2, 3] },
      'invalid-arguments',
      /--std has 3 numbers; the model has 1 channels/,
    ],
    ['a model of sixteen channels', [1, 16, 2, 2], {}, 'invalid-data', /16 channels as nchw; pictures have 1 or 3/],
    ['a layout that has no place for channels', [1, 3, 8, 8], { layout: 'nhwc' }, 'invalid-data', /8 channels as nhwc/],
    ['an input that is no picture', [1, 12], {}, 'invalid-data', /does not take pictures/],
  ];
  for (const [what, dims, options, code, message] of REFUSED) {
    it(`refuses ${what}, and says what to do`, () => {
      const error = thrown(() => imageInput(model(dims), options));
      expect(error).to.include({ code });
      expect(error.message).to.match(message);
      expect(error.remedy).to.be.a('string');
    });
  }

  it('refuses integers that are no bytes, and a model of two inputs, which it names', () => {
    expect(thrown(() => imageInput(model([1, 3, 2, 2], DataType.INT64))).message).to.match(/does not take pictures/);
    const net = new Net();
    net.output(net.node('Add', [net.input('a', [1, 3, 2, 2]), net.input('b', [1, 3, 2, 2])]));
    expect(thrown(() => imageInput(net.model())).message).to.include('2 inputs ("a", "b")');
  });
});

describe('loadImage', () => {
  it('makes planes of colours between 0 and 1', async () => {
    const { dims, data, type } = await fed(await png(), ['N', 3, 2, 2]);
    expect({ dims, type }).to.deep.equal({ dims: [1, 3, 2, 2], type: DataType.FLOAT });
    expect(data).to.deep.equal(rounded([...RED, ...GREEN, ...BLUE].map((it) => it / 255)));
  });

  it('subtracts the mean and divides by the deviation of each channel, after scaling', async () => {
    const options = { scale: 2, mean: [1, 2, 3], std: [10, 20, 40] };
    const { data } = await fed(await png(), ['N', 3, 2, 2], options);
    const of = (plane: readonly number[], c: number) =>
      plane.map((it) => (it * 2 - (options.mean[c] as number)) / (options.std[c] as number));
    expect(data).to.deep.equal(rounded([...of(RED, 0), ...of(GREEN, 1), ...of(BLUE, 2)]));
  });

  it('puts blue first where the model was trained so, and takes means in that order', async () => {
    const { data } = await fed(await png(), ['N', 3, 2, 2], { scale: 1, channelOrder: 'bgr', mean: [1, 2, 3] });
    expect(data).to.deep.equal([...BLUE.map((it) => it - 1), ...GREEN.map((it) => it - 2), ...RED.map((it) => it - 3)]);
  });

  it('keeps the channels of a pixel together for NHWC', async () => {
    const { dims, data } = await fed(await png(), ['N', 2, 2, 3], { scale: 1 });
    expect(dims).to.deep.equal([1, 2, 2, 3]);
    expect(data).to.deep.equal(PIXELS.flat());
    const bgr = await fed(await png(), ['N', 2, 2, 3], { scale: 1, channelOrder: 'bgr' });
    expect(bgr.data).to.deep.equal(PIXELS.flatMap((pixel) => pixel.toReversed()));
  });

  it('feeds bytes to a model that takes them, rounded and within their range', async () => {
    const plain = await fed(await png(), ['N', 3, 2, 2], {}, DataType.UINT8);
    expect(plain).to.deep.include({ type: DataType.UINT8, data: [...RED, ...GREEN, ...BLUE] });
    const shifted = await fed(await png(), ['N', 3, 2, 2], { mean: [12.4], std: [0.5] }, DataType.UINT8);
    expect(shifted.data.slice(0, 4)).to.deep.equal([255, 0, 0, 0]);
    expect(shifted.data.slice(8)).to.deep.equal([0, 0, 255, Math.round((30 - 12.4) / 0.5)]);
  });

  it('makes grey of colours, and colours of grey', async () => {
    const grey = await png([[0], [100], [200], [255]]);
    expect((await fed(grey, ['N', 1, 2, 2], { scale: 1 })).data).to.deep.equal([0, 100, 200, 255]);
    const three = await fed(grey, ['N', 3, 2, 2], { scale: 1 });
    expect(three.data).to.deep.equal([0, 100, 200, 255, 0, 100, 200, 255, 0, 100, 200, 255]);
    const one = await fed(await png(PIXELS.map(() => [80, 80, 80])), ['N', 1, 2, 2], { scale: 1 });
    expect(one.data).to.deep.equal([80, 80, 80, 80]);
  });

  it('leaves transparency out, and reads 16 bits as 8', async () => {
    const clear = await png(PIXELS.map((pixel) => [...pixel, 128]));
    expect((await fed(clear, ['N', 3, 2, 2], { scale: 1 })).data).to.deep.equal([...RED, ...GREEN, ...BLUE]);
    const deep = await sharp(await png())
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await fed(deep, ['N', 3, 2, 2], { scale: 1 })).data).to.deep.equal([...RED, ...GREEN, ...BLUE]);
  });

  it('turns a picture upright as its EXIF data say, also where the size is its own', async () => {
    // Orientation 6: what is stored must be turned by 90° clockwise, so the left column becomes the first row.
    const lying = await sharp(
      await png(
        [
          [10, 10, 10],
          [20, 20, 20],
        ],
        1,
      ),
    )
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const { dims, data } = await fed(lying, ['N', 3, 'H', 'W'], { scale: 1 });
    expect(dims).to.deep.equal([1, 3, 1, 2]);
    expect(data.slice(0, 2)).to.deep.equal([20, 10]);
  });

  it('stretches by default, pads with black for contain, crops for cover', async () => {
    // White, 4 pixels wide and 2 high, for an input that is square.
    const wide = await png(new Array(8).fill([255, 255, 255]), 4);
    const rows = async (fit?: ImageOptions['fit']) => {
      const { data } = await fed(wide, ['N', 3, 4, 4], { scale: 1, fit });
      return [0, 1, 2, 3].map((row) => data.slice(4 * row, 4 * row + 4));
    };
    const white = [255, 255, 255, 255];
    const black = [0, 0, 0, 0];
    expect(await rows()).to.deep.equal([white, white, white, white]);
    expect(await rows('stretch')).to.deep.equal(await rows());
    expect(await rows('cover')).to.deep.equal([white, white, white, white]);
    expect(await rows('contain')).to.deep.equal([black, white, white, black]);
  });

  it('crops the middle for cover', async () => {
    // Columns of 0, 0, 255, 255, 0, 0, one pixel high: the middle two are what a 1 × 2 input sees.
    const striped = await png(
      [0, 0, 255, 255, 0, 0].map((v) => [v, v, v]),
      6,
    );
    const { data } = await fed(striped, ['N', 3, 1, 2], { scale: 1, fit: 'cover' });
    expect(data).to.deep.equal([255, 255, 255, 255, 255, 255]);
  });

  for (const [what, bytes] of [
    ['text', Buffer.from('not a picture')],
    ['nothing', Buffer.alloc(0)],
  ] as const) {
    it(`says that ${what} is no picture, whether or not the size is known`, async () => {
      for (const dims of [
        ['N', 3, 2, 2],
        ['N', 3, 'H', 'W'],
      ] as const) {
        const error = await rejection(fed(bytes, dims));
        expect(error).to.include({ code: 'invalid-data' });
        expect(error.message).to.match(/cannot be read as a picture/);
      }
    });
  }

  it('says so of a picture that is cut off', async () => {
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#f80' } })
      .jpeg()
      .toBuffer();
    const error = await rejection(fed(whole.subarray(0, whole.length / 2), ['N', 3, 8, 8]));
    expect(error).to.include({ code: 'invalid-data' });
  });
});

describe('IMAGE_FILES', () => {
  it('knows pictures by their endings, in any case', () => {
    for (const name of [
      'a.jpg',
      'a.JPEG',
      'a.jpe',
      'a.png',
      'a.webp',
      'a.tif',
      'a.TIFF',
      'a.avif',
      'a.gif',
      'a.heif',
    ]) {
      expect(IMAGE_FILES.test(name), name).to.equal(true);
    }
    for (const name of ['a.npy', 'a.png.txt', 'png', 'a.jpgx']) expect(IMAGE_FILES.test(name), name).to.equal(false);
  });
});

describe('describePictures', () => {
  const described = (dims: Dims, options: ImageOptions = {}, type?: DataType) =>
    describePictures(imageInput(model(dims, type), options));

  it('tells size, fit, colours and numbers, as they were chosen or left', () => {
    expect(described(['N', 3, 48, 192])).to.equal('48×192 (stretched), rgb, byte/255');
    expect(described(['N', 3, undefined, undefined], { fit: 'cover' })).to.equal('their own size, rgb, byte/255');
    expect(described(['N', 3, 32, undefined], { channelOrder: 'bgr', mean: [0.5, 0.4, 0.3], std: [0.2] })).to.equal(
      '32×any (stretched), bgr, (byte/255 − [0.5, 0.4, 0.3])/0.2',
    );
    expect(described(['N', 1, 8, 8], { scale: 0.4 })).to.equal('8×8 (stretched), grey, byte · 0.4');
    expect(described(['N', 3, undefined, undefined], { squares: true })).to.equal(
      'squares of up to 640×640 (contain), rgb, byte/255',
    );
    expect(described(['N', 3, 32, 32], { squares: true })).to.equal('32×32 (stretched), rgb, byte/255');
    expect(described(['N', 3, 8, 8], { std: [0.2], mean: [0, 0.1, 0] })).to.match(
      /, \(byte\/255 − \[0, 0\.1, 0\]\)\/0\.2$/,
    );
    expect(described(['N', 3, 8, 8], { std: [2] })).to.match(/, \(byte\/255\)\/2$/);
    expect(described(['N', 8, 8, 3], {}, DataType.UINT8)).to.equal('8×8 (stretched), rgb, byte');
  });
});
