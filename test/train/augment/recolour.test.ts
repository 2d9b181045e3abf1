/** Changed colours, against the formula on bytes, one step after the other, in float64. */
import { expect } from 'chai';
import type { ImageInput } from '../../../src/inputs/images.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { emptyLike, type Pixels, pixelsOf } from '../../../src/train/augment/pixels.ts';
import { recolour } from '../../../src/train/augment/recolour.ts';

const LUMA = [0.299, 0.587, 0.114];
const SIZE = { height: 12, width: 17 };
const AREA = SIZE.height * SIZE.width;

function input(of: Partial<ImageInput>): ImageInput {
  return {
    layout: 'nchw',
    channels: 3,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    scale: 1 / 255,
    reversed: false,
    ...of,
  } as ImageInput;
}

/** Position in the tensor of a colour (0 is red) of a pixel. */
function place(pixel: number, colour: number, { layout, reversed, channels }: ImageInput): number {
  const channel = reversed ? channels - 1 - colour : colour;
  return layout === 'nchw' ? channel * AREA + pixel : pixel * channels + channel;
}

function fed(bytes: readonly (readonly number[])[], image: ImageInput): Pixels {
  const { mean, std, scale, channels, layout, reversed, type } = image;
  const data = type === DataType.UINT8 ? new Uint8Array(AREA * channels) : new Float32Array(AREA * channels);
  for (const [pixel, colours] of bytes.entries()) {
    for (const [colour, byte] of colours.entries()) {
      const c = reversed ? channels - 1 - colour : colour;
      data[place(pixel, colour, image)] = (byte * scale - (mean[c] as number)) / (std[c] as number);
    }
  }
  const dims = layout === 'nchw' ? [channels, SIZE.height, SIZE.width] : [SIZE.height, SIZE.width, channels];
  return pixelsOf({ type: type ?? DataType.FLOAT, dims, data }, image) as Pixels;
}

describe('recolour', () => {
  it('changes bytes as the formula says, whatever they are fed as', () => {
    const random = new Random(3);
    const normalised = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    for (const [turn, of] of [
      {},
      normalised,
      { ...normalised, reversed: true },
      { ...normalised, layout: 'nhwc' as const, reversed: true },
      { mean: [123.7, 116.3, 103.5], std: [58.4, 57.1, 57.4], scale: 1 },
      { channels: 1 as const, mean: [0.5], std: [0.5] },
      { channels: 1 as const, mean: [0], std: [1], scale: 1, type: DataType.UINT8, layout: 'nhwc' as const },
      { type: DataType.UINT8, scale: 1 },
    ].entries()) {
      const image = input(of);
      const bytes = Array.from({ length: AREA }, () =>
        Array.from({ length: image.channels }, () => Math.floor(random.uniform() * 256)),
      );
      const change = {
        gain: 0.85 + 0.1 * (turn % 4),
        bias: 10 - 3 * turn,
        contrast: 1.2 - 0.05 * turn,
        saturation: 0.7 + 0.08 * turn,
      };
      const grey = (colours: readonly number[]) =>
        colours.length === 1
          ? (colours[0] as number)
          : colours.reduce((sum, byte, i) => sum + byte * (LUMA[i] as number), 0);
      const mean = bytes.reduce((sum, it) => sum + grey(it), 0) / AREA;
      const pixels = fed(bytes, image);
      const result = emptyLike(pixels.data);
      recolour(pixels, change, image, result);
      for (const [pixel, colours] of bytes.entries()) {
        for (const [colour, byte] of colours.entries()) {
          const paler = change.saturation * byte + (1 - change.saturation) * grey(colours);
          const wanted = change.gain * (mean + change.contrast * (paler - mean)) + change.bias;
          const c = image.reversed ? image.channels - 1 - colour : colour;
          const found =
            ((result[place(pixel, colour, image)] as number) * (image.std[c] as number) + (image.mean[c] as number)) /
            image.scale;
          const exact = image.type === DataType.UINT8 ? 0.501 : 1e-3;
          expect(found, `${turn}: ${pixel}, ${colour}`).to.be.closeTo(Math.min(255, Math.max(0, wanted)), exact);
        }
      }
    }
  });

  it('may write into the picture itself, and leaves it as it is where nothing changes', () => {
    const image = input({ mean: [0.4, 0.5, 0.6], std: [0.2, 0.2, 0.3] });
    const bytes = Array.from({ length: AREA }, (_, at) => [at % 256, (at * 7) % 256, (at * 31) % 256]);
    const [apart, itself] = [fed(bytes, image), fed(bytes, image)];
    const before = Array.from(apart.data);
    const change = { gain: 1.1, bias: -4, contrast: 0.9, saturation: 1.2 };
    const result = emptyLike(apart.data);
    recolour(apart, change, image, result);
    recolour(itself, change, image, itself.data);
    expect(Array.from(itself.data)).to.deep.equal(Array.from(result));
    expect(Array.from(apart.data)).to.deep.equal(before);
    recolour(apart, { gain: 1, bias: 0, contrast: 1, saturation: 1 }, image, result);
    for (const [at, value] of before.entries()) expect(result[at]).to.be.closeTo(value, 1e-6);
  });

  it('takes contrast about the mean of the whole picture, also of a large one with stripes', () => {
    // 512 × 512, of which one in 16 columns is white: every sixteenth pixel alone would be white, or black.
    const [side, image] = [512, input({ channels: 1, mean: [0], std: [1] })];
    const data = Float32Array.from({ length: side * side }, (_, at) => ((at % side) % 16 === 0 ? 1 : 0));
    const pixels = pixelsOf({ type: DataType.FLOAT, dims: [1, side, side], data }, image) as Pixels;
    const result = emptyLike(pixels.data);
    recolour(pixels, { gain: 1, bias: 0, contrast: 0.8, saturation: 1 }, image, result);
    // 1/16 + 0.8 · (1 − 1/16), and a fifth of 1/16.
    expect(result[0]).to.be.closeTo(0.8125, 0.01);
    expect(result[1]).to.be.closeTo(0.0125, 0.01);
  });
});
