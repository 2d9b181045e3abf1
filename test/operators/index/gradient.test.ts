import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { adjointCases, type Case, differenceCases, type Input, make } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';

const x = { dims: [4, 3, 5] };

/** Indices, the same in every run or fed. */
const places = (dims: readonly number[], values: readonly number[], constant = true): Input => ({
  dims,
  values,
  type: DataType.INT64,
  constant,
});

const both = (make: (constant: boolean) => Case): Case[] =>
  [true, false].map((constant) => {
    const made = make(constant);
    return { ...made, title: `${made.title}, ${constant ? 'known' : 'computed'}` };
  });

const gather = (title: string, axis: number, dims: number[], values: number[], more: Partial<Case> = {}): Case[] =>
  both((constant) => ({
    title,
    op: 'Gather',
    inputs: [x, places(dims, values, constant)],
    attributes: { axis },
    ...more,
  }));

describe('operators/index: gradients of gathering', () => {
  adjointCases([
    ...gather('one row', 0, [], [2]),
    ...gather('one row from the end', 1, [], [-1]),
    ...gather('a run of rows', 2, [3], [1, 2, 3]),
    ...gather('every row once, in another order', 0, [4], [2, 0, 3, 1]),
    ...gather('some rows, each once', 2, [2], [4, 1]),
    ...gather('a row twice', 1, [3], [2, 0, 2]),
    ...gather('one row of many, often', 2, [6], [3, 3, 3, 3, 3, 3]),
    ...gather('indices below 0', 2, [3], [-1, 0, -5]),
    ...gather('a matrix of indices', 1, [2, 2], [0, 2, 1, 0]),
    ...gather('the last axis by −1', -1, [2, 3], [0, 4, 1, 1, 1, 3]),
    ...gather('of a vector', 0, [2, 2], [0, 2, 1, 0], { inputs: [{ dims: [3] }, places([2, 2], [0, 2, 1, 0])] }),
    ...opsetsFrom(7, 11, 13).flatMap((opset) => gather(`opset ${opset}`, 0, [3], [1, 3, 1], { opset })),
    // 40 rows, one read 3 times: fetching would read 120 rows for 3.
    {
      title: 'few of many rows',
      op: 'Gather',
      inputs: [{ dims: [40, 2] }, places([3], [7, 7, 7])],
      attributes: { axis: 0 },
    },
    {
      title: 'int32 indices',
      op: 'Gather',
      inputs: [x, { dims: [3], values: [1, 3, 1], type: DataType.INT32 }],
    },
  ]);

  const elements = (title: string, axis: number, dims: number[], values: number[], opset = 18): Case[] =>
    both((constant) => ({
      title,
      op: 'GatherElements',
      inputs: [{ dims: [3, 4] }, places(dims, values, constant)],
      attributes: { axis },
      opset,
    }));
  adjointCases([
    ...elements('rows', 0, [2, 4], [0, 2, 1, 0, 2, 2, 1, 1]),
    ...elements('columns', 1, [3, 2], [0, 3, 1, 1, 2, 0]),
    ...elements('the last axis by −1, indices below 0', -1, [3, 3], [0, -1, 1, 1, -4, 0, 2, 2, 2]),
    ...opsetsFrom(11, 13).flatMap((opset) => elements(`opset ${opset}`, 0, [1, 4], [0, 2, 1, 0], opset)),
  ]);

  const nd = (title: string, dims: number[], values: number[], more: Partial<Case> = {}): Case[] =>
    both((constant) => ({ title, op: 'GatherND', inputs: [x, places(dims, values, constant)], ...more }));
  adjointCases([
    ...nd('elements', [3, 3], [0, 0, 0, 3, 2, 4, 0, 0, 0]),
    ...nd('rows of the last axis', [2, 2, 2], [0, 0, 3, 2, 1, 1, 0, 0]),
    ...nd('slabs', [2, 1], [3, 1]),
    ...nd('slabs, one twice', [3, 1], [3, 1, 3]),
    ...nd('indices below 0', [2, 2], [-1, -3, 0, -1]),
    ...nd('one batch axis', [4, 2, 1], [0, 2, 1, 1, 2, 0, 0, 0], { attributes: { batch_dims: 1 }, opset: 12 }),
    ...nd('two batch axes', [4, 3, 1], [0, 4, 1, 1, 2, 0, 0, 3, 2, 4, -1, 2], { attributes: { batch_dims: 2 } }),
    ...opsetsFrom(11, 12, 13).flatMap((opset) => nd(`opset ${opset}`, [2, 2], [0, 1, 2, 2], { opset })),
  ]);
});

