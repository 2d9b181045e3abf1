import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { bestStrength, cut, less, meansOf, type Rows, ridge } from '../../../src/train/head/ridge.ts';

function rowsOf(count: number, width: number, numberAt: (index: number) => number): Rows {
  return { count, width, data: Float64Array.from({ length: count * width }, (_, index) => numberAt(index)) };
}

/** The gradient of Σ|y − xW|² + λ|W|², which is 0 at its least. */
function slope(x: Rows, y: Rows, weight: Float64Array, lambda: number): number {
  let most = 0;
  for (let k = 0; k < x.width; k++) {
    for (let o = 0; o < y.width; o++) {
      let sum = lambda * (weight[k * y.width + o] as number);
      for (let row = 0; row < x.count; row++) {
        let told = 0;
        for (let j = 0; j < x.width; j++)
          told += (x.data[row * x.width + j] as number) * (weight[j * y.width + o] as number);
        sum -= (x.data[row * x.width + k] as number) * ((y.data[row * y.width + o] as number) - told);
      }
      most = Math.max(most, Math.abs(sum));
    }
  }
  return most;
}

describe('train/head/ridge', () => {
  it('is where the gradient of what it minimises is 0, with fewer numbers than rows and with more', () => {
    for (const [count, width] of [
      [30, 7],
      [9, 25],
    ] as const) {
      const random = new Random(count);
      const x = rowsOf(count, width, () => random.normal());
      const y = rowsOf(count, 2, () => random.normal());
      const unit = x.data.reduce((sum, it) => sum + it * it, 0) / count;
      for (const strength of [1, 1e-3]) expect(slope(x, y, ridge(x, y, strength), strength * unit)).to.be.below(1e-9);
    }
  });

  it('finds the plane that numbers lie in, and takes means from rows', () => {
    const random = new Random(3);
    const x = rowsOf(40, 3, () => 5 + random.normal());
    const y = rowsOf(40, 1, (row) => 2 * (x.data[3 * row] as number) - 7 * (x.data[3 * row + 2] as number) + 1000);
    const [mean] = meansOf(y);
    expect(mean).to.be.closeTo(y.data.reduce((sum, it) => sum + it, 0) / 40, 1e-9);
    const weight = ridge(less(x, meansOf(x)), less(y, meansOf(y)), 1e-6);
    for (const [k, wanted] of [2, 0, -7].entries()) expect(weight[k]).to.be.closeTo(wanted, 0.01);
    expect(cut(x, 1, 3)).to.deep.include({ count: 2, width: 3 });
    expect(cut(x, 1, 3).data[0]).to.equal(x.data[3]);
  });

  it('takes the strength that is best on other rows, and none if a weight of 0 is', () => {
    const x = rowsOf(4, 1, (row) => row - 1.5);
    const y = rowsOf(4, 1, (row) => 3 * (row - 1.5));
    const weak = bestStrength(x, y, 9, ([weight = 0]) => (weight - 3) ** 2);
    expect(weak).to.be.at.most(1e-5);
    const strong = bestStrength(x, y, 9, ([weight = 0]) => (weight - 0.1) ** 2);
    expect(strong).to.equal(10);
    expect(bestStrength(x, y, 0, ([weight = 0]) => weight ** 2)).to.equal(undefined);
    // Features that do not vary tell nothing.
    expect(
      bestStrength(
        rowsOf(4, 1, () => 0),
        y,
        9,
        () => 0,
      ),
    ).to.equal(undefined);
  });
});
