import { expect } from 'chai';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { HIGHEST_RANK } from '../../src/onnx/tensor.ts';
import type { ValueType } from '../../src/onnx/value-type.ts';
import {
  broadcastShape,
  forEach,
  sameAsFirst,
  sameRank,
  unknownDims,
  wrapAxis,
} from '../../src/operators/type-rule.ts';

const given = (...types: readonly ValueType[]) => ({
  type: (index: number) => types[index] ?? {},
  ints: () => undefined,
});

/** What two sizes broadcast to, as the rule is stated: the size that is not 1, if they are equal or one of them is 1. */
const pair = (a: number, b: number) => (a === 1 ? b : a);

describe('operators/type-rule', () => {
  it('shapes are broadcast from the right, a missing axis counts as 1', () => {
    expect(broadcastShape([[2, 3, 4], [4]])).to.deep.equal([2, 3, 4]);
    expect(
      broadcastShape([
        [3, 1],
        [2, 1, 5],
      ]),
    ).to.deep.equal([2, 3, 5]);
    expect(broadcastShape([[], [7]])).to.deep.equal([7]);
    expect(broadcastShape([[], []])).to.deep.equal([]);
    expect(broadcastShape([[4], [2, 1], [3, 1, 1]])).to.deep.equal([3, 2, 4]);
  });

  it('every pair of sizes gives what ONNX says, in either order', () => {
    for (const a of [0, 1, 2, 5])
      for (const b of [0, 1, 2, 5]) {
        if (a !== b && a !== 1 && b !== 1) continue;
        expect(broadcastShape([[a], [b]]), `${a} and ${b}`).to.deep.equal([pair(a, b)]);
        expect(broadcastShape([[b], [a]]), `${b} and ${a}`).to.deep.equal([pair(b, a)]);
      }
  });

  it('an open size stays open beside 1 and is settled by any other; an open rank leaves all open', () => {
    expect(broadcastShape([[undefined], [1]])).to.deep.equal([undefined]);
    expect(broadcastShape([[undefined], [6]])).to.deep.equal([6]);
    expect(broadcastShape([[undefined], []])).to.deep.equal([undefined]);
    expect(broadcastShape([[2], undefined])).to.equal(undefined);
  });

  it('the first input’s type is taken whole, or without its sizes for each output', () => {
    const first = { elemType: DataType.FLOAT16, shape: [2, undefined, 3] };
    const node = makeNode('F', ['x', 'y'], ['a', 'b'], '');
    expect(sameAsFirst(node, given(first, {}))).to.deep.equal([first]);
    const open = { elemType: DataType.FLOAT16, shape: [undefined, undefined, undefined] };
    expect(sameRank(node, given(first, {}))).to.deep.equal([open, open]);
    expect(sameRank(node, given({ elemType: DataType.FLOAT }))[0]).to.deep.equal({
      elemType: DataType.FLOAT,
      shape: undefined,
    });
  });

  it('a rank that no tensor has gives no dimensions', () => {
    expect(unknownDims(3)).to.deep.equal([undefined, undefined, undefined]);
    expect(unknownDims(0)).to.deep.equal([]);
    expect(unknownDims(HIGHEST_RANK)).to.have.lengthOf(HIGHEST_RANK);
    for (const rank of [undefined, HIGHEST_RANK + 1, 1e9]) expect(unknownDims(rank)).to.equal(undefined);
  });

  it('one rule stands for several operators', () => {
    expect(forEach('Relu Abs', sameAsFirst)).to.deep.equal({ Relu: sameAsFirst, Abs: sameAsFirst });
  });

  it('negative axes are counted from the end', () => {
    expect([-1, -4, 0, 3].map((axis) => wrapAxis(axis, 4))).to.deep.equal([3, 0, 0, 3]);
  });
});