describe('operators/index: gradients of scattering', () => {
  const nd = (title: string, dims: number[], values: number[], updates: number[], more: Partial<Case> = {}): Case[] =>
    both((constant) => ({
      title,
      op: 'ScatterND',
      inputs: [x, places(dims, values, constant), { dims: updates }],
      ...more,
    }));
  adjointCases([
    ...nd('slabs', [2, 1], [3, 1], [2, 3, 5]),
    ...nd('elements', [2, 3], [0, 1, 2, 3, 2, 4], [2]),
    ...nd('rows', [2, 1, 2], [0, 1, 3, 2], [2, 1, 5]),
    ...nd('add', [2, 1], [3, 1], [2, 3, 5], { attributes: { reduction: 'add' } }),
    ...nd('add, one twice', [3, 1], [3, 1, 3], [3, 3, 5], { attributes: { reduction: 'add' } }),
    ...opsetsFrom(11, 13, 16).flatMap((opset) => nd(`opset ${opset}`, [2, 2], [0, 1, 2, 2], [2, 5], { opset })),
  ]);

  const elements = (title: string, axis: number, dims: number[], values: number[], more: Partial<Case> = {}): Case[] =>
    both((constant) => ({
      title,
      op: 'ScatterElements',
      inputs: [{ dims: [3, 4] }, places(dims, values, constant), { dims }],
      attributes: { axis, ...more.attributes },
      opset: more.opset ?? 18,
    }));
  adjointCases([
    ...elements('rows', 0, [2, 4], [0, 2, 1, 0, 2, 1, 0, 1]),
    ...elements('columns', -1, [3, 2], [0, 3, 1, 2, 2, 0]),
    ...elements('add, some twice', 1, [3, 2], [0, 0, 1, 2, 3, 3], { attributes: { reduction: 'add' } }),
    ...opsetsFrom(11, 13, 16).flatMap((opset) => elements(`opset ${opset}`, 0, [1, 4], [0, 2, 1, 0], { opset })),
    ...[9, 10].map((opset) => ({
      title: `under its old name, opset ${opset}`,
      op: 'Scatter',
      inputs: [{ dims: [3, 4] }, places([1, 4], [0, 2, 1, 0]), { dims: [1, 4] }],
      attributes: { axis: 0 },
      opset,
    })),
  ]);
});

describe('operators/index: gradients of sorting, running sums and order', () => {
  const count = (k: number) => places([1], [k]);
  differenceCases([
    { title: 'the largest', op: 'TopK', inputs: [x, count(2)], outputs: 2 },
    {
      title: 'the smallest, axis 0',
      op: 'TopK',
      inputs: [x, count(3)],
      attributes: { axis: 0, largest: 0 },
      outputs: 2,
    },
    { title: 'in any order', op: 'TopK', inputs: [x, count(3)], attributes: { axis: 1, sorted: 0 }, outputs: 2 },
    { title: 'a k by attribute, opset 9', op: 'TopK', inputs: [x], attributes: { k: 2 }, outputs: 2, opset: 9 },
    ...[10, 11, 24].map((opset) => ({ title: `opset ${opset}`, op: 'TopK', inputs: [x, count(2)], outputs: 2, opset })),
  ]);

  const axis = (value: number) => places([], [value]);
  adjointCases([
    ...[0, 1, 2, -1].map((at) => ({ title: `axis ${at}`, op: 'CumSum', inputs: [x, axis(at)] })),
    ...[{ exclusive: 1 }, { reverse: 1 }, { exclusive: 1, reverse: 1 }].map((attributes) => ({
      title: Object.keys(attributes).join(' and '),
      op: 'CumSum',
      inputs: [x, axis(1)],
      attributes,
    })),
    ...opsetsFrom(11, 14).map((opset) => ({ title: `opset ${opset}`, op: 'CumSum', inputs: [x, axis(0)], opset })),
    ...[0, 1].flatMap((upper) =>
      [0, 1, -1].map((k) => ({
        title: `upper ${upper}, diagonal ${k}`,
        op: 'Trilu',
        inputs: [x, places([], [k])],
        attributes: { upper },
      })),
    ),
    { title: 'by default', op: 'Trilu', inputs: [x], opset: 14 },
    { title: 'time first', op: 'ReverseSequence', inputs: [x, places([3], [4, 1, 2])] },
    {
      title: 'batch first',
      op: 'ReverseSequence',
      inputs: [x, places([4], [3, 1, 2, 2])],
      attributes: { batch_axis: 0, time_axis: 1 },
    },
  ]);
});

describe('operators/index: adding rows', () => {
  // ONNX Runtime adds wrongly with several threads where a row comes twice (docs/decisions.md).
  it('is never left to ScatterND', async () => {
    const repeated = [3, 1, 3, 3];
    for (const it of [
      ...gather('', 0, [4], repeated),
      ...both((constant) => ({
        title: '',
        op: 'GatherND',
        inputs: [x, places([4, 1], repeated, constant)],
      })),
    ]) {
      const { model, wrt } = make(it);
      const { model: gradient } = await gradientOf(model, { wrt });
      expect(gradient.proto.graph.node.map(({ opType }) => opType)).not.to.include('ScatterND');
    }
  });
});
