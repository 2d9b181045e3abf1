/** Ways in which pictures become unlike those that a model was trained on, the same for the same seed. */
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value } from '../../src/runtime/session.ts';

export const SHIFTS = ['none', 'mild', 'severe', 'modality'] as const;

export type Shift = (typeof SHIFTS)[number];

/** What a table calls them. */
export const SHIFT_TITLES: Readonly<Record<Shift, string>> = {
  none: 'none',
  mild: 'mild: exposure and noise',
  severe: 'severe: grey, inverted, low contrast, noise',
  modality: 'modality: as a thermal camera sees',
};

/** Changes standardised pictures [n, c, h, w]. */
export function shifted({ data, dims }: Value, shift: Shift, seed: number): Value {
  const from = data as Float32Array;
  const to = new Float32Array(from.length);
  const [count = 0, channels = 1, height = 1, width = 1] = dims;
  const area = height * width;
  const size = channels * area;
  for (let sample = 0; sample < count; sample++) {
    const random = new Random(seed * 1_000_003 + sample);
    const picture = from.subarray(sample * size, (sample + 1) * size);
    to.set(CHANGES[shift](picture, { channels, height, width, area, random }), sample * size);
  }
  return { type: DataType.FLOAT, dims, data: to };
}

interface Setting {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly area: number;
  readonly random: Random;
}

const CHANGES: Readonly<Record<Shift, (picture: Float32Array, setting: Setting) => Float32Array>> = {
  none: (picture) => picture,
  mild: (picture, { random }) => picture.map((value) => 0.8 * value + 0.3 + 0.25 * random.normal()),
  severe(picture, setting) {
    const grey = greyOf(picture, setting);
    return repeated(
      grey.map((value) => 0.6 - 0.4 * value + 0.2 * setting.random.normal()),
      setting,
    );
  },
  modality(picture, setting) {
    const { height, width, random } = setting;
    const grey = greyOf(picture, setting);
    // Heat spreads; every column of the sensor has an offset of its own; hot and cold saturate.
    const columns = Float32Array.from({ length: width }, () => 0.15 * random.normal());
    const seen = grey.map((_, at) => {
      const [y, x] = [Math.floor(at / width), at % width];
      let [sum, count] = [0, 0];
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
          sum += grey[(y + dy) * width + x + dx] as number;
          count++;
        }
      }
      return Math.tanh((-1.5 * sum) / count) - (0.6 * y) / height + (columns[x] as number);
    });
    return repeated(seen, setting);
  },
};

function greyOf(picture: Float32Array, { channels, area }: Setting): Float32Array {
  return Float32Array.from({ length: area }, (_, at) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += (picture[channel * area + at] as number) / channels;
    return sum;
  });
}

function repeated(grey: Float32Array, { channels, area }: Setting): Float32Array {
  const all = new Float32Array(channels * area);
  for (let channel = 0; channel < channels; channel++) all.set(grey, channel * area);
  return all;
}
