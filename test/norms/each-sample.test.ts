import { expect } from 'chai';
import { eachSample } from '../../src/norms/each-sample.ts';

/** What a visitor was told, copied, as the lists are filled again; and the order in which elements were asked for. */
function visited(length: number, dims: readonly number[]) {
  const told: { start: number; references: number[]; bounds: number[] }[] = [];
  const asked: number[] = [];
  const lists = new Set<Float64Array>();
  eachSample(
    length,
    dims,
    (start, references, bounds) => {
      lists.add(references).add(bounds);
      told.push({ start, references: [...references], bounds: [...bounds] });
    },
    (index, put) => {
      asked.push(index);
      put(10 * index, index / 8);
    },
  );
  return { told, asked, lists };
}

describe('norms/each-sample', () => {
  it('tells each sample once, from its first element on, with the value and bound of every element', () => {
    const { told, asked } = visited(12, [3, 2, 2]);
    expect(asked).to.deep.equal(Array.from({ length: 12 }, (_, index) => index));
    expect(told.map(({ start }) => start)).to.deep.equal([0, 4, 8]);
    for (const { start, references, bounds } of told) {
      const indices = [0, 1, 2, 3].map((at) => start + at);
      expect(references).to.deep.equal(indices.map((index) => 10 * index));
      expect(bounds).to.deep.equal(indices.map((index) => index / 8));
    }
  });

  it('holds the numbers of one sample, however many there are', () => {
    const { told, lists } = visited(4000, [1000, 4]);
    expect(told).to.have.lengthOf(1000);
    expect([...lists].map(({ length }) => length)).to.deep.equal([4, 4]);
  });

  it('takes a scalar as one sample, and tells nothing of a y without elements', () => {
    expect(visited(1, []).told).to.deep.equal([{ start: 0, references: [0], bounds: [0] }]);
    for (const dims of [
      [0, 3],
      [2, 0],
    ])
      expect(visited(0, dims).told).to.deep.equal([]);
  });
});
