import { expect } from 'chai';
import { grouped, groupedElements, sumTerms } from '../../src/norms/grouped.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { byElement } from '../support/by-element.ts';
import { naiveGroupNorm } from '../support/naive.ts';
import { siteOf } from '../support/site.ts';

describe('norms/grouped', () => {
  it('counts the terms of the longest chain of sums', () => {
    const norm = { channels: 8, groups: 2, epsilon: 1e-5, scale: [], bias: [] };
    expect(sumTerms([2, 8, 5, 7], norm, true)).to.equal(4 * 5 * 7);
    // A small map at once, a larger one by its axes.
    expect(sumTerms([2, 8, 5, 7], norm, false)).to.equal(4 + 5 * 7);
    expect(sumTerms([2, 8, 50, 70], norm, false)).to.equal(4 + 50 + 70);
    expect(sumTerms([2, 8, 9], norm, false)).to.equal(4 + 9);
    expect(sumTerms([2, 8], norm, false)).to.equal(4);
  });

  it('visits every element in order, with the value of a second oracle', () => {
    const dims = [2, 4, 3];
    const x = Float64Array.from({ length: 24 }, (_, i) => Math.sin(i * i));
    const norm = { channels: 4, groups: 2, epsilon: 1e-3, scale: [1, -2, 0.5, 3], bias: [0, 1, -1, 2] };
    const expected = naiveGroupNorm(x, dims, 2, norm.epsilon, norm.scale, norm.bias).values;
    const computed = { norm, x, dims, type: DataType.FLOAT, oneStage: true, bySquares: false };
    let next = 0;
    groupedElements(
      computed,
      byElement((index, reference, bound) => {
        expect(index).to.equal(next++);
        expect(reference).to.be.closeTo(expected[index] as number, 1e-13);
        // A handful of float32 roundings of numbers of about 10.
        expect(bound).to.be.within(1e-8, 1e-4);
      }),
    );
    expect(next).to.equal(24);
  });

  it('refuses groups of one number, with the most groups that are larger', () => {
    const point = siteOf({ channels: 6, shape: [undefined, 6, 1, 1] });
    expect(grouped.check(point, 6)).to.include({ code: 'single-element-groups', remedy: 'Use at most 3 groups' });
    expect(grouped.check(point, 3)).to.equal(undefined);
    expect(grouped.check(siteOf({ channels: 6 }), 6)).to.equal(undefined);
  });
});
