import { expect } from 'chai';
import { type AttributeValue, makeNode } from '../../../src/onnx/attributes.ts';
import { pass } from '../../../src/train/head/flow.ts';
import type { Place } from '../../../src/train/head/place.ts';
import type { Known } from '../../../src/train/head/rule.ts';

/** 7 numbers along an axis: 2 others, 4 classes, 1 other. */
const WHOLE: Place = { axis: 1, size: 7, block: 7, at: 2, count: 4 };
/** Two anchors, each with one other number and 3 classes. */
const BLOCKS: Place = { axis: 1, size: 8, block: 4, at: 1, count: 3 };
const MORE = 3;

interface Case {
  readonly op: string;
  readonly place?: Place;
  /** Dimensions of the value that classes are in, and of the output. */
  readonly from: readonly number[];
  readonly to?: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Further inputs: integers that are known, or dimensions of floats that are stored or computed. */
  readonly more?: readonly (
    | readonly number[]
    | { readonly dims: readonly number[]; readonly stored?: boolean; readonly classes?: Place }
  )[];
  readonly outputs?: number;
  /** Whether the first input holds none. */
  readonly isElsewhere?: boolean;
}

function passed({
  op,
  place = WHOLE,
  from,
  to = from,
  attributes = {},
  more = [],
  outputs = 1,
  isElsewhere = false,
}: Case) {
  const dims = new Map<string, readonly number[]>([['x', from]]);
  const ints = new Map<string, readonly number[]>();
  const stored = new Set<string>();
  const places = new Map(isElsewhere ? [] : [['x', place]]);
  const inputs = more.map((it, index) => {
    const name = `i${index + 1}`;
    if ('dims' in it) {
      dims.set(name, it.dims);
      if (it.stored === true) stored.add(name);
      if (it.classes !== undefined) places.set(name, it.classes);
    } else {
      dims.set(name, [it.length]);
      ints.set(name, it);
      stored.add(name);
    }
    return name;
  });
  const names = Array.from({ length: outputs }, (_, index) => `y${index}`);
  for (const name of names) dims.set(name, to);
  const node = makeNode(op, ['x', ...inputs], names, 'node', attributes);
  const known: Known = {
    dimsOf: (value) => dims.get(value),
    intsOf: (value) => ints.get(value),
    isStored: (value) => stored.has(value),
    makerOf: () => undefined,
    readersOf: () => [],
  };
  const result = pass(node, places, MORE, known);
  return {
    places: Object.fromEntries(result.places),
    rewrites: result.rewrites.map(({ input, attribute, values }) => ({ of: input ?? attribute, values: [...values] })),
    grown: (result.grown ?? []).map(({ input, place: { axis } }) => ({ input, axis })),
    blocked: result.blocked,
  };
}

const nowhere = { places: {}, rewrites: [], grown: [], blocked: undefined };
const at = (place: Place, rewrites: readonly object[] = [], grown: readonly object[] = []) => ({
  places: { y0: place },
  rewrites,
  grown,
  blocked: undefined,
});

