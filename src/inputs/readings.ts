/** The same pictures read otherwise, as they are when an option is wrong: channels in the other order, or another size. */

import { requiredInputs } from '../graph/interface.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/value-type.ts';
import type { Value } from '../runtime/session.ts';
import type { Dataset, Normalization } from './dataset.ts';

/** Where the pictures of a batch lie in its numbers. */
interface Layout {
  readonly isChannelsLast: boolean;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A model whose one input is pictures. */
export interface PictureInput {
  readonly name: string;
  /** Whether it takes pictures of another height and width. */
  readonly isSizeOpen: boolean;
}

/** The input that pictures are fed to; `undefined` where there are others beside it, or it can be no picture. */
export function pictureInput(model: Model): PictureInput | undefined {
  const [input, ...others] = requiredInputs(model);
  if (input === undefined || others.length > 0) return undefined;
  const { shape } = declaredType(input.type);
  if (shape !== undefined && shape.length !== 4) return undefined;
  const [, first, second, third] = shape ?? [];
  const [height, width] = isChannels(third) && !isChannels(first) ? [first, second] : [second, third];
  return { name: input.name, isSizeOpen: height === undefined && width === undefined };
}

function isChannels(dim: number | undefined): boolean {
  return dim === 1 || dim === 3;
}

/** How a value holds pictures of 1 or 3 channels, in numbers that can be computed with; `undefined` where it does not. */
export function layoutOf({ type, dims }: Value): Layout | undefined {
  if (dims.length !== 4 || !COMPUTABLE.has(type)) return undefined;
  const [count, a, b, c] = dims as [number, number, number, number];
  if (isChannels(a)) return { isChannelsLast: false, count, channels: a, height: b, width: c };
  return isChannels(c) ? { isChannelsLast: true, count, channels: c, height: a, width: b } : undefined;
}

const COMPUTABLE: ReadonlySet<DataType> = new Set([DataType.FLOAT, DataType.DOUBLE, DataType.UINT8]);

/**
 * Another reading of a value; `undefined` where it has none.
 *
 * @param normalized how each channel was brought to the model's range, where that is known
 */
export type Reading = (value: Value, normalized: Normalization | undefined) => Value | undefined;

/** Red where blue was, normalised as the channel that it becomes. */
export const reversed: Reading = (value, normalized) => {
  const layout = layoutOf(value);
  if (layout?.channels !== 3) return undefined;
  const { mean, std } = normalized ?? { mean: [0, 0, 0], std: [1, 1, 1] };
  const { isChannelsLast, count, height, width } = layout;
  const area = height * width;
  const [source, made] = [value.data as Numbers, roomFor(value.type, count * 3 * area)];
  const step = isChannelsLast ? 3 : 1;
  for (let picture = 0; picture < count; picture++) {
    for (let channel = 0; channel < 3; channel++) {
      const from = 2 - channel;
      const at = (of: number) => picture * 3 * area + of * (isChannelsLast ? 1 : area);
      const lines = [std[from], mean[from], mean[channel], std[channel]] as [number, number, number, number];
      renormalize(source, made, at(from), at(channel), { area, step }, lines);
    }
  }
  return { ...value, data: asBytes(made) };
};

/** A channel as another, in a loop of its own, as it is all of a picture. */
function renormalize(
  source: Numbers,
  made: ReturnType<typeof roomFor>,
  from: number,
  to: number,
  { area, step }: { readonly area: number; readonly step: number },
  [std, mean, newMean, newStd]: readonly [number, number, number, number],
): void {
  for (let i = 0; i < area * step; i += step) {
    made[to + i] = ((source[from + i] as number) * std + mean - newMean) / newStd;
  }
}

/** At half the height and width: means of 2×2 pixels. */
export const halved: Reading = (value) => {
  const layout = layoutOf(value);
  if (layout === undefined || Math.min(layout.height, layout.width) < 2) return undefined;
  const size = { height: Math.floor(layout.height / 2), width: Math.floor(layout.width / 2) };
  return mapped(value, layout, size, (read, y, x, channel) => {
    const row = (dy: number) => read(2 * y + dy, 2 * x, channel) + read(2 * y + dy, 2 * x + 1, channel);
    return (row(0) + row(1)) / 4;
  });
};

/** At twice the height and width, bilinear. */
export const doubled: Reading = (value) => {
  const layout = layoutOf(value);
  if (layout === undefined) return undefined;
  const { height, width } = layout;
  return mapped(value, layout, { height: 2 * height, width: 2 * width }, (read, y, x, channel) => {
    // A pixel's centre lies a quarter of a pixel beside the nearest one's: 3/4 of it, and 1/4 of the next on that side.
    const [top, left] = [y >> 1, x >> 1];
    const below = Math.min(Math.max(top + (y % 2 === 0 ? -1 : 1), 0), height - 1);
    const beside = Math.min(Math.max(left + (x % 2 === 0 ? -1 : 1), 0), width - 1);
    const row = (at: number) => 0.75 * read(at, left, channel) + 0.25 * read(at, beside, channel);
    return 0.75 * row(top) + 0.25 * row(below);
  });
};

/** Pictures of a size, each number computed from those of the picture in its place. */
function mapped(
  { type, data }: Value,
  from: Layout,
  { height, width }: Pick<Layout, 'height' | 'width'>,
  numberAt: (read: (y: number, x: number, channel: number) => number, y: number, x: number, channel: number) => number,
): Value {
  const { isChannelsLast, count, channels } = from;
  const source = data as Numbers;
  const area = from.height * from.width;
  const made = roomFor(type, count * channels * height * width);
  let to = 0;
  const planes = isChannelsLast ? count : count * channels;
  for (let plane = 0; plane < planes; plane++) {
    const start = plane * area * (isChannelsLast ? channels : 1);
    const own = plane % channels;
    const read = isChannelsLast
      ? (y: number, x: number, channel: number) => source[start + (y * from.width + x) * channels + channel] as number
      : (y: number, x: number, channel: number) =>
          source[start + (channel - own) * area + y * from.width + x] as number;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (!isChannelsLast) made[to++] = numberAt(read, y, x, own);
        else for (let channel = 0; channel < channels; channel++) made[to++] = numberAt(read, y, x, channel);
      }
    }
  }
  const dims = isChannelsLast ? [count, height, width, channels] : [count, channels, height, width];
  return { type, dims, data: asBytes(made) };
}

type Numbers = Float32Array | Float64Array | Uint8Array;

/** Clamped, so that bytes are rounded to the nearest. */
function roomFor(type: DataType, count: number): Float32Array | Float64Array | Uint8ClampedArray {
  return new (type === DataType.UINT8 ? Uint8ClampedArray : type === DataType.DOUBLE ? Float64Array : Float32Array)(
    count,
  );
}

function asBytes(made: ReturnType<typeof roomFor>): Numbers {
  return made instanceof Uint8ClampedArray ? new Uint8Array(made.buffer) : made;
}

/** The dataset read otherwise. Samples that have no such reading are as they were. */
export function readAs(data: Dataset, input: PictureInput, reading: Reading): Dataset {
  return {
    count: data.count,
    keyOf: (sample) => data.keyOf(sample),
    load: async (sample) => {
      const values = await data.load(sample);
      const value = values[input.name];
      const other = value && reading(value, data.normalized);
      return other === undefined ? values : { ...values, [input.name]: other };
    },
  };
}
