/** Moved pixels, against interpolation in float64 written apart: a sum over all pixels of a tent around the place that they come from. */
import { expect } from 'chai';
import type { ImageInput } from '../../../src/inputs/images.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Affine, IDENTITY } from '../../../src/train/augment/affine.ts';
import { type Pixels, pixelsOf } from '../../../src/train/augment/pixels.ts';
import { warped } from '../../../src/train/augment/warp.ts';

const [HEIGHT, WIDTH] = [9, 13];

function picture(layout: 'nchw' | 'nhwc', channels: number, type: 'float' | 'bytes', random: Random): Pixels {
  const numbers = Array.from({ length: HEIGHT * WIDTH * channels }, () => random.uniform() * 255);
  const dims = layout === 'nchw' ? [channels, HEIGHT, WIDTH] : [HEIGHT, WIDTH, channels];
  const data = type === 'float' ? Float32Array.from(numbers) : Uint8Array.from(numbers);
  const value = { type: type === 'float' ? DataType.FLOAT : DataType.UINT8, dims, data };
  return pixelsOf(value, { layout } as ImageInput) as Pixels;
}

/** Solves the map for the point that goes to x, y (Cramer's rule), and sums the tents. */
function expectedAt(
  { data, pixelStride, channelStride }: Pixels,
  map: Affine,
  c: number,
  y: number,
  x: number,
): number {
  const [u, v] = [x + 0.5 - map.x0, y + 0.5 - map.y0];
  const determinant = map.xx * map.yy - map.xy * map.yx;
  const from = [(u * map.yy - map.xy * v) / determinant, (map.xx * v - u * map.yx) / determinant] as const;
  // The edge goes on: places beside the middles of the outer pixels are those middles.
  const [column, row] = [Math.min(WIDTH - 0.5, Math.max(0.5, from[0])), Math.min(HEIGHT - 0.5, Math.max(0.5, from[1]))];
  let sum = 0;
  for (let i = 0; i < HEIGHT; i++) {
    for (let j = 0; j < WIDTH; j++) {
      const share = Math.max(0, 1 - Math.abs(i + 0.5 - row)) * Math.max(0, 1 - Math.abs(j + 0.5 - column));
      sum += share * (data[(i * WIDTH + j) * pixelStride + c * channelStride] as number);
    }
  }
  return sum;
}

describe('warped pixels', () => {
  it('are interpolated as the formula says, for every layout, type and map', () => {
    const random = new Random(5);
    const between = (low: number, high: number) => low + (high - low) * random.uniform();
    for (let turn = 0; turn < 40; turn++) {
      const type = turn % 3 === 0 ? 'bytes' : 'float';
      const channels = turn % 2 === 0 ? 3 : 1;
      const pixels = picture(turn % 4 < 2 ? 'nchw' : 'nhwc', channels, type, random);
      const isTurned = turn % 5 < 3;
      const map: Affine = {
        xx: between(0.4, 2) * (turn % 7 === 0 ? -1 : 1),
        xy: isTurned ? between(-0.7, 0.7) : 0,
        x0: between(-6, 6) + (turn % 7 === 0 ? WIDTH : 0),
        yx: isTurned ? between(-0.3, 0.3) : 0,
        yy: between(0.4, 2),
        y0: between(-6, 6),
      };
      const result = warped(pixels, map);
      for (let c = 0; c < channels; c++) {
        for (let y = 0; y < HEIGHT; y++) {
          for (let x = 0; x < WIDTH; x++) {
            const found = result[(y * WIDTH + x) * pixels.pixelStride + c * pixels.channelStride];
            const expected = expectedAt(pixels, map, c, y, x);
            // Bytes are rounded to the nearest; float32 has 24 bits.
            expect(found, `${turn}: ${c}, ${y}, ${x}`).to.be.closeTo(expected, type === 'bytes' ? 0.501 : 2e-4);
          }
        }
      }
    }
  });

  it('are the very same where nothing moves, mirrored exactly, and never written into the given ones', () => {
    const pixels = picture('nchw', 3, 'float', new Random(1));
    const before = Array.from(pixels.data);
    expect(Array.from(warped(pixels, { ...IDENTITY }))).to.deep.equal(before);
    const mirrored = warped(pixels, { ...IDENTITY, xx: -1, x0: WIDTH });
    for (let row = 0; row < HEIGHT * 3; row++)
      expect(Array.from(mirrored.subarray(row * WIDTH, (row + 1) * WIDTH))).to.deep.equal(
        before.slice(row * WIDTH, (row + 1) * WIDTH).reverse(),
      );
    expect(Array.from(pixels.data)).to.deep.equal(before);
  });
});
