/** Where the numbers of a picture's pixels are in its tensor. */
import type { ImageInput } from '../../inputs/images.ts';
import type { Value } from '../../runtime/session.ts';
import type { Size } from './affine.ts';

/** Bytes are clamped, so that they are rounded to the nearest, and do not wrap. */
export type Numbers = Float32Array | Uint8ClampedArray;

export interface Pixels extends Size {
  readonly data: Numbers;
  readonly channels: number;
  /** From a pixel to the next in its row. */
  readonly pixelStride: number;
  readonly channelStride: number;
}

/** The picture in a tensor [1, C, H, W], [1, H, W, C], or one without the 1; undefined if it is something else. */
export function pixelsOf({ dims, data }: Value, { layout }: ImageInput): Pixels | undefined {
  const [first = 1, ...rest] = dims;
  const sides = dims.length === 4 && first === 1 ? rest : dims;
  if (sides.length !== 3 || !(data instanceof Float32Array || data instanceof Uint8Array)) return undefined;
  const [a, b, c] = sides as [number, number, number];
  const [channels, height, width] = layout === 'nchw' ? [a, b, c] : [c, a, b];
  const strides =
    layout === 'nchw' ? { pixelStride: 1, channelStride: height * width } : { pixelStride: channels, channelStride: 1 };
  const numbers =
    data instanceof Float32Array ? data : new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  return { data: numbers, channels, height, width, ...strides };
}

/** Numbers of the same kind and count. */
export function emptyLike(data: Numbers): Numbers {
  return data instanceof Float32Array ? new Float32Array(data.length) : new Uint8ClampedArray(data.length);
}

/** Numbers as a tensor holds them. */
export function settled(data: Numbers): Float32Array | Uint8Array {
  return data instanceof Float32Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length);
}
