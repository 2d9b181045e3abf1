/** Windows on maps of several sizes, and what each position of a kernel sees in them, by loops. */
import type { Windows } from '../../../src/operators/conv/windows.ts';
import type { Written } from './written.ts';

export interface Setting {
  readonly title: string;
  readonly large: readonly [rows: number, width: number];
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly pads?: readonly [top: number, left: number, bottom: number, right: number];
}

export const SETTINGS: readonly Setting[] = [
  { title: 'as it is', large: [4, 5], kernel: [1, 1] },
  { title: '3×3 with a border', large: [5, 6], kernel: [3, 3], pads: [1, 1, 1, 1] },
  { title: 'a border on two sides', large: [6, 5], kernel: [2, 3], pads: [1, 0, 0, 2] },
  { title: 'a stride, and rows at the end that no window reaches', large: [8, 7], kernel: [2, 2], strides: [3, 2] },
  { title: 'a stride in phases', large: [9, 8], kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  { title: 'a stride beyond the kernel', large: [9, 9], kernel: [2, 1], strides: [4, 3] },
  { title: 'holes', large: [9, 8], kernel: [3, 2], dilations: [2, 3], pads: [2, 1, 2, 1] },
  { title: 'holes and a stride', large: [11, 10], kernel: [3, 3], dilations: [2, 1], strides: [2, 2] },
  { title: 'wide and low, as lines of text are', large: [2, 40], kernel: [3, 3], pads: [1, 1, 1, 1] },
  { title: 'wide, and lower than the kernel', large: [2, 40], kernel: [5, 3], pads: [2, 0, 2, 2] },
  { title: 'wide, one column', large: [2, 40], kernel: [3, 1], pads: [1, 0, 1, 0] },
  { title: 'wide, with a stride from row to row', large: [5, 48], kernel: [3, 3], pads: [1, 1, 1, 1], strides: [2, 1] },
  { title: 'more rows than are joined in pairs', large: [30, 4], kernel: [3, 3], pads: [1, 1, 1, 1] },
  { title: 'rows in several blocks, the last one short', large: [53, 5], kernel: [5, 3], pads: [2, 1, 2, 1] },
  { title: 'many rows, and a stride', large: [81, 9], kernel: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] },
  {
    title: 'many rows, a stride and rows at the end that no window reaches',
    large: [108, 4],
    kernel: [2, 1],
    strides: [4, 3],
  },
  {
    title: 'many rows, holes and a border on two sides',
    large: [60, 7],
    kernel: [3, 2],
    dilations: [4, 3],
    pads: [5, 0, 0, 2],
  },
];
export const [BATCH, CHANNELS] = [2, 3];

/** The setting with values stored in `g`, and a look at the large map that is 0 beside it. */
export function windowsOf(
  { large, kernel, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0] }: Setting,
  g: Written,
) {
  const small = [0, 1].map((axis) => {
    const room = (large[axis] as number) + (pads[axis] as number) + (pads[axis + 2] as number);
    return (
      Math.floor(
        (room - (dilations[axis] as number) * ((kernel[axis] as number) - 1) - 1) / (strides[axis] as number),
      ) + 1
    );
  }) as [number, number];
  const it: Windows = {
    large: g.value('large', [BATCH, CHANNELS, ...large]),
    largeDims: [BATCH, CHANNELS, ...large],
    small: g.value('small', [BATCH, CHANNELS, ...small]),
    smallDims: [BATCH, CHANNELS, ...small],
    geometry: { kernel, strides, dilations, padsBegin: pads.slice(0, 2), padsEnd: pads.slice(2) },
    group: CHANNELS,
  };
  const numbers = g.stored('large');
  const at = (plane: number, row: number, column: number) =>
    row < 0 || column < 0 || row >= large[0] || column >= large[1]
      ? 0
      : (numbers[(plane * large[0] + row) * large[1] + column] as number);
  /** What the kernel position (i, j) sees in the window (row, column). */
  const seen = (plane: number, i: number, j: number, row: number, column: number) =>
    at(plane, row * strides[0] + i * dilations[0] - pads[0], column * strides[1] + j * dilations[1] - pads[1]);
  return { it, small, seen };
}

/** 0 up to, not including, `count`. */
export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
