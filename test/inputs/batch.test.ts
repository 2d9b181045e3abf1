import { expect } from 'chai';
import { type Dims, Net } from '../../fixtures/build.ts';
import { batchOf, fitSample, joinSamples, loadSamples, openBatch } from '../../src/inputs/batch.ts';
import { type Dataset, datasetOf } from '../../src/inputs/dataset.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { declaredType } from '../../src/onnx/value-type.ts';
import type { Value, Values } from '../../src/runtime/session.ts';
import { rejection, thrown } from '../support/errors.ts';

function model(inputs: Readonly<Record<string, Dims>>, type: DataType = DataType.FLOAT): Model {
  const net = new Net();
  for (const [name, dims] of Object.entries(inputs)) net.output(net.relu(net.input(name, dims, type)));
  return net.model();
}

function floats(dims: readonly number[], first = 0): Value {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: count }, (_, i) => first + i) };
}

const MAP = [3, 4, 4] as const;

describe('batchOf', () => {
  const CASES: readonly (readonly [string, Readonly<Record<string, Dims>>, readonly string[], number | undefined])[] = [
    ['an open batch', { x: ['N', ...MAP] }, ['x'], undefined],
    ['a fixed batch', { x: [4, ...MAP] }, ['x'], 4],
    ['an unknown rank', { x: undefined }, ['x'], undefined],
    ['two inputs of one symbol', { x: ['N', ...MAP], y: ['N'] }, ['x', 'y'], undefined],
    ['two inputs without symbols', { x: [undefined, ...MAP], y: [undefined, 2] }, ['x', 'y'], undefined],
    [
      'two inputs whose axes tf2onnx named, each another',
      { x: ['unk__156', 60, 60, 3], y: ['unk__157', 60, 60, 3] },
      ['x', 'y'],
      undefined,
    ],
    [
      'two inputs whose axes PyTorch named',
      { x: ['x_dynamic_axes_1', ...MAP], y: ['y_dynamic_axes_1', 2], limit: [1] },
      ['x', 'y'],
      undefined,
    ],
    ['another symbol', { x: ['N', ...MAP], boxes: ['M', 4] }, ['x'], undefined],
    ['a threshold beside an open batch', { limit: [1], x: ['N', ...MAP] }, ['x'], undefined],
    ['a threshold beside a batch of four', { x: [4, ...MAP], limit: [1] }, ['x'], 4],
    ['a scalar', { limit: [], x: ['N', ...MAP] }, ['x'], undefined],
    ['vectors alone', { x: [8] }, ['x'], 8],
    ['scalars alone', { x: [] }, [], 1],
  ];
  for (const [what, inputs, names, size] of CASES) {
    it(`reads ${what}`, () => {
      const batch = batchOf(model(inputs));
      expect([...batch.inputs]).to.deep.equal(names);
      expect(batch.size).to.equal(size);
    });
  }

  it('does not count inputs that an initializer backs', () => {
    const net = new Net();
    const shift = net.input('shift', [5, 5]);
    net.weight('shift', [5, 5]);
    net.output(net.node('Add', [net.input('x', ['N', 5]), shift]));
    expect(batchOf(net.model()).inputs).to.deep.equal(new Set(['x']));
  });
});

describe('openBatch', () => {
  it('leaves the batch of those inputs open, and the rest as it is', () => {
    const before = model({ x: [4, ...MAP], limit: [1], y: [4] });
    const after = openBatch(before);
    const shapes = after.proto.graph.input.map(({ type }) => declaredType(type).shape);
    expect(shapes).to.deep.equal([[undefined, ...MAP], [1], [undefined]]);
    expect(after.proto.graph.node).to.equal(before.proto.graph.node);
    expect(batchOf(after).size).to.equal(undefined);
    expect(batchOf(before).size).to.equal(4);
  });
});

describe('joinSamples', () => {
  const samples: readonly Values[] = [0, 1, 2].map((index) => ({
    x: floats([1, 2], 10 * index),
    limit: floats([1], 7),
  }));
  const data: Dataset = { count: 3, keyOf: () => '', load: async (index) => samples[index] as Values };

  it('puts samples one after the other, and keeps what has no batch', async () => {
    const joined = await joinSamples(model({ x: ['N', 2], limit: [1] }), data, [2, 0, 2]);
    expect(joined).to.deep.equal({
      x: { type: DataType.FLOAT, dims: [3, 2], data: Float32Array.of(20, 21, 0, 1, 20, 21) },
      limit: floats([1], 7),
    });
  });

  it('keeps a single sample as it is', async () => {
    expect(await joinSamples(model({ x: ['N', 2], limit: [1] }), data, [1])).to.deep.equal(samples[1]);
  });

  it('joins values of every type, and several entries a sample', async () => {
    const values: Values = {
      text: { type: DataType.STRING, dims: [2, 1], data: ['a', 'b'] },
      big: { type: DataType.INT64, dims: [2], data: BigInt64Array.of(1n, 2n) },
      frames: floats([4, 1]),
    };
    const inputs = { frames: ['N', 1], text: ['N', 1], big: ['N'] } as const;
    const film: Dataset = {
      count: 2,
      keyOf: () => '',
      load: async () => ({ ...values, frames: floats([2, 1]) }),
    };
    const joined = await joinSamples(model(inputs), film, [0, 1]);
    expect(joined.frames).to.deep.equal({ type: DataType.FLOAT, dims: [4, 1], data: Float32Array.of(0, 1, 0, 1) });
    expect(joined.text).to.deep.include({ dims: [4, 1], data: ['a', 'b', 'a', 'b'] });
    expect(joined.big?.data).to.deep.equal(BigInt64Array.of(1n, 2n, 1n, 2n));
  });
});

describe('loadSamples', () => {
  const data = datasetOf({ x: { type: DataType.DOUBLE, dims: [3, 2], data: Float64Array.of(0, 1, 2, 3, 4, 5) } });

  it('converts samples to what the model takes', async () => {
    const { x } = await loadSamples(model({ x: ['N', 2] }), data, [0, 2]);
    expect(x).to.deep.equal({ type: DataType.FLOAT, dims: [2, 2], data: Float32Array.of(0, 1, 4, 5) });
  });

  it('refuses what the model does not take', async () => {
    const error = await rejection(loadSamples(model({ x: ['N', 3] }), data, [0]));
    expect(error).to.include({ code: 'invalid-data', node: 'x' });
    expect(await rejection(loadSamples(model({ x: [3, 2] }), data, [0, 1]))).to.include({ code: 'invalid-data' });
  });
});

describe('fitSample', () => {
  it('takes one sample of a fixed batch, and floats for bfloat16', () => {
    expect(() => fitSample(model({ x: [4, 2] }), { x: floats([1, 2]) })).to.not.throw();
    expect(() => fitSample(model({ x: [4, 2] }, DataType.BFLOAT16), { x: floats([1, 2]) })).to.not.throw();
  });

  it('refuses another shape, another type, and nothing', () => {
    const source = model({ x: [4, 2] });
    for (const sample of [
      { x: floats([1, 3]) },
      { x: { type: DataType.INT32, dims: [1, 2], data: Int32Array.of(1, 2) } },
      {},
    ]) {
      expect(thrown(() => fitSample(source, sample))).to.include({ code: 'invalid-data', node: 'x' });
    }
  });
});
