import { expect } from 'chai';
import { type Attributes, type Dims, Net } from '../../fixtures/build.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { type Scope, scopesOf } from '../../src/graph/scope.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, writeModel } from '../../src/onnx/model.ts';
import { create, type NodeProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import type { ValueType } from '../../src/onnx/value-type.ts';
import { inferNode } from '../../src/operators/types.ts';
import { openSession, type Value } from '../../src/runtime/session.ts';

const { INT64, INT32, FLOAT, DOUBLE, BOOL } = DataType;

/** An input: a shape, or constant integers. */
type Given = { readonly x: readonly number[] } | { readonly ints: readonly number[] } | { readonly none: true };

interface Case {
  readonly op: string;
  readonly given: readonly Given[];
  readonly attributes?: Attributes;
  readonly opset?: number;
  /** Of the first output. */
  readonly shape: readonly number[];
  readonly outputs?: number;
}

const x = (...dims: readonly number[]): Given => ({ x: dims });
const ints = (...values: readonly number[]): Given => ({ ints: values });
const none: Given = { none: true };
const MAX = Number.MAX_SAFE_INTEGER;
const halves = makeTensor('', DOUBLE, [1], [0.5]);

/** Operators with the shape that ONNX Runtime gives their output; the same runtime checks the table itself. */
const CASES: readonly Case[] = [
  { op: 'Relu', given: [x(2, 3)], shape: [2, 3] },
  { op: 'Softmax', given: [x(2, 3, 4)], attributes: { axis: 1 }, shape: [2, 3, 4] },
  { op: 'BatchNormalization', given: [x(2, 3, 4), x(3), x(3), x(3), x(3)], shape: [2, 3, 4] },
  { op: 'InstanceNormalization', given: [x(2, 3, 4), x(3), x(3)], shape: [2, 3, 4] },
  { op: 'LRN', given: [x(2, 3, 4, 5)], attributes: { size: 3 }, shape: [2, 3, 4, 5] },
  // Broadcasting, from the right.
  { op: 'Add', given: [x(2, 3, 4), x(4)], shape: [2, 3, 4] },
  { op: 'Add', given: [x(3, 1), x(2, 1, 5)], shape: [2, 3, 5] },
  { op: 'Mul', given: [x(), x(2)], shape: [2] },
  { op: 'Mul', given: [x(1), x()], shape: [1] },
  { op: 'Sum', given: [x(1, 4), x(3, 1), x(1)], shape: [3, 4] },
  { op: 'Max', given: [x(2, 3)], shape: [2, 3] },
  { op: 'PRelu', given: [x(2, 3, 4), x(3, 1)], shape: [2, 3, 4] },
  { op: 'Div', given: [x(0, 3), x(1, 3)], shape: [0, 3] },
  { op: 'Less', given: [x(3, 1), x(2, 1, 5)], shape: [2, 3, 5] },
  { op: 'IsNaN', given: [x(3, 1)], shape: [3, 1] },
  // What is made of sizes.
  { op: 'ConstantOfShape', given: [ints(2, 0, 3)], shape: [2, 0, 3] },
  { op: 'ConstantOfShape', given: [ints(4)], attributes: { value: halves }, shape: [4] },
  { op: 'Expand', given: [x(3, 1), ints(2, 1, 4)], shape: [2, 3, 4] },
  { op: 'Expand', given: [x(2, 3, 4), ints(3, 1)], shape: [2, 3, 4] },
  // Convolutions.
  { op: 'Conv', given: [x(2, 3, 8, 9), x(4, 3, 3, 3)], shape: [2, 4, 6, 7] },
  { op: 'Conv', given: [x(2, 3, 8, 9), x(4, 3, 3, 3)], attributes: { pads: [1, 0, 2, 3] }, shape: [2, 4, 9, 10] },
  { op: 'Conv', given: [x(2, 3, 8, 9), x(4, 3, 3, 3)], attributes: { strides: [2, 3] }, shape: [2, 4, 3, 3] },
  { op: 'Conv', given: [x(2, 3, 8, 9), x(4, 3, 3, 3)], attributes: { dilations: [2, 3] }, shape: [2, 4, 4, 3] },
  {
    op: 'Conv',
    given: [x(2, 3, 8, 9), x(4, 3, 3, 3)],
    attributes: { auto_pad: 'SAME_UPPER', strides: [3, 2] },
    shape: [2, 4, 3, 5],
  },
  {
    op: 'Conv',
    given: [x(2, 3, 8, 9), x(4, 3, 3, 3)],
    attributes: { auto_pad: 'SAME_LOWER', strides: [3, 2] },
    shape: [2, 4, 3, 5],
  },
  { op: 'Conv', given: [x(2, 3, 8, 9), x(4, 3, 2, 2)], attributes: { auto_pad: 'VALID' }, shape: [2, 4, 7, 8] },
  { op: 'Conv', given: [x(2, 4, 8), x(6, 2, 3)], attributes: { group: 2 }, shape: [2, 6, 6] },
  { op: 'Conv', given: [x(1, 2, 5, 5, 5), x(3, 2, 3, 3, 3), x(3)], shape: [1, 3, 3, 3, 3] },
  // Pools.
  { op: 'MaxPool', given: [x(2, 3, 8, 9)], attributes: { kernel_shape: [2, 3] }, shape: [2, 3, 7, 7] },
  {
    op: 'MaxPool',
    given: [x(2, 3, 8, 9)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 0, 0] },
    shape: [2, 3, 4, 5],
  },
  { op: 'MaxPool', given: [x(2, 3, 8)], attributes: { kernel_shape: [2], dilations: [3] }, shape: [2, 3, 5] },
  {
    op: 'AveragePool',
    given: [x(2, 3, 8)],
    attributes: { kernel_shape: [3], auto_pad: 'SAME_UPPER' },
    shape: [2, 3, 8],
  },
  { op: 'LpPool', given: [x(2, 3, 8)], attributes: { kernel_shape: [3] }, shape: [2, 3, 6] },
  { op: 'GlobalAveragePool', given: [x(2, 3, 8, 9)], shape: [2, 3, 1, 1] },
  { op: 'GlobalMaxPool', given: [x(2, 3, 8)], shape: [2, 3, 1] },
  // Joining and taking apart.
  { op: 'Concat', given: [x(2, 3), x(2, 4)], attributes: { axis: 1 }, shape: [2, 7] },
  { op: 'Concat', given: [x(2, 3), x(5, 3), x(1, 3)], attributes: { axis: -2 }, shape: [8, 3] },
  { op: 'Slice', given: [x(5, 6), ints(1), ints(4)], shape: [3, 6] },
  { op: 'Slice', given: [x(5, 6), ints(-2), ints(MAX), ints(1)], shape: [5, 2] },
  { op: 'Slice', given: [x(5, 6), ints(0, -1), ints(-1, -MAX), ints(0, -1), ints(2, -2)], shape: [2, 3] },
  { op: 'Slice', given: [x(5, 6), ints(9), ints(20)], shape: [0, 6] },
  { op: 'Slice', given: [x(5, 6), ints(4), ints(1)], shape: [0, 6] },
  { op: 'Slice', given: [x(5, 6), ints(1), ints(3), none, ints(1)], shape: [2, 6] },
  {
    op: 'Slice',
    given: [x(5, 6)],
    attributes: { starts: [1, 2], ends: [3, 9], axes: [0, 1] },
    opset: 9,
    shape: [2, 4],
  },
  { op: 'Gather', given: [x(4, 5), ints(1, 2)], shape: [2, 5] },
  { op: 'Split', given: [x(4, 6), ints(2, 4)], attributes: { axis: 1 }, outputs: 2, shape: [4, 2] },
  { op: 'Split', given: [x(4, 6)], attributes: { axis: -1 }, outputs: 3, shape: [4, 2] },
  { op: 'Tile', given: [x(2, 3), ints(2, 1)], shape: [4, 3] },
  { op: 'Pad', given: [x(2, 3), ints(1, 0, 0, 2)], shape: [3, 5] },
  { op: 'DepthToSpace', given: [x(1, 8, 2, 3)], attributes: { blocksize: 2 }, shape: [1, 2, 4, 6] },
  // Products.
  { op: 'MatMul', given: [x(2, 3), x(3, 4)], shape: [2, 4] },
  { op: 'MatMul', given: [x(5, 2, 3), x(3, 4)], shape: [5, 2, 4] },
  { op: 'MatMul', given: [x(1, 2, 3), x(6, 3, 4)], shape: [6, 2, 4] },
  { op: 'MatMul', given: [x(5, 1, 2, 3), x(6, 3, 4)], shape: [5, 6, 2, 4] },
  { op: 'MatMul', given: [x(3), x(3, 4)], shape: [4] },
  { op: 'MatMul', given: [x(2, 3), x(3)], shape: [2] },
  { op: 'Gemm', given: [x(2, 3), x(3, 4), x(4)], shape: [2, 4] },
  { op: 'Gemm', given: [x(3, 2), x(4, 3)], attributes: { transA: 1, transB: 1 }, shape: [2, 4] },
  // Shapes.
  { op: 'Flatten', given: [x(2, 3, 4)], shape: [2, 12] },
  { op: 'Flatten', given: [x(2, 3, 4)], attributes: { axis: 0 }, shape: [1, 24] },
  { op: 'Flatten', given: [x(2, 3, 4)], attributes: { axis: -1 }, shape: [6, 4] },
  { op: 'Reshape', given: [x(2, 3, 4), ints(4, 6)], shape: [4, 6] },
  { op: 'Reshape', given: [x(2, 3, 4), ints(0, -1)], shape: [2, 12] },
  { op: 'Reshape', given: [x(2, 3, 4), ints(-1)], shape: [24] },
  { op: 'Reshape', given: [x(2, 1), ints(2)], shape: [2] },
  { op: 'Reshape', given: [x(0, 3), ints(3, 0)], attributes: { allowzero: 1 }, shape: [3, 0] },
  { op: 'Transpose', given: [x(2, 3, 4)], shape: [4, 3, 2] },
  { op: 'Transpose', given: [x(2, 3, 4)], attributes: { perm: [1, 0, 2] }, shape: [3, 2, 4] },
  { op: 'Squeeze', given: [x(1, 3, 1), ints(0)], shape: [3, 1] },
  { op: 'Squeeze', given: [x(1, 3, 1), ints(-1, 0)], shape: [3] },
  { op: 'Squeeze', given: [x(1, 3, 1)], shape: [3] },
  { op: 'Squeeze', given: [x(1, 3, 1)], attributes: { axes: [2] }, opset: 11, shape: [1, 3] },
  { op: 'Unsqueeze', given: [x(3, 4), ints(0, -1)], shape: [1, 3, 4, 1] },
  { op: 'Unsqueeze', given: [x(3, 4), ints(2, 1)], shape: [3, 1, 1, 4] },
  { op: 'Unsqueeze', given: [x(3)], attributes: { axes: [1] }, opset: 11, shape: [3, 1] },
  { op: 'ReduceMean', given: [x(2, 3, 4)], attributes: { axes: [1, -1] }, shape: [2, 1, 1] },
  { op: 'ReduceMean', given: [x(2, 3, 4)], attributes: { axes: [0], keepdims: 0 }, shape: [3, 4] },
  { op: 'ReduceMean', given: [x(2, 3, 4)], shape: [1, 1, 1] },
  { op: 'ReduceMean', given: [x(2, 3, 4)], attributes: { keepdims: 0 }, shape: [] },
  { op: 'ReduceSum', given: [x(2, 3, 4), ints(2)], shape: [2, 3, 1] },
  { op: 'ReduceSum', given: [x(2, 3), ints()], shape: [1, 1] },
  { op: 'ReduceSum', given: [x(2, 3), ints()], attributes: { noop_with_empty_axes: 1 }, shape: [2, 3] },
  { op: 'ReduceMax', given: [x(2, 3), ints(0)], opset: 18, shape: [1, 3] },
  { op: 'Shape', given: [x(2, 3, 4)], shape: [3] },
  { op: 'Shape', given: [x(2, 3, 4)], attributes: { start: 1 }, shape: [2] },
  { op: 'Shape', given: [x(2, 3, 4)], attributes: { start: -2, end: -1 }, shape: [1] },
  { op: 'Shape', given: [x(2, 3, 4)], attributes: { start: 5 }, shape: [0] },
  { op: 'Cast', given: [x(2, 3)], attributes: { to: DOUBLE }, shape: [2, 3] },
];

