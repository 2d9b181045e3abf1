import { expect } from 'chai';
import {
  blank,
  contrastingColours,
  expose,
  fill,
  type Image,
  ink,
  resize,
  turn,
  writePlanes,
} from '../../../bench/ocr/image.ts';
import { Random } from '../../../bench/ocr/random.ts';

/** A grey image of one row. */
const row = (...greys: number[]): Image => ({
  data: Uint8ClampedArray.from(greys.flatMap((grey) => [grey, grey, grey])),
  width: greys.length,
  height: 1,
});
const greys = ({ data }: Image) => [...data].filter((_, i) => i % 3 === 0);

describe('bench/ocr/image', () => {
  it('fills and inks only inside of the image', () => {
    const image = blank(2, 2, [10, 20, 30]);
    fill(image, 1, 1, 5, 5, [1, 2, 3]);
    expect([...image.data]).to.deep.equal([10, 20, 30, 10, 20, 30, 10, 20, 30, 1, 2, 3]);
    ink(image, { data: Uint8Array.of(255, 51), width: 2, height: 1 }, -1, 0, [110, 20, 30]);
    expect([...image.data.subarray(0, 6)]).to.deep.equal([30, 20, 30, 10, 20, 30]);
  });

  it('turns by 180°', () => {
    expect(greys(turn(row(1, 2, 3)))).to.deep.equal([3, 2, 1]);
  });

  it('resizes as cv2.resize does: half-pixel centres, edges repeated, no filter', () => {
    expect(greys(resize(row(0, 100), 4, 1))).to.deep.equal([0, 25, 75, 100]);
    expect(greys(resize(row(0, 100, 200, 40, 80, 120), 2, 1))).to.deep.equal([100, 80]);
  });

  it('writes blue first and leaves the rest of the block alone', () => {
    const target = new Float32Array(7).fill(9);
    const normalisation = { mean: [0, 0.5, 1], deviation: [1, 0.5, 1] } as const;
    writePlanes(blank(1, 1, [255, 0, 51]), normalisation, target, 1, 2, 1);
    expect([...target]).to.deep.equal([9, Math.fround(0.2), 9, -1, 9, 0, 9]);
  });

  it('exposes reproducibly', () => {
    const exposed = () => {
      const image = blank(8, 8, [128, 128, 128]);
      expose(image, new Random(3), { slope: 20, noise: [5, 5] });
      return image.data;
    };
    expect(exposed()).to.deep.equal(exposed());
    expect(new Set(exposed()).size).to.be.greaterThan(10);
  });

  it('fades towards grey, and moves nothing', () => {
    const image = row(0, 255, 128);
    expose(image, new Random(3), { slope: 0, noise: [0, 0], fade: [0.5, 0.5] });
    expect(greys(image)).to.deep.equal([64, 191, 128]);
  });

  it('chooses colours that differ in luminance', () => {
    const random = new Random(4);
    for (let i = 0; i < 50; i++) {
      const [a, b] = contrastingColours(random, 80, 160).map(([r, g, b]) => 0.3 * r + 0.59 * g + 0.11 * b);
      // Off by what the rounded weights of luminance make.
      expect(Math.abs((a as number) - (b as number))).to.be.within(78, 162);
    }
  });
});
