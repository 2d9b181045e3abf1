import { DataType } from '../../../src/onnx/data-type.ts';
import { adjointCases, type Case, derivativeCases, differenceCases, type Input } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';

/** Pairs of dimensions that broadcast to each other, each in its own way. */
const PAIRS: readonly (readonly [title: string, a: readonly number[], b: readonly number[]])[] = [
  ['same shape', [3, 5], [3, 5]],
  ['a vector is broadcast', [3, 5], [5]],
  ['both are broadcast', [3, 1], [2, 1, 5]],
  ['a scalar', [], [3, 5]],
  ['one number a channel', [2, 3, 4, 2], [3, 1, 1]],
];

const pairs = (op: string, range: readonly [number, number], more: Partial<Case> = {}): Case[] =>
  PAIRS.map(([title, a, b]) => ({
    title,
    op,
    inputs: [
      { dims: a, range },
      { dims: b, range },
    ],
    ...more,
  }));

const at = (it: Case, opsets: readonly number[]): Case[] =>
  opsets.map((opset) => ({ ...it, opset, title: `${it.title}opset ${opset}` }));

const number = (value: number): Input => ({ dims: [], values: [value], constant: true });
const mask = (dims: readonly number[]): Input => ({
  dims,
  type: DataType.BOOL,
  values: Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, index) => ((index * 5) % 3) & 1),
});

describe('operators/elementwise/arithmetic', () => {
  for (const op of ['Add', 'Sub', 'Mul']) {
    adjointCases(pairs(op, [-1, 1]));
    adjointCases(at({ title: '', op, inputs: [{ dims: [3, 5] }, { dims: [5] }] }, opsetsFrom(7)));
  }
  differenceCases(pairs('Div', [0.5, 2]));
  differenceCases(
    at(
      {
        title: '',
        op: 'Div',
        inputs: [
          { dims: [3, 5], range: [0.5, 2] },
          { dims: [5], range: [-2, -0.5] },
        ],
      },
      opsetsFrom(7),
    ),
  );
  differenceCases(pairs('Pow', [0.5, 2]));

  /** Of an operator of any number of inputs. */
  const ofMany = (op: string, size: number) => [
    ...pairs(op, [-1, 1]),
    { title: 'one input', op, inputs: [{ dims: [3, 5] }] },
    { title: 'three inputs', op, inputs: [{ dims: [3, 5] }, { dims: [5] }, { dims: [2, 1, 1] }] },
    ...at({ title: 'three inputs, ', op, inputs: Array.from({ length: 3 }, () => ({ dims: [size] })) }, opsetsFrom(8)),
  ];
  for (const op of ['Sum', 'Mean']) adjointCases(ofMany(op, 3));
  for (const op of ['Max', 'Min']) differenceCases(ofMany(op, 6));
});

describe('operators/elementwise/arithmetic: Pow', () => {
  for (const exponent of [1, 2, 3, 0.5, -1, 0, 2.5, -0.5]) {
    derivativeCases([
      {
        title: `constant ${exponent}`,
        op: 'Pow',
        inputs: [{ dims: [3, 4], range: [0.3, 2] }, number(exponent)],
        f: (x) => x ** exponent,
      },
    ]);
  }
  derivativeCases([
    {
      title: 'a square of numbers below 0',
      op: 'Pow',
      inputs: [{ dims: [3, 4], range: [-2, -0.3] }, number(2)],
      f: (x) => x ** 2,
    },
    {
      title: 'an integer exponent',
      op: 'Pow',
      inputs: [
        { dims: [3, 4], range: [-2, -0.3] },
        { dims: [], values: [4], type: DataType.INT64, constant: true },
      ],
      f: (x) => x ** 4,
    },
    {
      title: 'a computed integer exponent',
      op: 'Pow',
      inputs: [
        { dims: [3, 4], range: [-2, -0.3] },
        { dims: [1], values: [3], type: DataType.INT64 },
      ],
      f: (x) => x ** 3,
    },
    ...[
      { exponent: 2, f: (x: number) => x ** 2 },
      { exponent: 0, f: () => 1 },
    ].map(({ exponent, f }) => ({
      title: `a base of 0, a computed exponent of ${exponent}`,
      op: 'Pow',
      inputs: [
        { dims: [2], values: [0, 0] },
        { dims: [1], values: [exponent] },
      ],
      f,
    })),
  ]);
  differenceCases([
    {
      title: 'constant exponents, not all alike',
      op: 'Pow',
      inputs: [
        { dims: [2, 3], range: [0.5, 2] },
        { dims: [3], values: [2, 0.5, -1], constant: true },
      ],
    },
    ...at(
      {
        title: '',
        op: 'Pow',
        inputs: [
          { dims: [2, 3], range: [0.5, 2] },
          { dims: [3], range: [-2, 2] },
        ],
      },
      opsetsFrom(7, 12, 13, 15, 18),
    ),
  ]);
});

