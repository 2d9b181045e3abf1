/** Where classes lie, against every element's place in memory. */
import { expect } from 'chai';
import { isWhole, type Place, reshaped, sizeAfter } from '../../../src/train/head/place.ts';

/** Positions in memory that hold numbers of classes, and which class of which block each is. */
function marked(place: Place, dims: readonly number[]): Map<number, string> {
  const inner = dims.slice(place.axis + 1).reduce((product, dim) => product * dim, 1);
  const total = dims.reduce((product, dim) => product * dim, 1);
  const found = new Map<number, string>();
  for (let position = 0; position < total; position++) {
    const index = Math.floor(position / inner) % (dims[place.axis] as number);
    const own = (index % place.block) - place.at;
    if (own >= 0 && own < place.count) found.set(position, `class ${own}`);
  }
  return found;
}

const CASES: readonly (readonly [title: string, place: Place, from: readonly number[], to: readonly number[]])[] = [
  ['nothing changes', { axis: 1, size: 7, block: 7, at: 2, count: 4 }, [2, 7, 3], [2, 7, 3]],
  ['axes behind become one', { axis: 1, size: 7, block: 7, at: 2, count: 4 }, [2, 7, 3, 4], [2, 7, 12]],
  ['axes before become one', { axis: 2, size: 7, block: 7, at: 0, count: 7 }, [2, 3, 7], [6, 7]],
  ['blocks become an axis of their own', { axis: 1, size: 24, block: 8, at: 5, count: 3 }, [2, 24, 5], [2, 3, 8, 5]],
  ['blocks become one axis', { axis: 2, size: 8, block: 8, at: 5, count: 3 }, [2, 3, 8], [2, 24]],
  ['ones are put in front', { axis: 0, size: 7, block: 7, at: 1, count: 6 }, [7], [1, 1, 7]],
  ['ones go behind', { axis: 1, size: 7, block: 7, at: 1, count: 6 }, [2, 7, 1, 1], [2, 7]],
  ['ones come behind', { axis: 1, size: 7, block: 7, at: 1, count: 6 }, [2, 7], [2, 7, 1, 1]],
];

describe('train/head/place', () => {
  for (const [title, place, from, to] of CASES) {
    it(`keeps every number of a class where it is in memory: ${title}`, () => {
      const after = reshaped(place, from, to);
      if (after === undefined) throw new TypeError('the place was lost');
      expect([...marked(after, to)]).to.deep.equal([...marked(place, from)]);
      expect(after.size).to.equal(to[after.axis]);
    });
  }

  it('puts one class on the axis of 1 that a reshape makes for it, and on that of the anchors where sizes stay as they are', () => {
    const three: Place = { axis: 1, size: 3, block: 1, at: 0, count: 1 };
    expect(reshaped(three, [2, 3, 8, 5], [2, 3, 1, 8, 5])).to.deep.equal({ ...three, axis: 2, size: 1 });
    expect(reshaped({ ...three, axis: 3 }, [2, 8, 5, 3], [2, 120, 1])).to.deep.equal({ ...three, axis: 2, size: 1 });
    const whole: Place = { axis: 4, size: 1, block: 1, at: 0, count: 1 };
    expect(reshaped(whole, [2, 8, 5, 3, 1], [2, 120, 1])).to.deep.equal({ ...whole, axis: 2 });
    expect(reshaped(whole, [2, 8, 5, 3, 1], [2, 120])).to.deep.equal({ ...whole, axis: 1, size: 120 });
    // An axis of 1 that was there before is the height of a line of text, maybe.
    expect(reshaped(three, [2, 3, 1, 5], [2, 3, 1, 5])).to.deep.equal(three);
    expect(reshaped(three, [2, 3, 8, 5], [2, 3, 1, 8, 5], false)).to.deep.equal(three);
  });

  it('gives up where classes are mixed with other numbers, or sizes do not fit', () => {
    const place: Place = { axis: 1, size: 7, block: 7, at: 2, count: 4 };
    expect(reshaped(place, [1, 7, 2], [1, 2, 7])).to.equal(undefined);
    expect(reshaped(place, [1, 7, 2], [14])).to.equal(undefined);
    expect(reshaped(place, [2, 7], [3, 5])).to.equal(undefined);
    expect(reshaped({ ...place, size: 14 }, [1, 14], [1, 2, 7])).to.deep.equal({ ...place, axis: 2 });
  });

  it('grows by what is new in every block', () => {
    const place: Place = { axis: 1, size: 24, block: 8, at: 5, count: 3 };
    expect([isWhole(place), isWhole({ ...place, size: 8 })]).to.deep.equal([false, true]);
    // Three blocks, each with two more.
    expect(sizeAfter(place, 2)).to.equal(30);
  });
});
