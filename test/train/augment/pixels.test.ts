import { expect } from 'chai';
import type { ImageInput } from '../../../src/inputs/images.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { emptyLike, pixelsOf, settled } from '../../../src/train/augment/pixels.ts';

const input = (layout: 'nchw' | 'nhwc') => ({ layout }) as ImageInput;
const floats = (dims: readonly number[]): Value => ({
  type: DataType.FLOAT,
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, at) => at),
});

describe('the pixels of a tensor', () => {
  it('are found in every layout, with a batch of 1 or without', () => {
    for (const [layout, sides] of [
      ['nchw', [3, 4, 5]],
      ['nhwc', [4, 5, 3]],
    ] as const) {
      for (const dims of [sides, [1, ...sides]]) {
        const pixels = pixelsOf(floats(dims), input(layout));
        if (pixels === undefined) return expect.fail(`${layout} ${dims}`);
        const { channels, height, width, data, pixelStride, channelStride } = pixels;
        expect([channels, height, width]).to.deep.equal([3, 4, 5]);
        // Row 2, column 3, channel 1, as the shape says.
        const at = layout === 'nchw' ? 20 + 2 * 5 + 3 : (2 * 5 + 3) * 3 + 1;
        expect(data[(2 * width + 3) * pixelStride + channelStride]).to.equal(at);
      }
    }
  });

  it('may be one grey row or column: a batch of 1 is not taken for its channel', () => {
    expect(pixelsOf(floats([1, 1, 4, 5]), input('nchw'))).to.include({ channels: 1, height: 4, width: 5 });
    expect(pixelsOf(floats([1, 4, 5]), input('nchw'))).to.include({ channels: 1, height: 4, width: 5 });
    expect(pixelsOf(floats([1, 5, 1]), input('nhwc'))).to.include({ channels: 1, height: 1, width: 5 });
  });

  it('are not in batches of several, other ranks and other types', () => {
    expect(pixelsOf(floats([2, 3, 4, 5]), input('nchw'))).to.equal(undefined);
    expect(pixelsOf(floats([3, 4]), input('nchw'))).to.equal(undefined);
    const half = { type: DataType.FLOAT16, dims: [3, 1, 1], data: new Uint16Array(3) };
    expect(pixelsOf(half, input('nchw'))).to.equal(undefined);
  });

  it('of bytes are rounded and stay bytes; the tensor’s own are not copied', () => {
    const data = Uint8Array.from([9, 1, 2, 3]).subarray(1);
    const pixels = pixelsOf({ type: DataType.UINT8, dims: [1, 1, 3], data }, input('nchw'));
    expect(Array.from(pixels?.data ?? [])).to.deep.equal([1, 2, 3]);
    expect(pixels?.data.buffer).to.equal(data.buffer);
    const other = emptyLike(pixels?.data ?? new Float32Array());
    other.set([300, -4, 1.6]);
    expect(settled(other)).to.deep.equal(Uint8Array.from([255, 0, 2]));
    const own = new Float32Array([0.25, -1]);
    expect(settled(own)).to.equal(own);
    expect(emptyLike(own)).to.deep.equal(new Float32Array(2));
  });
});
