import { expect } from 'chai';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value } from '../../src/runtime/session.ts';

const x: Value = { type: DataType.FLOAT, dims: [3, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5) };
const limit: Value = { type: DataType.FLOAT, dims: [1], data: Float32Array.of(9) };
const names: Value = { type: DataType.STRING, dims: [3], data: ['a', 'b', 'c'] };

describe('datasetOf', () => {
  it('has a sample for each entry of the first dimension', async () => {
    const data = datasetOf({ x, names });
    expect(data.count).to.equal(3);
    expect(await data.load(1)).to.deep.equal({
      x: { ...x, dims: [1, 2], data: Float32Array.of(2, 3) },
      names: { ...names, dims: [1], data: ['b'] },
    });
  });

  it('gives every sample what does not count samples', async () => {
    const scalar: Value = { ...limit, dims: [] };
    const sample = await datasetOf({ x, limit, scalar }).load(2);
    expect(sample.limit).to.deep.equal(limit);
    expect(sample.scalar).to.deep.equal(scalar);
    expect(sample.x?.data).to.deep.equal(Float32Array.of(4, 5));
  });

  it('has samples of one shape, which may all share a run', () => {
    const data = datasetOf({ x });
    expect(data.keyOf(0)).to.equal(data.keyOf(2));
  });

  it('has none of nothing', () => {
    expect(datasetOf({}).count).to.equal(0);
    expect(datasetOf({ x: { ...x, dims: [0, 2], data: new Float32Array() } }).count).to.equal(0);
  });
});