describe('operators/elementwise/arithmetic: choices', () => {
  adjointCases([
    { title: 'same shape', op: 'Where', inputs: [mask([3, 5]), { dims: [3, 5] }, { dims: [3, 5] }] },
    { title: 'all are broadcast', op: 'Where', inputs: [mask([3, 1]), { dims: [5] }, { dims: [2, 1, 1] }] },
    { title: 'against a scalar', op: 'Where', inputs: [mask([3, 5]), { dims: [3, 5] }, { dims: [] }] },
    ...at({ title: '', op: 'Where', inputs: [mask([5]), { dims: [3, 5] }, { dims: [5] }] }, opsetsFrom(9, 16)),
  ]);

  const within = (low: number, high: number) => (x: number) => Math.min(Math.max(x, low), high);
  const x = { dims: [4, 5], range: [-2, 2] } as const;
  derivativeCases([
    { title: 'both bounds', op: 'Clip', inputs: [x, number(-0.5), number(1)], f: within(-0.5, 1) },
    { title: 'low alone', op: 'Clip', inputs: [x, number(-0.5)], f: within(-0.5, Infinity) },
    { title: 'high alone', op: 'Clip', inputs: [x, undefined, number(1)], f: within(-Infinity, 1) },
    { title: 'no bound', op: 'Clip', inputs: [x], f: (it) => it },
    ...[7, 10].map((opset) => ({
      title: `by attributes, opset ${opset}`,
      op: 'Clip',
      opset,
      inputs: [x],
      attributes: { min: { float: 0 }, max: { float: 1 } },
      f: within(0, 1),
    })),
    {
      title: 'the high bound by an attribute, opset 9',
      op: 'Clip',
      opset: 9,
      inputs: [x],
      attributes: { max: { float: 1 } },
      f: within(-Infinity, 1),
    },
    ...[11, 12, 13, 26].map((opset) => ({
      title: `opset ${opset}`,
      op: 'Clip',
      opset,
      inputs: [x, number(0), number(1)],
      f: within(0, 1),
    })),
  ]);
  differenceCases([
    { title: 'computed bounds', op: 'Clip', inputs: [x, { dims: [], values: [-0.5] }, { dims: [], values: [1] }] },
  ]);

  const slope = (dims: readonly number[]) => ({ dims, range: [0.1, 0.5] as const });
  const negative = { dims: [2, 3, 4], range: [-1, 1] as const };
  for (const dims of [[2, 3, 4], [4], [3, 1], [1]]) {
    derivativeCases([
      {
        title: `a constant slope of shape [${dims}]`,
        op: 'PRelu',
        inputs: [negative, { dims, values: new Array(dims.reduce((a, b) => a * b)).fill(0.25), constant: true }],
        f: (it) => (it < 0 ? 0.25 * it : it),
      },
    ]);
    // Linear in its slope.
    adjointCases([{ title: `slopes of shape [${dims}]`, op: 'PRelu', inputs: [negative, slope(dims)], wrt: [1] }]);
  }
  adjointCases(
    at({ title: 'slopes, ', op: 'PRelu', inputs: [negative, slope([3, 1])], wrt: [1] }, opsetsFrom(7, 9, 16)),
  );
});

describe('operators/elementwise/arithmetic: remainders', () => {
  derivativeCases([
    {
      title: 'of floats',
      op: 'Mod',
      inputs: [{ dims: [4, 5], range: [-3, 3] }, number(1.3)],
      attributes: { fmod: 1 },
      f: (it) => it % 1.3,
    },
  ]);
});
