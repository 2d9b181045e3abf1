/** Each step as ONNX Runtime runs it, against plain loops. */
import { expect } from 'chai';
import {
  fixedInts,
  inverse,
  padAll,
  padAxis,
  reshapeTo,
  reversed,
  rowMeans,
  rowSums,
  sliceAxis,
  zerosLike,
} from '../../src/operators/shaping.ts';
import { distance, Written } from './support/written.ts';

/** Value at a position of [2, 3, 4], counted up. */
const count = (a: number, b: number, c: number) => 100 * a + 10 * b + c;
const counted = () => {
  const values: number[] = [];
  for (let a = 0; a < 2; a++) for (let b = 0; b < 3; b++) for (let c = 0; c < 4; c++) values.push(count(a, b, c));
  return values;
};

describe('operators/shaping', () => {
  it('pads and cuts along all axes at once, and writes nothing if there is nothing to do', async () => {
    const g = new Written();
    const x = g.value('x', [2, 3, 4], counted());
    expect(padAll(g, x, [2, 3, 4], [0, 0, 0, 0, 0, 0])).to.equal(x);
    expect(g.net.nodes).to.have.lengthOf(0);
    // One more before the first axis, one less before and two more behind the second, two less behind the third.
    const { dims, values } = await g.run(padAll(g, x, [2, 3, 4], [1, -1, 0, 0, 2, -2]));
    expect(dims.map(Number)).to.deep.equal([3, 4, 2]);
    const expected: number[] = [];
    for (let a = -1; a < 2; a++)
      for (let b = 1; b < 5; b++) for (let c = 0; c < 2; c++) expected.push(a < 0 || b > 2 ? 0 : count(a, b, c));
    expect(values).to.deep.equal(expected);
  });

  it('pads one axis, slices one, and turns one round', async () => {
    const g = new Written();
    const x = g.value('x', [2, 3, 4], counted());
    const rows = (of: (a: number, b: number, c: number) => number, bs: number[], cs: number[]) =>
      [0, 1].flatMap((a) => bs.flatMap((b) => cs.map((c) => of(a, b, c))));
    expect((await g.run(padAxis(g, x, [2, 3, 4], 2, 1, -3))).values).to.deep.equal(
      rows((a, b, c) => (c < 0 ? 0 : count(a, b, c)), [0, 1, 2], [-1, 0]),
    );
    expect((await g.run(sliceAxis(g, x, 1, 1, 3))).values).to.deep.equal(rows(count, [1, 2], [0, 1, 2, 3]));
    expect((await g.run(reversed(g, x, 2))).values).to.deep.equal(rows(count, [0, 1, 2], [3, 2, 1, 0]));
  });

  it('gives a value other dimensions, also one that is empty', async () => {
    const g = new Written();
    const x = g.value('x', [2, 3, 4], counted());
    const empty = g.value('empty', [2, 0, 4], []);
    expect(await g.run(reshapeTo(g, x, [4, 6]))).to.deep.include({ values: counted() });
    // A 0 would be taken for the 0 of its own axis; here the axes are others.
    expect((await g.run(reshapeTo(g, empty, [8, 3, 0]))).dims.map(Number)).to.deep.equal([8, 3, 0]);
  });

  it('makes zeros of the dimensions of a value', async () => {
    const g = new Written();
    const { dims, values } = await g.run(zerosLike(g, g.value('x', [2, 3])));
    expect([dims.map(Number), values]).to.deep.equal([
      [2, 3],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  it('finds the order of axes that undoes another', () => {
    const perm = [2, 0, 3, 1];
    const back = inverse(perm);
    const axes = ['n', 'c', 'h', 'w'];
    const turned = perm.map((axis) => axes[axis]);
    expect(back.map((axis) => turned[axis])).to.deep.equal(axes);
  });

  for (const length of [1, 7, 2048, 2049, 4096, 5000, 2053]) {
    it(`adds up and averages rows of ${length}, as float64 does`, async () => {
      const g = new Written();
      const x = g.value('x', [2, 3, length]);
      const numbers = g.stored('x');
      const sums = Array.from({ length: 6 }, (_, row) =>
        numbers.slice(row * length, (row + 1) * length).reduce((sum, it) => sum + it, 0),
      );
      const found = await g.run(rowSums(g, x, [6, length]));
      const means = await g.run(rowMeans(g, x, [6, length]));
      expect(found.dims.map(Number)).to.deep.equal([1, 6, 1]);
      // √n roundings of float32, against the largest sum; rows of a prime length are added up at once.
      expect(distance(found.values, sums)).to.be.below(2e-6);
      expect(
        distance(
          means.values,
          sums.map((it) => it / length),
        ),
      ).to.be.below(2e-6);
    });
  }

  it('reads constant integers, nothing of an input that is left out, and refuses what a run computes', () => {
    const g = new Written({ input: ['x', '', 'sizes', 'computed'] });
    g.state('sizes', [2], [3, 4]);
    expect(fixedInts(g, 1, 'sizes')).to.equal(undefined);
    expect(fixedInts(g, 2, 'sizes')).to.deep.equal([3, 4]);
    expect(() => fixedInts(g, 3, 'sizes')).to.throw('its sizes are computed in the run');
  });
});
