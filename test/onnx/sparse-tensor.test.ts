import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create, type SparseTensorProto } from '../../src/onnx/schema.ts';
import { denseOf } from '../../src/onnx/sparse-tensor.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { thrown } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';

const { FLOAT, INT64 } = DataType;

function sparse(
  dims: readonly number[],
  values: readonly number[],
  indices: readonly number[],
  shape: readonly number[] = [indices.length],
): SparseTensorProto {
  return create('SparseTensorProto', {
    dims,
    values: makeTensor('s', FLOAT, [values.length], values),
    indices: makeTensor('', INT64, shape, indices),
  });
}

const numbers = (it: SparseTensorProto) => [...valuesOf(denseOf(it))];

describe('onnx/sparse-tensor', () => {
  it('puts each value at its place, and 0 everywhere else, under the name of the values', () => {
    const dense = denseOf(sparse([2, 3], [1.5, -2], [4, 0]));
    expect([dense.name, dense.dataType, dense.dims.map(Number)]).to.deep.equal(['s', FLOAT, [2, 3]]);
    expect([...valuesOf(dense)]).to.deep.equal([-2, 0, 0, 0, 1.5, 0]);
    expect(numbers(sparse([3], [], []))).to.deep.equal([0, 0, 0]);
    expect(numbers(sparse([0, 4], [], []))).to.deep.equal([]);
  });

  it('reads places that are rows of a number for each axis', () => {
    expect(numbers(sparse([2, 3], [1.5, -2], [1, 1, 0, 0], [2, 2]))).to.deep.equal([-2, 0, 0, 0, 1.5, 0]);
    expect(numbers(sparse([2, 2, 2], [7, 8], [1, 0, 1, 0, 1, 0], [2, 3]))).to.deep.equal([0, 0, 8, 0, 0, 7, 0, 0]);
    expect(numbers(sparse([3], [5], [2], [1, 1]))).to.deep.equal([0, 0, 5]);
  });

  it('is what ONNX Runtime takes a sparse initializer for', async () => {
    for (const it of [sparse([2, 3], [1.5, -2, 4], [5, 0, 2]), sparse([2, 3], [1.5, -2], [1, 1, 0, 0], [2, 2])]) {
      const net = new Net({ opset: 18 });
      net.sparse.push(it);
      const y = net.node('Add', ['s', net.weight('zero', [], [0])]);
      const value = valueNamed(await runModel(net.output(y, [2, 3]).model(), {}), y);
      expect(Array.from(numbersIn(value))).to.deep.equal(numbers(it));
    }
  });

  it('refuses places that are outside, by half a number or along one axis alone, and lists of other lengths', () => {
    const wrong: readonly SparseTensorProto[] = [
      sparse([2, 3], [1], [6]),
      sparse([2, 3], [1], [-1]),
      // 0 · 3 + 4 would lie in the next row.
      sparse([2, 3], [1], [0, 4], [1, 2]),
      sparse([2, 3], [1], [1, -1], [1, 2]),
      sparse([2, 3], [1, 2], [0]),
      sparse([2, 3], [1], [0, 1]),
      sparse([2, 3], [1, 2], [0, 1, 1], [1, 3]),
      { ...sparse([2], [1], [0]), indices: undefined },
      { ...sparse([2], [1], [0]), values: undefined },
      sparse([2 ** 20, 2 ** 20], [1], [0]),
      sparse([-2, -2], [1], [0]),
    ];
    for (const [at, it] of wrong.entries()) {
      const error = thrown(() => denseOf(it));
      expect(error, `${at}`).to.include({ code: 'invalid-model', remedy: 'Export the model again' });
      const name = it.values === undefined ? '' : 's';
      expect(error.message).to.equal(`sparse tensor "${name}" has indices that do not fit`);
    }
  });
});
