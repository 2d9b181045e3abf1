/** What varying a sample costs: `npx tsx bench/augment.ts`. CPU time of one thread; medians of 30. */
import type { ImageInput } from '../src/inputs/images.ts';
import type { Example } from '../src/inputs/labelled/types.ts';
import { Random } from '../src/inputs/random.ts';
import { DataType } from '../src/onnx/data-type.ts';
import { type AugmentationName, augment } from '../src/train/augment/index.ts';

const SIDE = 640;
const ROUNDS = 30;

function image(layout: ImageInput['layout'], type: DataType): ImageInput {
  const sides = { height: SIDE, width: SIDE, channels: 3, hasBatch: true, reversed: false, fit: 'fill' } as const;
  return {
    name: 'x',
    type,
    layout,
    ...sides,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    scale: type === DataType.UINT8 ? 1 : 1 / 255,
  };
}

function example({ layout, type }: ImageInput): Example {
  const random = new Random(1);
  const numbers = Array.from({ length: 3 * SIDE * SIDE }, () => random.integer(256));
  const data = type === DataType.UINT8 ? Uint8Array.from(numbers) : Float32Array.from(numbers, (it) => it / 255);
  const dims = layout === 'nchw' ? [1, 3, SIDE, SIDE] : [1, SIDE, SIDE, 3];
  return { inputs: { x: { type, dims, data } }, target: { kind: 'none' } };
}

function milliseconds(work: () => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[ROUNDS / 2] as number;
}

const COMBINATIONS: readonly (readonly AugmentationName[])[] = [
  ['crop'],
  ['rotate'],
  ['colour'],
  ['flip', 'crop', 'colour'],
];

for (const [layout, type] of [
  ['nchw', DataType.FLOAT],
  ['nhwc', DataType.FLOAT],
  ['nhwc', DataType.UINT8],
] as const) {
  const input = image(layout, type);
  const sample = example(input);
  const random = new Random(2);
  const row = COMBINATIONS.map(
    (names) => `${names.join('+')} ${milliseconds(() => augment(sample, input, names, random)).toFixed(1)}`,
  );
  console.log(`3×${SIDE}×${SIDE} ${layout} ${type === DataType.UINT8 ? 'uint8' : 'float32'}, ms: ${row.join(', ')}`);
}
