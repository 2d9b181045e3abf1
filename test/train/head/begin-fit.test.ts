import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { beginningOf } from '../../../src/train/head/begin-fit.ts';
import type { Rows } from '../../../src/train/head/ridge.ts';

const COUNT = 40;
const random = new Random(5);
const x = rows(3, () => random.normal() + 2);
const noise = rows(3, () => random.normal());

function rows(width: number, numberAt: (row: number, k: number) => number, count = COUNT): Rows {
  const data = Float64Array.from({ length: count * width }, (_, i) => numberAt(Math.floor(i / width), i % width));
  return { count, width, data };
}

const of = (table: Rows, row: number, k: number) => table.data[row * table.width + k] as number;

describe('train/head/begin-fit', () => {
  it('tells targets by what a layer reads, and what it answered counts no more', () => {
    const y = rows(1, (row) => 50 + 10 * of(x, row, 0) - 4 * of(x, row, 2));
    // As the random weights of a new layer answer.
    const now = rows(1, (row) => 0.01 * (of(x, row, 0) + of(x, row, 1)));
    const found = beginningOf({ x, y, now, fitted: 30 }, true);
    expect(found?.before).to.be.below(-5);
    expect(found?.after).to.be.closeTo(1, 1e-3);
    for (const row of [0, 35]) {
      const told = [0, 1, 2].reduce((sum, k) => sum + of(x, row, k) * (found?.weight[k] as number), 0);
      const whole = told + (found?.scale[0] as number) * of(now, row, 0) + (found?.shift[0] as number);
      expect(whole).to.be.closeTo(of(y, row, 0), 0.5);
    }
  });

  it('scales and shifts what a layer knows in another unit, if nothing more is told', () => {
    const now = rows(1, (row) => of(noise, row, 0));
    const y = rows(1, (row) => 1000 - 25 * of(now, row, 0));
    const found = beginningOf({ x: noise, y, now, fitted: 30 }, true);
    expect(found?.scale[0]).to.be.closeTo(-25, 1e-9);
    expect(found?.shift[0]).to.be.closeTo(1000, 1e-9);
    expect(Math.max(...(found?.weight ?? []).map(Math.abs))).to.be.below(1e-9);
  });

  it('leaves alone what explains something, what nothing is better than, and targets that do not vary', () => {
    const y = rows(1, (row) => of(x, row, 0));
    const near = rows(1, (row) => of(x, row, 0) + 0.5 * of(noise, row, 0));
    expect(beginningOf({ x, y, now: near, fitted: 30 }, true)).to.equal(undefined);
    const same = rows(1, () => 4);
    expect(beginningOf({ x, y: same, now: same, fitted: 30 }, true)).to.equal(undefined);
    // Where the rows that judge are of another kind, the fit is further from them than the answers were.
    const turned = rows(1, (row) => (row < 30 ? 100 + of(noise, row, 1) : of(noise, row, 1)));
    expect(beginningOf({ x, y: turned, now: rows(1, () => 0), fitted: 30 }, true)).to.equal(undefined);
    expect(beginningOf({ x, y, now: rows(1, () => 99), fitted: COUNT }, true)).to.equal(undefined);
  });

  it('keeps to the origin where there is no bias', () => {
    const y = rows(2, (row, k) => (k + 1) * 30 * of(x, row, 1));
    const now = rows(2, () => 0);
    const found = beginningOf({ x, y, now, fitted: 30 }, false);
    expect([...(found?.shift ?? [])]).to.deep.equal([0, 0]);
    expect(found?.after).to.be.above(0.999);
    expect(found?.weight[2]).to.be.closeTo(30, 0.5);
    expect(found?.weight[3]).to.be.closeTo(60, 0.5);
  });
});
