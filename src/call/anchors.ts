/** `--anchors 8:16,32/16:64,128` and `--variances 0.1,0.2`: anchors of a detector whose file holds none of them. */
import type { AnchorLayout } from '../train/detect/types.ts';
import { type RawArguments, text, wrong } from './values.ts';

const EXAMPLE = 'Use a stride and the sizes of its anchors for each grid: 8:16,32/16:64,128/32:256,512';

/**
 * Reads which anchors a detector has: of each grid, the pixels between cells, the sides of the boxes of a cell, and where the first middle is.
 *
 * @throws GnSwapError `invalid-arguments` naming what can't be read
 */
export function anchorLayout(raw: RawArguments): AnchorLayout | undefined {
  const value = text(raw, 'anchors');
  const variances = variancesOf(raw);
  if (value === undefined) {
    if (variances === undefined) return undefined;
    throw wrong('variances', 'has no anchors to go with', 'Use --anchors as well');
  }
  const grids = value.split('/').map((grid) => {
    const [, stride = '', middle, list = ''] = /^\s*(\d+)(?:@(\d+(?:\.\d+)?))?:(.+)$/.exec(grid) ?? [];
    const sizes = list.split(',').map((size) => {
      const [, width = '', height = width] = /^\s*(\d+(?:\.\d+)?)(?:x(\d+(?:\.\d+)?))?\s*$/.exec(size) ?? [];
      return [Number(width), Number(height)] as const;
    });
    const isRight = Number(stride) > 0 && sizes.every(([width, height]) => width > 0 && height > 0);
    if (!isRight) throw wrong('anchors', `has ${JSON.stringify(grid)}, which is not a grid of anchors`, EXAMPLE);
    return { stride: Number(stride), sizes, offset: middle === undefined ? 0.5 : Number(middle) / Number(stride) };
  });
  return {
    strides: grids.map(({ stride }) => stride),
    sizes: grids.map(({ sizes }) => sizes),
    offset: grids.map(({ offset }) => offset),
    variances,
  };
}

/** Four numbers; two stand for those of the middle and those of the sides. */
function variancesOf(raw: RawArguments): readonly number[] | undefined {
  const value = text(raw, 'variances');
  if (value === undefined) return undefined;
  const numbers = value.split(',').map((it) => (it.trim() === '' ? Number.NaN : Number(it)));
  const [a, b] = numbers as [number, number];
  if (numbers.every((it) => it > 0 && Number.isFinite(it))) {
    if (numbers.length === 2) return [a, a, b, b];
    if (numbers.length === 4) return numbers;
  }
  throw wrong('variances', `is ${JSON.stringify(value)}`, 'Use two numbers or four, such as 0.1,0.2');
}