describe('train/head/flow', () => {
  const cases: readonly [string, Case, ReturnType<typeof passed> | ReturnType<typeof at>][] = [
    ['a Transpose without an order turns all axes round', { op: 'Transpose', from: [1, 7, 5] }, at(WHOLE)],
    [
      'a Transpose takes classes to another axis',
      { op: 'Transpose', from: [1, 7, 5], to: [1, 5, 7], attributes: { perm: [0, 2, 1] } },
      at({ ...WHOLE, axis: 2 }),
    ],
    [
      'a Reshape to a fixed number is given the new one',
      { op: 'Reshape', from: [1, 7, 2, 3], to: [1, 7, 6], more: [[1, 7, 6]] },
      at(WHOLE, [{ of: 1, values: [1, 10, 6] }]),
    ],
    [
      'a Reshape that works the number out needs none',
      { op: 'Reshape', from: [1, 7, 2, 3], to: [1, 7, 6], more: [[1, -1, 6]] },
      at(WHOLE),
    ],
    [
      'a Reshape to computed sizes is given the new one, by the sizes of one run',
      { op: 'Reshape', from: [1, 7, 2, 3], to: [1, 7, 6], more: [{ dims: [3] }] },
      at(WHOLE, [{ of: 1, values: [1, 10, 6] }]),
    ],
    [
      'classes that only say how long something is end there',
      { op: 'Reshape', from: [2, 3], to: [6], more: [{ dims: [7], classes: WHOLE }], isElsewhere: true },
      nowhere,
    ],
    [
      'classes that are no data of a Gather end there',
      { op: 'Gather', from: [2, 3], to: [7, 3], more: [{ dims: [1, 7], classes: WHOLE }], isElsewhere: true },
      nowhere,
    ],
    ['a Flatten needs none', { op: 'Flatten', from: [1, 7], to: [1, 7] }, at(WHOLE)],
    [
      'a Concat along another axis changes nothing',
      { op: 'Concat', from: [1, 7, 5], to: [1, 7, 9], attributes: { axis: -1 }, more: [{ dims: [1, 7, 4] }] },
      at(WHOLE),
    ],
    [
      'a Concat beside other numbers moves them behind what stands before',
      { op: 'Concat', from: [1, 7], to: [1, 10], attributes: { axis: 1 }, more: [{ dims: [1, 3] }] },
      at({ axis: 1, size: 10, block: 10, at: 2, count: 4 }),
    ],
    [
      'a Split along another axis gives every part the classes',
      { op: 'Split', from: [1, 7, 4], to: [1, 7, 2], attributes: { axis: 2 }, outputs: 2 },
      { ...nowhere, places: { y0: WHOLE, y1: WHOLE } },
    ],
    [
      'a Split grows the part that they are in, as an input',
      { op: 'Split', from: [1, 7], attributes: { axis: -1 }, more: [[2, 5]], outputs: 2 },
      {
        ...nowhere,
        places: { y1: { axis: 1, size: 5, block: 5, at: 0, count: 4 } },
        rewrites: [{ of: 1, values: [2, 8] }],
      },
    ],
    [
      'a Split before opset 13 does so, too, as an attribute',
      { op: 'Split', from: [1, 7], attributes: { axis: 1, split: [6, 1] }, outputs: 2 },
      {
        ...nowhere,
        places: { y0: { axis: 1, size: 6, block: 6, at: 2, count: 4 } },
        rewrites: [{ of: 'split', values: [9, 1] }],
      },
    ],
    [
      'a Slice along another axis changes nothing',
      { op: 'Slice', from: [1, 7, 9], more: [[0], [4], [2], [1]] },
      at(WHOLE),
    ],
    [
      'a Slice of all classes ends later by what is new',
      { op: 'Slice', from: [1, 7], more: [[1], [6], [1], [1]] },
      at({ axis: 1, size: 5, block: 5, at: 1, count: 4 }, [{ of: 2, values: [9] }]),
    ],
    [
      'a Slice to the end needs no change',
      { op: 'Slice', from: [1, 7], more: [[2], [2 ** 31], [-1]] },
      at({ axis: 1, size: 5, block: 5, at: 0, count: 4 }),
    ],
    [
      'a Slice whose axes are left out begins at the first axis',
      { op: 'Slice', place: { ...WHOLE, axis: 0 }, from: [7, 2], attributes: { starts: [1], ends: [6] } },
      at({ axis: 0, size: 5, block: 5, at: 1, count: 4 }, [{ of: 'ends', values: [9] }]),
    ],
    [
      'a Slice of several axes is changed at that of the classes alone',
      {
        op: 'Slice',
        from: [2, 7],
        more: [
          [0, 1],
          [2, 6],
          [0, 1],
        ],
      },
      at({ axis: 1, size: 5, block: 5, at: 1, count: 4 }, [{ of: 2, values: [2, 9] }]),
    ],
    [
      'a Slice behind the classes, counted from the end, stays where it is',
      { op: 'Slice', from: [1, 7], more: [[-1], [2 ** 31], [1]] },
      nowhere,
    ],
    [
      'a Slice before the classes, counted from the end, begins and ends earlier',
      { op: 'Slice', from: [1, 7], more: [[-7], [-5], [1]] },
      {
        ...nowhere,
        rewrites: [
          { of: 1, values: [-10] },
          { of: 2, values: [-8] },
        ],
      },
    ],
    [
      'a Slice behind the classes begins later, in the spelling before opset 10, too',
      { op: 'Slice', from: [1, 7], attributes: { starts: [6], ends: [7], axes: [1] } },
      {
        ...nowhere,
        rewrites: [
          { of: 'starts', values: [9] },
          { of: 'ends', values: [10] },
        ],
      },
    ],
    [
      'a Gather along an axis before them moves them by what its indices add',
      { op: 'Gather', from: [4, 7], to: [2, 3, 7], attributes: { axis: 0 }, more: [{ dims: [2, 3] }] },
      at({ ...WHOLE, axis: 2 }),
    ],
    [
      'a Gather along an axis behind them leaves them',
      { op: 'Gather', from: [1, 7, 5], to: [1, 7], attributes: { axis: 2 }, more: [{ dims: [] }] },
      at(WHOLE),
    ],
    [
      'a Gather before them reads none',
      { op: 'Gather', from: [1, 7], attributes: { axis: 1 }, more: [[0, 1]] },
      nowhere,
    ],
    [
      'a Gather behind them reads further on, from where a negative index counts to',
      { op: 'Gather', from: [1, 7], attributes: { axis: 1 }, more: [[6, -1]] },
      { ...nowhere, rewrites: [{ of: 1, values: [9, 9] }] },
    ],
    [
      'a Gather around them reads further on behind them, and from the front what it counted from the end',
      { op: 'Gather', from: [1, 7], attributes: { axis: 1 }, more: [[0, -6, 6]] },
      { ...nowhere, rewrites: [{ of: 1, values: [0, 1, 9] }] },
    ],
    [
      'a Resize to named sizes names the new one',
      { op: 'Resize', from: [1, 7, 4, 4], to: [1, 7, 8, 8], more: [{ dims: [0] }, { dims: [0] }, [1, 7, 8, 8]] },
      at(WHOLE, [{ of: 3, values: [1, 10, 8, 8] }]),
    ],
    [
      'a Resize of other axes is left',
      {
        op: 'Resize',
        from: [1, 7, 4, 4],
        to: [1, 7, 8, 8],
        attributes: { axes: [2, -1] },
        more: [{ dims: [0] }, { dims: [0] }, [8, 8]],
      },
      at(WHOLE),
    ],
    ['ArgMax over them ends them', { op: 'ArgMax', from: [1, 7, 5], to: [1, 5], attributes: { axis: 1 } }, nowhere],
    ['a mean over all axes ends them', { op: 'ReduceMean', from: [1, 7, 5], to: [] }, nowhere],
    [
      'a maximum over an axis before them moves them, if that axis goes',
      { op: 'ReduceMax', from: [4, 7], to: [7], attributes: { axes: [0], keepdims: 0 } },
      at({ ...WHOLE, axis: 0 }),
    ],
    [
      'a sum over an axis that stays leaves them',
      { op: 'ReduceSum', from: [1, 7, 5], to: [1, 7, 1], more: [[-1]] },
      at(WHOLE),
    ],
    [
      'Mul by a stored number for each class grows it, at its own axis',
      { op: 'Mul', from: [1, 7, 5], more: [{ dims: [7, 1], stored: true }] },
      at(WHOLE, [], [{ input: 1, axis: 0 }]),
    ],
    [
      'Mul by one number for all grows nothing',
      { op: 'Mul', from: [1, 7], more: [{ dims: [1], stored: true }] },
      at(WHOLE),
    ],
    [
      'Add to a value of more axes moves them',
      { op: 'Add', place: { ...WHOLE, axis: 0 }, from: [7], to: [2, 7], more: [{ dims: [2, 1] }] },
      at(WHOLE),
    ],
    [
      'one number for all, which is spread over others, ends there',
      {
        op: 'Mul',
        place: { axis: 1, size: 1, block: 1, at: 0, count: 1 },
        from: [1, 1],
        to: [1, 5],
        more: [{ dims: [1, 5] }],
      },
      nowhere,
    ],
    ['Sigmoid leaves them', { op: 'Sigmoid', from: [1, 7, 5] }, at(WHOLE)],
    [
      'Expand to a fixed number is given the new one',
      { op: 'Expand', from: [1, 7, 1], to: [1, 7, 5], more: [[1, 7, 5]] },
      at(WHOLE, [{ of: 1, values: [1, 10, 5] }]),
    ],
    ['Expand of other axes is left', { op: 'Expand', from: [1, 7, 1], to: [1, 7, 5], more: [[1, 1, 5]] }, at(WHOLE)],
    ['the size of a map ends them', { op: 'Shape', from: [1, 7], to: [2] }, nowhere],
  ];
  for (const [title, it, expected] of cases) {
    globalThis.it(title, () => expect(passed(it)).to.deep.equal(expected));
  }

  const refusals: readonly [string, Case][] = [
    ['it mixes classes with other numbers', { op: 'Reshape', from: [1, 7, 2], to: [1, 2, 7], more: [[1, 2, 7]] }],
    [
      'it joins classes of several layers side by side',
      { op: 'Concat', from: [1, 7], to: [1, 14], attributes: { axis: 1 }, more: [{ dims: [1, 7], classes: WHOLE }] },
    ],
    [
      'it joins classes of several anchors with other numbers',
      { op: 'Concat', place: BLOCKS, from: [1, 8], to: [1, 9], attributes: { axis: 1 }, more: [{ dims: [1, 1] }] },
    ],
    ['it splits classes into equal parts', { op: 'Split', from: [1, 7], attributes: { axis: 1 }, outputs: 2 }],
    [
      'it splits classes from each other',
      { op: 'Split', from: [1, 7], attributes: { axis: 1 }, more: [[4, 3]], outputs: 2 },
    ],
    ['where it cuts is computed', { op: 'Slice', from: [1, 7], more: [{ dims: [1] }, [6], [1]] }],
    ['it takes some of the classes', { op: 'Slice', from: [1, 7], more: [[3], [7], [1]] }],
    ['it takes some of the classes', { op: 'Slice', from: [1, 7], more: [[0], [7], [1], [2]] }],
    [
      'it chooses classes by computed numbers',
      { op: 'Gather', from: [1, 7], attributes: { axis: 1 }, more: [{ dims: [2] }] },
    ],
    [
      'it combines classes with each other',
      { op: 'Resize', from: [1, 7, 4], to: [1, 14, 4], more: [{ dims: [0] }, [1, 2, 1]] },
    ],
    ['it is made for single classes', { op: 'Gather', from: [1, 7], attributes: { axis: 1 }, more: [[0, 3]] }],
    ['it combines classes with other numbers', { op: 'Add', from: [1, 7], more: [{ dims: [1, 7] }] }],
    ['it combines classes with each other', { op: 'CumSum', from: [1, 7], to: [1, 6] }],
    [
      'it is a layer behind them: MatMul',
      { op: 'MatMul', from: [1, 7], to: [1, 3], more: [{ dims: [7, 3], stored: true }] },
    ],
  ];
  for (const [reason, it] of refusals) {
    globalThis.it(`${it.op} is refused: ${reason}`, () =>
      expect(passed(it)).to.deep.equal({ ...nowhere, blocked: reason }),
    );
  }
});