/** The case's node in a model; `open` states no sizes. */
function modelOf({ op, given, attributes = {}, opset = 17, outputs = 1 }: Case, open: boolean): Model {
  const net = new Net({ opset });
  const inputs = given.map((it, index) => {
    if ('none' in it) return '';
    if ('ints' in it) return net.weight(`i${index}`, [it.ints.length], it.ints, INT64);
    const dims: Dims = open ? it.x.map((_, axis) => `d${index}_${axis}`) : it.x;
    return net.input(`x${index}`, dims);
  });
  const names = Array.from({ length: outputs }, (_, index) => `y${index}`);
  net.node(op, inputs, attributes, { outputs: names });
  for (const name of names) net.outputs.push(create('ValueInfoProto', { name }));
  return net.model();
}

function inferred(model: Model): ValueType {
  const scopes = scopesOf(model);
  return inferTypes(model, scopes)(scopes[0] as Scope, 'y0');
}

async function computed(it: Case): Promise<Value> {
  const feeds = Object.fromEntries(
    it.given.flatMap((given, index) => {
      if (!('x' in given)) return [];
      const data = new Float32Array(given.x.reduce((product, dim) => product * dim, 1)).fill(1);
      return [[`x${index}`, { type: FLOAT, dims: given.x, data }]];
    }),
  );
  const session = await openSession(writeModel(modelOf(it, false)));
  try {
    return (await session.run(feeds)).y0 as Value;
  } finally {
    await session.close();
  }
}

