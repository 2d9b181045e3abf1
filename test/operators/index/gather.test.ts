import { DataType } from '../../../src/onnx/data-type.ts';
import { adjointCases, type Case } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';
import { both, gather, places, x } from '../support/places.ts';

describe('operators/index/gather', () => {
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
