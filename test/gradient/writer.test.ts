import { expect } from 'chai';
import { Writer } from '../../src/gradient/writer.ts';
import { Names } from '../../src/onnx/names.ts';
import type { TensorProto } from '../../src/onnx/schema.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';

/** The axes that a sum names, and the operators that are written. */
function summed(from: readonly number[], to: readonly number[]) {
  const constants = new Map<string, TensorProto>();
  const writer = new Writer('test', { values: new Names([]), nodes: new Names([]) }, constants);
  const result = writer.sumTo('x', from, to);
  const sum = writer.nodes.find(({ opType }) => opType === 'ReduceSum');
  const axes = [...constants.values()].find(({ name }) => name === sum?.input[1]);
  return { result, operators: writer.nodes.map(({ opType }) => opType), axes: axes && [...valuesOf(axes)] };
}

describe('gradient/writer', () => {
  it('sums along what was broadcast, and along the axes of one position behind it, which ONNX Runtime takes 20 times as long to leave', () => {
    expect(summed([200, 32, 1, 1], [200, 1, 1, 1]))
      .to.include({ result: 'test/ReduceSum' })
      .and.to.deep.include({
        operators: ['ReduceSum'],
        axes: [1, 2, 3],
      });
    expect(summed([1, 8, 3, 1, 5], [1, 8, 1, 1, 5]).axes).to.deep.equal([2]);
    expect(summed([2, 8, 1, 1], [1, 8, 1, 1]).axes).to.deep.equal([0]);
  });

  it('adds axes in front, and writes nothing if nothing was broadcast', () => {
    expect(summed([2, 3, 1], [1])).to.deep.include({ operators: ['ReduceSum', 'Reshape'], axes: [0, 1, 2] });
    expect(summed([2, 3], [2, 3])).to.deep.equal({ result: 'x', operators: [], axes: undefined });
    expect(summed([1, 1, 3], [3])).to.deep.include({ operators: ['Reshape'], axes: undefined });
  });
});