/** A lookup of given types, for asking a rule without a model. */
const given = (...types: readonly ValueType[]) => ({
  type: (index: number) => types[index] ?? {},
  ints: () => undefined,
});

/** Operators whose output has a rank that is known, and sizes that are not all. */
const SIZES_OPEN = new Set(['Gather', 'Tile', 'Pad', 'DepthToSpace', 'Split']);
/** Cases that leave even the rank open: which dimensions are 1, and products with a vector. */
const isRankOpen = ({ op, given: [first, second], attributes }: Case) =>
  (op === 'Squeeze' && second === undefined && attributes === undefined) ||
  (op === 'MatMul' && [first, second].some((it) => it !== undefined && 'x' in it && it.x.length < 2));

describe('operators/types', () => {
  for (const it_ of CASES) {
    const { op, given: inputs, attributes = {}, shape } = it_;
    it(`${op} ${JSON.stringify(inputs)} ${JSON.stringify(attributes)} → [${shape}]`, async () => {
      const value = await computed(it_);
      expect(value.dims, 'what ONNX Runtime says').to.deep.equal(shape);
      const type = inferred(modelOf(it_, false));
      if (type.elemType !== undefined) expect(type.elemType).to.equal(value.type);
      if (isRankOpen(it_)) expect(type.shape).to.equal(undefined);
      else if (SIZES_OPEN.has(op)) expect(type.shape?.length).to.equal(shape.length);
      else expect(type.shape).to.deep.equal(shape);
      // With sizes unknown, what is still said is still right.
      const open = inferred(modelOf(it_, true)).shape;
      if (open === undefined) return;
      expect(open.length).to.equal(shape.length);
      for (const [axis, dim] of open.entries()) if (dim !== undefined) expect(dim).to.equal(shape[axis]);
    });
  }

  it('has a rank, and no sizes, from how many sizes a node is given', () => {
    const sizes = { elemType: INT64, shape: [3] };
    const three = [undefined, undefined, undefined];
    expect(inferNode(makeNode('ConstantOfShape', ['n'], ['y'], ''), given(sizes))).to.deep.equal([
      { elemType: FLOAT, shape: three },
    ]);
    const expand = makeNode('Expand', ['x', 'n'], ['y'], '');
    expect(inferNode(expand, given({ elemType: DOUBLE, shape: [5, 1] }, sizes))).to.deep.equal([
      { elemType: DOUBLE, shape: [undefined, 5, undefined] },
    ]);
    for (const types of [given({ shape: [5] }), given({}, sizes)])
      expect(inferNode(expand, types)[0]?.shape).to.equal(undefined);
  });

  it('has the type of what Where chooses from, and the shape of all three', () => {
    const node = makeNode('Where', ['c', 'a', 'b'], ['y'], '');
    const types = given({ elemType: BOOL, shape: [4, 1] }, { elemType: DOUBLE, shape: [] }, { shape: [2, 1, 3] });
    expect(inferNode(node, types)).to.deep.equal([{ elemType: DOUBLE, shape: [2, 4, 3] }]);
  });

  it('a size that one of two may stretch is not guessed', () => {
    const types = given({ shape: [undefined, 1, undefined] }, { shape: [1, undefined, 5] });
    expect(inferNode(makeNode('Add', ['a', 'b'], ['y'], ''), types)[0]?.shape).to.deep.equal([undefined, undefined, 5]);
    expect(inferNode(makeNode('Add', ['a', 'b'], ['y'], ''), given({ shape: [2] }, {}))[0]?.shape).to.equal(undefined);
  });

  it('the broadcasting of opsets before 7 keeps the shape of the first input', () => {
    const node = makeNode('Add', ['a', 'b'], ['y'], '', { broadcast: 1, axis: 1 });
    const types = given({ shape: [2, 3, undefined] }, { shape: [3] });
    expect(inferNode(node, types)[0]?.shape).to.deep.equal([2, 3, undefined]);
  });

  it('the rank of a Conv follows from its weight, its channels too', () => {
    const node = makeNode('Conv', ['x', 'w'], ['y'], '');
    expect(inferNode(node, given({}, { elemType: FLOAT, shape: [8, 3, 3, 3] }))).to.deep.equal([
      { elemType: FLOAT, shape: [undefined, 8, undefined, undefined] },
    ]);
    expect(
      inferNode(node, given({ shape: ['x', 3, 9, 9].map((dim) => Number(dim) || undefined) }, {}))[0]?.shape,
    ).to.deep.equal([undefined, undefined, undefined, undefined]);
  });

  it('ConvTranspose has its channels from weight and group', () => {
    const node = makeNode('ConvTranspose', ['x', 'w'], ['y'], '', { group: 2 });
    const [type] = inferNode(node, given({ shape: [2, 4, 5] }, { shape: [4, 3, 3] }));
    expect(type?.shape).to.deep.equal([2, 6, undefined]);
    expect(inferNode(node, given({ shape: [2, 4, 5] }, {}))[0]?.shape).to.deep.equal([2, undefined, undefined]);
    expect(inferNode(node, given({}, {}))[0]?.shape).to.equal(undefined);
  });

  it('a pool that rounds up is not computed', () => {
    const node = makeNode('MaxPool', ['x'], ['y'], '', { kernel_shape: [2], ceil_mode: 1, strides: [2] });
    expect(inferNode(node, given({ shape: [2, 3, 5] }))[0]?.shape).to.deep.equal([2, 3, undefined]);
  });

  it('Reshape to computed dimensions has the rank that their number says', () => {
    const node = makeNode('Reshape', ['x', 'shape'], ['y'], '');
    expect(inferNode(node, given({ elemType: FLOAT }, { shape: [3] }))).to.deep.equal([
      { elemType: FLOAT, shape: [undefined, undefined, undefined] },
    ]);
    expect(inferNode(node, given({}, { shape: [undefined] }))[0]?.shape).to.equal(undefined);
    expect(inferNode(node, given({}, { shape: [1e9] }))[0]?.shape).to.equal(undefined);
    const old = makeNode('Reshape', ['x'], ['y'], '', { shape: [2, -1] });
    expect(inferNode(old, given({ shape: [4, 3] }))[0]?.shape).to.deep.equal([2, 6]);
  });

  it('Cast says its type; one that does not is of no type', () => {
    expect(inferNode(makeNode('Cast', ['x'], ['y'], '', { to: INT32 }), given({ shape: [2] }))).to.deep.equal([
      { elemType: INT32, shape: [2] },
    ]);
    const net = new Net();
    net.input('x', [2]);
    net.node('Cast', ['x'], {}, { outputs: ['y0'] });
    expect(inferred(net.model())).to.deep.equal({ elemType: undefined, shape: [2] });
  });

  it('Constant has the type of its tensor, and one of text none', () => {
    const net = new Net();
    net.node('Constant', [], { value_ints: [1, 2, 3] }, { outputs: ['y0'] });
    expect(inferred(net.model())).to.deep.equal({ elemType: INT64, shape: [3] });
    const text = makeNode('Constant', [], ['y'], '', { value_string: 'a' });
    expect(inferNode(text, given())).to.deep.equal([]);
  });

  it('other domains and operators that it does not know say nothing', () => {
    const known = given({ elemType: FLOAT, shape: [1] });
    const foreign: NodeProto = { ...makeNode('Relu', ['x'], ['y'], ''), domain: 'com.example' };
    for (const node of [foreign, makeNode('Unheard', ['x'], ['y'], ''), makeNode('__proto__', ['x'], ['y'], '')]) {
      expect(inferNode(node, known)).to.deep.equal([]);
    }
  });

  it('attributes that make no sense give no sizes, and no errors', () => {
    const nonsense: readonly [string, Attributes, readonly (readonly number[])[]][] = [
      [
        'Conv',
        { strides: [0, 0] },
        [
          [1, 3, 4, 4],
          [2, 3, 3, 3],
        ],
      ],
      [
        'Conv',
        { strides: [-1, 1], pads: [1] },
        [
          [1, 3, 4, 4],
          [2, 3, 9, 9],
        ],
      ],
      ['MaxPool', { kernel_shape: [99] }, [[1, 3, 4]]],
      ['MaxPool', {}, [[1, 3, 4]]],
      [
        'Concat',
        { axis: 9 },
        [
          [2, 3],
          [2, 3],
        ],
      ],
      ['Concat', { axis: 0 }, [[2, 3], [2]]],
      ['Transpose', { perm: [7, -3] }, [[2, 3]]],
      ['Flatten', { axis: 9 }, [[2, 3]]],
      ['Squeeze', { axes: [5, -7] }, [[1, 3]]],
      ['Unsqueeze', { axes: [5, 5, -9] }, [[1, 3]]],
      ['Unsqueeze', { axes: new Array<number>(1000).fill(0) }, [[1, 3]]],
      ['ReduceMean', { axes: [9] }, [[1, 3]]],
      ['Slice', { starts: [1], ends: [2], axes: [7, -5] }, [[1, 3]]],
      ['Shape', { start: -99, end: 99 }, [[1, 3]]],
      ['Gemm', {}, [[2], []]],
      ['Reshape', { shape: [-1, -1, 0, 7] }, [[2, 3]]],
      ['Relu', {}, []],
      ['Sum', {}, []],
      ['Concat', { axis: 0 }, []],
    ];
    for (const [op, attributes, shapes] of nonsense) {
      const net = new Net();
      const inputs = shapes.map((dims, index) => net.input(`x${index}`, dims));
      net.node(op, inputs, attributes, { outputs: ['y0'] });
      const { shape } = inferred(net.model());
      for (const dim of shape ?? []) {
        if (dim !== undefined) expect(dim, `${op} ${JSON.stringify(attributes)}`).to.satisfy(Number.isSafeInteger);
        if (dim !== undefined) expect(dim, op).to.be.at.least(0);
      }
      expect(shape?.length ?? 0, op).to.be.at.most(64);
    }
  });
});
