import { expect } from 'chai';
import type { Linear } from '../../src/find/types.ts';
import { channelOf, directionsOf, scaledBias, scaledWeight } from '../../src/norms/linear.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';

function linear(values: readonly number[], changes: Partial<Linear>): Linear {
  const { view = [values.length] } = changes;
  return {
    node: makeNode('Gemm', ['x', 'w'], ['y'], 'gemm'),
    weight: makeTensor('w', DataType.DOUBLE, view, values),
    bias: undefined,
    biasFactor: 1,
    dims: view,
    valuesOf,
    isInitializer: true,
    isShared: false,
    reduced: [],
    view,
    ...changes,
  };
}

describe('norms/linear', () => {
  it('counts channels along the axes that are not summed', () => {
    const all = (view: readonly number[], reduced: readonly number[]) =>
      Array.from({ length: view.reduce((a, b) => a * b, 1) }, (_, i) => channelOf({ view, reduced })(i));
    expect(all([2, 3], [1])).to.deep.equal([0, 0, 0, 1, 1, 1]);
    expect(all([2, 3], [0])).to.deep.equal([0, 1, 2, 0, 1, 2]);
    // Groups, inputs of one, outputs of one.
    expect(all([2, 2, 3], [1])).to.deep.equal([0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
  });

  it('scales a weight and a bias', () => {
    const it_ = linear([1, 2, 3, 4, 5, 6], { view: [2, 3], reduced: [0], biasFactor: 2 });
    expect([...scaledWeight(it_, [1, 10, 100])]).to.deep.equal([1, 20, 300, 4, 50, 600]);
    expect([...scaledBias(it_, [1, 10, 100], [7, 8, 9])]).to.deep.equal([7, 8, 9]);
    const one = { ...it_, bias: makeTensor('b', DataType.DOUBLE, [], [3]) };
    expect([...scaledBias(one, [1, 10, 100], [7, 8, 9])]).to.deep.equal([13, 68, 609]);
    const each = { ...it_, bias: makeTensor('b', DataType.DOUBLE, [3], [1, 2, 3]) };
    expect([...scaledBias(each, [1, 10, 100], [7, 8, 9])]).to.deep.equal([9, 48, 609]);
  });

  it('takes a weight apart into lengths and directions', () => {
    const fine = directionsOf(linear([3, 4, 5, 12], { view: [2, 2], reduced: [1] }));
    expect(fine.changed).to.equal(false);
    expect([...fine.directions]).to.deep.equal([3, 4, 5, 12]);
    expect([...fine.lengths]).to.deep.equal([5, 13]);
    const hard = directionsOf(linear([3e-30, 4e-30, 0, 0, 3e30, 4e30, 3, 4], { view: [4, 2], reduced: [1] }));
    expect(hard.changed).to.equal(true);
    for (const [i, expected] of [0.6, 0.8, 1, 1, 0.6, 0.8, 3, 4].entries()) {
      expect(hard.directions[i]).to.be.closeTo(expected, 1e-15);
    }
    for (const [c, expected] of [5e-30, 0, 5e30, 5].entries()) {
      expect(hard.lengths[c]).to.be.closeTo(expected, 1e-15 * expected);
    }
  });
});
