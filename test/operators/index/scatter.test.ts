import { adjointCases, type Case, differenceCases } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';
import { both, places, x } from '../support/places.ts';

describe('operators/index/scatter', () => {
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

describe('operators/index/scatter: TopK', () => {
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
});
