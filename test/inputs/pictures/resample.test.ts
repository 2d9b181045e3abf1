/** Resampling, against its formulas in float64 written apart: one sum over both directions, without rounding between. */
import { expect } from 'chai';
import { resample } from '../../../src/inputs/pictures/resample.ts';

const SIZE = { height: 33, width: 47 };
const picture = Uint8Array.from({ length: SIZE.height * SIZE.width }, (_, at) => {
  const [y, x] = [Math.floor(at / SIZE.width), at % SIZE.width];
  return 120 + 60 * Math.sin(x / 2.3) + 50 * Math.cos((x - 2 * y) / 5);
});

type Filter = readonly [reach: number, at: (x: number) => number];
const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const LANCZOS3: Filter = [3, (x) => sinc(x) * sinc(x / 3)];
/** Keys' cubic with a = −½, piece by piece. */
const KEYS: Filter = [
  2,
  (it) => {
    const x = Math.abs(it);
    return x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2;
  },
];

/** Weights of old pixels for a new one, by position; positions beyond the edge count for the edge. */
function weights(from: number, to: number, pixel: number): Map<number, number> {
  const factor = from / to;
  const [reach, at] = factor > 1 ? LANCZOS3 : KEYS;
  const width = Math.max(1, factor);
  const centre = factor > 1 ? (pixel + 0.5) * factor - 0.5 : pixel * factor - 0.5;
  const found = new Map<number, number>();
  let sum = 0;
  for (let place = Math.floor(centre - reach * width) - 1; place <= centre + reach * width + 1; place++) {
    const distance = (place - centre) / width;
    if (Math.abs(distance) >= reach) continue;
    const inside = Math.min(from - 1, Math.max(0, place));
    found.set(inside, (found.get(inside) ?? 0) + at(distance));
    sum += at(distance);
  }
  return new Map([...found].map(([place, weight]) => [place, weight / sum]));
}

describe('resample', () => {
  for (const to of [
    { height: 20, width: 31 },
    { height: 9, width: 12 },
    { height: 50, width: 70 },
    { height: 20, width: 90 },
  ]) {
    it(`is the sum of its formula: ${to.width}×${to.height}`, () => {
      const result = resample(picture, SIZE, to, 1);
      expect(result).to.have.length(to.height * to.width);
      for (let y = 0, at = 0; y < to.height; y++) {
        const down = weights(SIZE.height, to.height, y);
        for (let x = 0; x < to.width; x++, at++) {
          let sum = 0;
          for (const [row, part] of down)
            for (const [column, share] of weights(SIZE.width, to.width, x))
              sum += part * share * (picture[row * SIZE.width + column] as number);
          // Rounded to bytes twice, and clamped.
          expect(result[at], `${x}, ${y}`).to.be.closeTo(Math.min(255, Math.max(0, sum)), 1.3);
        }
      }
    });
  }

  it('takes means of whole pixels first where it makes a picture smaller than a quarter, and passes what is even on', () => {
    // 48 → 8: means of 3, then by 2; columns that repeat every 3 are flat after the means, whatever the filter.
    const columns = Uint8Array.from({ length: 48 * 4 }, (_, at) => [0, 90, 240][at % 3] as number);
    expect(Array.from(resample(columns, { height: 4, width: 48 }, { height: 4, width: 8 }, 1))).to.deep.equal(
      Array(32).fill(110),
    );
    // Down likewise, and a mean that ends in a half is rounded up.
    const rows = Uint8Array.from({ length: 16 }, (_, y) => (y % 2 === 0 ? 10 : 11));
    expect(Array.from(resample(rows, { height: 16, width: 1 }, { height: 4, width: 1 }, 1))).to.deep.equal([
      11, 11, 11, 11,
    ]);
  });

  it('keeps channels apart, and pictures of the same size as they are', () => {
    const three = Uint8Array.from({ length: 12 * 10 * 3 }, (_, at) => [10, 100, 200][at % 3] as number);
    const result = Array.from(resample(three, { height: 12, width: 10 }, { height: 5, width: 17 }, 3));
    expect(result).to.deep.equal(Array.from({ length: 5 * 17 * 3 }, (_, at) => [10, 100, 200][at % 3]));
    expect(resample(three, { height: 12, width: 10 }, { height: 12, width: 10 }, 3)).to.equal(three);
  });
});
