import { expect } from 'chai';
import { DataType } from '../../../src/onnx/data-type.ts';
import { reshape } from '../../../src/operators/reshape/gradient.ts';
import { adjointCases, type Case, type Input } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';
import { Written } from '../support/written.ts';

const ints = (...values: number[]): Input => ({ dims: [values.length], values, type: DataType.INT64, constant: true });
const x = { dims: [2, 3, 4] };

const at = (opsets: readonly number[], make: (opset: number) => Omit<Case, 'opset' | 'title'>): Case[] =>
  opsets.map((opset) => ({ ...make(opset), opset, title: `opset ${opset}` }));

describe('operators/reshape: gradients', () => {
  adjointCases([
    ...at(opsetsFrom(7, 13, 14, 19, 21), () => ({ op: 'Reshape', inputs: [x, ints(4, 6)] })),
    { title: '0 and −1', op: 'Reshape', inputs: [x, ints(0, -1)] },
    { title: 'more axes', op: 'Reshape', inputs: [x, ints(1, 2, 3, 2, 2)] },
    { title: 'to a vector', op: 'Reshape', inputs: [x, ints(-1)] },
    { title: 'of a scalar', op: 'Reshape', inputs: [{ dims: [] }, ints(1, 1)] },
    { title: 'allowzero', op: 'Reshape', inputs: [x, ints(6, 4)], attributes: { allowzero: 1 } },
    ...at(opsetsFrom(7, 9, 11, 13, 21), () => ({ op: 'Flatten', inputs: [x] })),
    ...[0, 1, 2, 3, -1].map((axis) => ({ title: `axis ${axis}`, op: 'Flatten', inputs: [x], attributes: { axis } })),
    ...at([7, 11, 12], () => ({ op: 'Squeeze', inputs: [{ dims: [2, 1, 3, 1] }], attributes: { axes: [1] } })),
    ...at([13, 21, 26], () => ({ op: 'Squeeze', inputs: [{ dims: [2, 1, 3, 1] }, ints(-1, 1)] })),
    { title: 'all axes of one', op: 'Squeeze', inputs: [{ dims: [2, 1, 3, 1] }] },
    ...at([7, 11, 12], () => ({ op: 'Unsqueeze', inputs: [x], attributes: { axes: [0, 2] } })),
    ...at([13, 21, 26], () => ({ op: 'Unsqueeze', inputs: [x, ints(0, -1)] })),
    ...at(opsetsFrom(7, 13, 21), () => ({ op: 'Transpose', inputs: [x] })),
    ...[
      [0, 2, 1],
      [1, 2, 0],
      [2, 0, 1],
    ].map((perm) => ({ title: `perm ${perm}`, op: 'Transpose', inputs: [x], attributes: { perm } })),
    {
      title: 'rank 6',
      op: 'Transpose',
      inputs: [{ dims: [2, 1, 3, 2, 2, 1] }],
      attributes: { perm: [3, 0, 5, 2, 1, 4] },
    },
    ...at(opsetsFrom(7, 13, 16, 19), () => ({ op: 'Identity', inputs: [x] })),
  ]);

  adjointCases([
    ...at(opsetsFrom(8, 13), () => ({ op: 'Expand', inputs: [{ dims: [3, 1] }, ints(2, 3, 4)] })),
    { title: 'by nothing', op: 'Expand', inputs: [x, ints(2, 3, 4)] },
    { title: 'a shape smaller than the input', op: 'Expand', inputs: [x, ints(4)] },
    { title: 'of a scalar', op: 'Expand', inputs: [{ dims: [] }, ints(2, 3)] },
    { title: 'of a vector', op: 'Expand', inputs: [{ dims: [4] }, ints(2, 3, 1)] },
    ...at(opsetsFrom(7, 13), () => ({ op: 'Tile', inputs: [{ dims: [2, 3] }, ints(2, 3)] })),
    { title: 'one axis', op: 'Tile', inputs: [x, ints(1, 3, 1)] },
    { title: 'no axis', op: 'Tile', inputs: [x, ints(1, 1, 1)] },
    { title: 'all axes', op: 'Tile', inputs: [x, ints(2, 2, 2)] },
  ]);

  const channels = { dims: [2, 8, 2, 3] };
  adjointCases([
    ...at(opsetsFrom(7, 11, 13), () => ({
      op: 'DepthToSpace',
      inputs: [channels],
      attributes: { blocksize: 2 },
    })),
    ...['DCR', 'CRD'].map((mode) => ({
      title: mode,
      op: 'DepthToSpace',
      inputs: [channels],
      attributes: { blocksize: 2, mode },
    })),
    {
      title: 'CRD, blocks of 3',
      op: 'DepthToSpace',
      inputs: [{ dims: [1, 18, 2, 2] }],
      attributes: { blocksize: 3, mode: 'CRD' },
    },
    ...at(opsetsFrom(7, 13), () => ({
      op: 'SpaceToDepth',
      inputs: [{ dims: [2, 3, 4, 6] }],
      attributes: { blocksize: 2 },
    })),
  ]);

  adjointCases([
    ...at([7, 10], () => ({ op: 'Dropout', inputs: [x] })),
    ...at([12, 13, 22, 26], () => ({ op: 'Dropout', inputs: [x] })),
    ...[10, 12, 22].map((opset) => ({
      title: `its mask is read, too, opset ${opset}`,
      op: 'Dropout',
      inputs: [x],
      outputs: 2,
      opset,
    })),
    {
      title: 'told not to train',
      op: 'Dropout',
      inputs: [
        x,
        { dims: [], values: [0.25], constant: true },
        { dims: [], values: [0], type: DataType.BOOL, constant: true },
      ],
    },
  ]);

  it('nothing that is repeated gets a gradient of nothing', async () => {
    const g = new Written({ opType: 'Tile', input: ['x', 'repeats'], output: ['y'] }, ['dy']);
    g.state('x', [2, 0]);
    g.state('y', [6, 0]);
    g.value('dy', [6, 0]);
    const tile = reshape.Tile;
    const [dx] = tile !== undefined && 'rule' in tile ? tile.rule(g) : [];
    expect((await g.run(dx as string)).dims).to.deep.equal([2, 0]);
  });
});
