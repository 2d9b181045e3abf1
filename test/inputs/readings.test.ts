import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { imageInput, loadImage } from '../../src/inputs/images.ts';
import { doubled, halved, layoutOf, pictureInput, readAs, reversed } from '../../src/inputs/readings.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value } from '../../src/runtime/session.ts';

function picture(dims: readonly number[], data: readonly number[], type: DataType = DataType.FLOAT): Value {
  return { type, dims, data: type === DataType.UINT8 ? Uint8Array.from(data) : Float32Array.from(data) };
}

const numbers = (value: Value | undefined) => Array.from((value as Value).data as ArrayLike<number>);
const rising = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('readings of pictures', () => {
  describe('the input that pictures are fed to', () => {
    const inputOf = (...dims: readonly (number | undefined)[]) => {
      const net = new Net();
      return pictureInput(net.output(net.relu(net.input('x', dims))).model());
    };

    it('is the only one, of rank 4, with an open size where the model states none', () => {
      expect(inputOf(1, 3, 48, 192)).to.deep.equal({ name: 'x', isSizeOpen: false });
      expect(inputOf(undefined, 3, undefined, undefined)).to.deep.equal({ name: 'x', isSizeOpen: true });
      expect(inputOf(1, 3, 48, undefined)?.isSizeOpen).to.equal(false);
      expect(inputOf(1, undefined, undefined, 3)?.isSizeOpen).to.equal(true);
      expect(inputOf(1, 32, 32, 3)?.isSizeOpen).to.equal(false);
    });

    it('is none where the rank is another, or there are two', () => {
      expect(inputOf(1, 3, 48)).to.equal(undefined);
      const net = new Net();
      const sum = net.node('Add', [net.input('a', [1, 3, 4, 4]), net.input('b', [1, 3, 4, 4])]);
      expect(pictureInput(net.output(sum).model())).to.equal(undefined);
    });
  });

  it('sees pictures in 1 or 3 channels, first or last, in numbers that can be computed with', () => {
    const channelsOf = (...dims: number[]) => layoutOf(picture(dims, []))?.channels;
    expect([channelsOf(2, 3, 4, 5), channelsOf(2, 4, 5, 3), channelsOf(2, 1, 4, 5)]).to.deep.equal([3, 3, 1]);
    expect([channelsOf(2, 4, 4, 4), channelsOf(3, 4, 5)]).to.deep.equal([undefined, undefined]);
    expect(layoutOf({ ...picture([1, 3, 1, 1], []), type: DataType.FLOAT16 })).to.equal(undefined);
  });

  describe('in the other order', () => {
    it('swaps the first and the last channel of every picture', () => {
      expect(numbers(reversed(picture([2, 3, 1, 2], rising(12)), undefined))).to.deep.equal([
        ...[4, 5, 2, 3, 0, 1],
        ...[10, 11, 8, 9, 6, 7],
      ]);
      const last = reversed(picture([1, 2, 1, 3], rising(6), DataType.UINT8), undefined);
      expect(numbers(last)).to.deep.equal([2, 1, 0, 5, 4, 3]);
      expect(last?.data).to.be.instanceOf(Uint8Array);
    });

    it('is what the file would have been read as, normalised as the channels that they become', async () => {
      const { default: sharp } = await import('sharp');
      const raw = { width: 5, height: 3, channels: 3 } as const;
      const file = await sharp(
        Uint8Array.from(rising(45), (i) => (37 * i) % 256),
        { raw },
      )
        .png()
        .toBuffer();
      const net = new Net();
      const model = net.output(net.relu(net.input('x', [1, 3, 3, 5]))).model();
      const [mean, std] = [
        [0.4, 0.5, 0.6],
        [0.2, 0.3, 0.1],
      ];
      const [rgb, bgr] = await Promise.all(
        (['rgb', 'bgr'] as const).map((channelOrder) =>
          loadImage(file, imageInput(model, { mean, std, channelOrder })),
        ),
      );
      const found = numbers(reversed(rgb as Value, { mean, std }));
      // Float32 going there and back.
      for (const [i, value] of numbers(bgr).entries()) expect(found[i]).to.be.closeTo(value, 1e-5);
    });

    it('has none for a single channel', () => {
      expect(reversed(picture([1, 1, 2, 2], rising(4)), undefined)).to.equal(undefined);
    });
  });

  describe('at another size', () => {
    it('halves by means of 2×2, what is left over at the edge aside', () => {
      const half = halved(picture([1, 1, 3, 4], rising(12)), undefined);
      expect([half?.dims, numbers(half)]).to.deep.equal([
        [1, 1, 1, 2],
        [2.5, 4.5],
      ]);
      const last = halved(picture([1, 2, 2, 3], [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 15], DataType.UINT8), undefined);
      expect([last?.dims, numbers(last)]).to.deep.equal([
        [1, 1, 1, 3],
        [6, 7, 8],
      ]);
      expect(halved(picture([1, 1, 1, 4], rising(4)), undefined)).to.equal(undefined);
    });

    it('doubles bilinearly, as sampling at the centres of the new pixels does', () => {
      const [height, width] = [3, 4];
      const value = picture(
        [1, 3, height, width],
        rising(36).map((i) => (i * i) % 17),
      );
      const made = doubled(value, undefined);
      expect(made?.dims).to.deep.equal([1, 3, 6, 8]);
      const at = (c: number, y: number, x: number) => numbers(value)[(c * height + y) * width + x] as number;
      const sample = (c: number, y: number, x: number) => {
        const clamp = (v: number, most: number) => Math.min(Math.max(v, 0), most);
        const [cy, cx] = [clamp((y + 0.5) / 2 - 0.5, height - 1), clamp((x + 0.5) / 2 - 0.5, width - 1)];
        const [y0, x0] = [Math.floor(cy), Math.floor(cx)];
        const [y1, x1] = [Math.min(y0 + 1, height - 1), Math.min(x0 + 1, width - 1)];
        const top = at(c, y0, x0) * (1 - cx + x0) + at(c, y0, x1) * (cx - x0);
        const bottom = at(c, y1, x0) * (1 - cx + x0) + at(c, y1, x1) * (cx - x0);
        return top * (1 - cy + y0) + bottom * (cy - y0);
      };
      const expected = [0, 1, 2].flatMap((c) => rising(48).map((i) => sample(c, Math.floor(i / 8), i % 8)));
      for (const [i, value] of numbers(made).entries())
        expect(value, `${i}`).to.be.closeTo(expected[i] as number, 1e-5);
    });

    it('does the same to both layouts', () => {
      const first = picture(
        [2, 3, 4, 6],
        rising(144).map((i) => (i * 29) % 31),
      );
      const toLast = ({ dims, data }: Value): number[] => {
        const [n, c, h, w] = dims as [number, number, number, number];
        const own = data as ArrayLike<number>;
        return rising(n * h * w * c).map((i) => {
          const [channel, pixel] = [i % c, Math.floor(i / c)];
          const [place, count] = [pixel % (h * w), Math.floor(pixel / (h * w))];
          return own[(count * c + channel) * h * w + place] as number;
        });
      };
      const last = picture([2, 4, 6, 3], toLast(first));
      for (const reading of [reversed, halved, doubled]) {
        expect(numbers(reading(last, undefined))).to.deep.equal(toLast(reading(first, undefined) as Value));
      }
    });
  });

  it('is read sample by sample, and what is no picture as it was', async () => {
    const data = datasetOf({ x: picture([2, 3, 1, 1], rising(6)) });
    const other = readAs(data, { name: 'x', isSizeOpen: false }, reversed);
    expect([other.count, other.keyOf(0)]).to.deep.equal([2, '']);
    expect(numbers((await other.load(1)).x)).to.deep.equal([5, 4, 3]);
    const flat = datasetOf({ x: picture([2, 3], rising(6)) });
    expect(numbers((await readAs(flat, { name: 'x', isSizeOpen: false }, reversed).load(0)).x)).to.deep.equal([
      0, 1, 2,
    ]);
  });
});
