/** What is written for each kind of index, as ONNX Runtime runs it, against a loop that adds row after row. */
import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { addRows } from '../../../src/operators/index/rows.ts';
import { make } from '../support/cases.ts';
import { both, gather, places, x } from '../support/places.ts';
import { distance, Written } from '../support/written.ts';

interface Setting {
  readonly dims: readonly number[];
  readonly axis: number;
  readonly rows: readonly number[];
  /** Whether the rows are the same in every run. */
  readonly isKnown?: boolean;
}

/** What is written, what it gives, and what a loop over all numbers gives. */
async function added({ dims, axis, rows, isKnown = true }: Setting) {
  const g = new Written();
  g.value('data', dims);
  const read = dims.toSpliced(axis, 1, rows.length);
  const updates = g.value('updates', read);
  const name = addRows(g, updates, {
    axis,
    dims,
    like: 'data',
    count: rows.length,
    known: isKnown ? rows : undefined,
    computed: () => g.ints(rows),
  });
  const operators = g.net.nodes.map(({ opType }) => opType);
  const found = await g.run(name);
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const outer = dims.slice(0, axis).reduce((product, dim) => product * dim, 1);
  const dim = dims[axis] as number;
  const expected = new Array<number>(outer * dim * inner).fill(0);
  for (const [index, value] of g.stored('updates').entries()) {
    const place = Math.floor(index / inner) % rows.length;
    const before = Math.floor(index / (inner * rows.length));
    const at = (before * dim + (rows[place] as number)) * inner + (index % inner);
    expected[at] = (expected[at] as number) + value;
  }
  return { operators, found, expected };
}

const SETTINGS: readonly (readonly [title: string, setting: Setting, operators: readonly string[]])[] = [
  ['rows in a run are padded', { dims: [2, 7, 3], axis: 1, rows: [2, 3, 4] }, ['Pad']],
  ['one row is a run', { dims: [5, 2], axis: 0, rows: [3] }, ['Pad']],
  ['all rows in their order stay as they are', { dims: [4, 3], axis: 0, rows: [0, 1, 2, 3] }, []],
  ['all rows in another order are fetched', { dims: [4, 3], axis: 0, rows: [2, 0, 3, 1] }, ['Gather']],
  ['rows that were not read fetch a row of zeros', { dims: [3, 5], axis: 1, rows: [4, 1] }, ['Pad', 'Gather']],
  [
    'rows that were read several times are fetched as often, and added',
    { dims: [2, 4, 3], axis: 1, rows: [3, 0, 3, 3, 1] },
    ['Pad', 'Gather', 'Reshape', 'ReduceSum'],
  ],
  [
    'rows that were all read equally often need no zeros',
    { dims: [3, 2], axis: 0, rows: [2, 0, 1, 1, 0, 2] },
    ['Gather', 'Reshape', 'ReduceSum'],
  ],
  [
    'few of many rows are scattered, where fetching would read 16 times as much',
    { dims: [40, 2], axis: 0, rows: [7, 7, 7] },
    ['Reshape', 'Expand', 'ConstantOfShape', 'ScatterElements'],
  ],
  [
    'rows that are computed in the run are scattered',
    { dims: [2, 5, 3], axis: 1, rows: [4, 0, 4], isKnown: false },
    ['Reshape', 'Expand', 'ConstantOfShape', 'ScatterElements'],
  ],
  ['no row leaves zeros', { dims: [3, 2], axis: 0, rows: [] }, ['Gather', 'Reshape', 'ReduceSum']],
];

describe('operators/index/rows', () => {
  for (const [title, setting, operators] of SETTINGS) {
    it(title, async () => {
      const made = await added(setting);
      expect(made.operators).to.deep.equal(operators);
      expect(made.found.dims).to.deep.equal(setting.dims);
      expect(distance(made.found.values, made.expected)).to.be.lessThan(1e-6);
    });
  }

  // ONNX Runtime adds wrongly with several threads where a row comes twice (docs/decisions.md).
  it('a row that comes twice is never left to ScatterND', async () => {
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
