import { expect } from 'chai';
import { type Attributes, Net } from '../../fixtures/build.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { integersOf } from '../../src/operators/integers.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { runModel } from '../support/session.ts';

interface Case {
  readonly op: string;
  /** Inputs: lists, or a number alone; null is left out. */
  readonly lists: readonly (readonly number[] | number | null)[];
  readonly attributes?: Attributes;
  readonly opset?: number;
}

const CASES: readonly Case[] = [
  {
    op: 'Add',
    lists: [
      [2, 3, 4],
      [1, 5, 7],
    ],
  },
  { op: 'Sub', lists: [[2, 3, 4], 5] },
  { op: 'Mul', lists: [2, [3, 4]] },
  { op: 'Div', lists: [[7, -7, 8, 9], 2] },
  {
    op: 'Div',
    lists: [
      [12, 9],
      [5, 3],
    ],
  },
  { op: 'Cast', lists: [[2, 3]], attributes: { to: DataType.INT64 } },
  { op: 'Identity', lists: [[2, 3]] },
  { op: 'Concat', lists: [[2], [3, 4], [5]], attributes: { axis: 0 } },
  {
    op: 'Gather',
    lists: [
      [2, 3, 4, 5],
      [3, -4, 1],
    ],
    attributes: { axis: 0 },
  },
  { op: 'Gather', lists: [[2, 3, 4, 5], -1] },
  { op: 'Slice', lists: [[2, 3, 4, 5], [1], [3]] },
  { op: 'Slice', lists: [[2, 3, 4, 5], [-2], [1000], [0]] },
  { op: 'Slice', lists: [[2, 3, 4, 5], [0], [-1], [0], [1]] },
  { op: 'Slice', lists: [[2, 3, 4, 5], [1], [4], null, [1]] },
  { op: 'Slice', lists: [[2, 3, 4, 5]], attributes: { starts: [1], ends: [2] }, opset: 9 },
  { op: 'Unsqueeze', lists: [7, [0]] },
  { op: 'Squeeze', lists: [[7], [0]] },
  {
    op: 'Reshape',
    lists: [
      [2, 3, 4, 5],
      [2, 2],
    ],
  },
];

const listOf = (list: readonly number[] | number | null | undefined) =>
  typeof list === 'number' ? [list] : list === null ? undefined : list && [...list];

describe('operators/integers', () => {
  for (const { op, lists, attributes = {}, opset = 17 } of CASES) {
    it(`knows what ${op} makes of ${JSON.stringify(lists)}, as ONNX Runtime does`, async () => {
      const net = new Net({ opset });
      const inputs = lists.map((list, index) =>
        list === null
          ? ''
          : net.weight(`i${index}`, typeof list === 'number' ? [] : [list.length], listOf(list), DataType.INT64),
      );
      net.node(op, inputs, attributes, { outputs: ['y'] });
      net.output('y', undefined, DataType.INT64);
      const { y } = await runModel(net.model(), {});
      const found = integersOf(net.nodes[0] ?? makeNode(op, [], [], ''), {
        type: () => ({}),
        ints: (index) => listOf(lists[index]),
      });
      expect(found).to.deep.equal(Array.from(numbersIn(y)));
    });
  }

  it('knows the sizes of what has known ones, and parts of them', () => {
    const of = (shape: (number | undefined)[], attributes: Record<string, number> = {}) =>
      integersOf(makeNode('Shape', ['x'], ['y'], '', attributes), { type: () => ({ shape }), ints: () => undefined });
    expect(of([2, 3, 4])).to.deep.equal([2, 3, 4]);
    expect(of([2, 3, 4], { start: 1 })).to.deep.equal([3, 4]);
    expect(of([2, 3, 4], { start: -2, end: -1 })).to.deep.equal([3]);
    expect(of([2, undefined])).to.equal(undefined);
  });

  it('knows nothing of what it is not told, of steps, of places beyond the end, and of operators of others', () => {
    const of = (op: string, lists: readonly (readonly number[] | undefined)[], domain = '') =>
      integersOf(
        {
          ...makeNode(
            op,
            lists.map((_, at) => `i${at}`),
            ['y'],
            '',
          ),
          domain,
        },
        { type: () => ({}), ints: (index) => listOf(lists[index]) },
      );
    expect(of('Concat', [[1], undefined])).to.equal(undefined);
    expect(of('Add', [[1], undefined])).to.equal(undefined);
    expect(
      of('Add', [
        [1, 2, 3],
        [1, 2],
      ]),
    ).to.equal(undefined);
    expect(of('Div', [[1], [0]])).to.equal(undefined);
    expect(of('Gather', [[1, 2], [2]])).to.equal(undefined);
    expect(of('Slice', [[1, 2, 3], [0], [3], [0], [2]])).to.equal(undefined);
    expect(of('Slice', [[1, 2, 3], [0], [3], [0], undefined])).to.equal(undefined);
    expect(of('NonZero', [[1, 2]])).to.equal(undefined);
    expect(of('Add', [[1], [2]], 'com.microsoft')).to.equal(undefined);
  });
});
