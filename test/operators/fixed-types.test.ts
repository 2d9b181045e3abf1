/** Shapes where all sizes are known, against those of ONNX Runtime's own results. */
import { expect } from 'chai';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { inferFixed } from '../../src/operators/fixed-types.ts';
import { runModel } from '../support/session.ts';
import { type Case, type Input, make } from './support/cases.ts';

const { BOOL, FLOAT, INT64 } = DataType;

const x = (...dims: number[]): Input => ({ dims });
const ints = (...values: number[]): Input => ({ dims: [values.length], values, type: INT64, constant: true });
const floats = (...values: number[]): Input => ({ dims: [values.length], values, constant: true });
const bools = (...dims: number[]): Input => ({ dims, type: BOOL, values: new Array(size(dims)).fill(1) });
const places = (dims: number[], ...values: number[]): Input => ({ dims, values, type: INT64, constant: true });

function size(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

const row = (
  op: string,
  inputs: Case['inputs'],
  attributes: Case['attributes'] = {},
  more: Partial<Case> = {},
): Case => ({
  title: '',
  op,
  inputs,
  attributes,
  ...more,
});

const CASES: readonly Case[] = [
  row('Equal', [x(2, 1), x(3)]),
  row('Less', [x(4), x(4)]),
  row('GreaterOrEqual', [x(), x(2, 3)]),
  row('And', [bools(3), bools(2, 1)]),
  row('Not', [bools(3, 2)]),
  row('IsNaN', [x(3, 2)]),
  row('IsInf', [x(3, 2)]),
  row('CumSum', [x(2, 3), places([], 1)]),
  row('Trilu', [x(3, 4)]),
  row('Where', [bools(3, 1), x(1, 4), x()]),
  row('Pad', [x(2, 3), ints(1, 0, 2, 4)]),
  row('Pad', [x(2, 3, 4), ints(1, 2, 0, 3), undefined, ints(-1, 0)]),
  row('Pad', [x(4, 5), ints(-1, 0, 0, -2)]),
  row('Pad', [x(2, 3)], { pads: [1, 0, 2, 4] }, { opset: 10 }),
  row('Expand', [x(3, 1), ints(2, 1, 4)]),
  row('Expand', [x(2, 3), ints(1)]),
  row('Tile', [x(2, 3), ints(2, 4)]),
  row('ConstantOfShape', [ints(2, 0, 3)]),
  row('Gather', [x(4, 5), places([2, 2], 0, 1, 3, 2)]),
  row('Gather', [x(4, 5), places([], 3)], { axis: -1 }),
  row('ScatterND', [x(4, 2), places([1, 1], 2), x(1, 2)]),
  row('ScatterElements', [x(3, 4), places([1, 2], 0, 2), x(1, 2)]),
  row('ConvTranspose', [x(1, 2, 5, 4), x(2, 3, 3, 3)]),
  row('ConvTranspose', [x(1, 2, 5, 4), x(2, 3, 3, 2)], { strides: [2, 3], pads: [1, 0, 1, 1], output_padding: [1, 0] }),
  row('ConvTranspose', [x(1, 2, 5), x(2, 3, 3)], { dilations: [2] }),
  row('ConvTranspose', [x(1, 4, 5), x(4, 3, 3)], { group: 2 }),
  row('ConvTranspose', [x(1, 2, 5, 4), x(2, 3, 3, 3)], { strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  row('ConvTranspose', [x(1, 2, 5, 4), x(2, 3, 3, 3)], { strides: [2, 2], output_shape: [10, 8] }),
  row('MaxPool', [x(1, 2, 7, 6)], { kernel_shape: [3, 2], strides: [2, 2] }, { outputs: 2 }),
  row('Resize', [x(1, 2, 3, 4), undefined, floats(1, 1, 2.5, 0.5)]),
  row('Resize', [x(1, 2, 3, 4), undefined, undefined, ints(1, 2, 7, 5)]),
  row('Relu', [x(2, 3)]),
  row('MatMul', [x(5, 2, 3), x(3, 4)]),
];

/** What the rule is told of a case: types of all inputs, numbers of the constant ones. */
function told({ inputs }: Case) {
  const numbers = (index: number, type: DataType) => {
    const it = inputs[index];
    return it?.constant === true && (it.type ?? FLOAT) === type ? [...(it.values ?? [])] : undefined;
  };
  return {
    type: (index: number) => {
      const it = inputs[index];
      return it === undefined ? {} : { elemType: it.type ?? FLOAT, shape: it.dims };
    },
    ints: (index: number) => numbers(index, INT64),
    floats: (index: number) => numbers(index, FLOAT),
  };
}

describe('operators/fixed-types', () => {
  for (const it_ of CASES) {
    const shapes = it_.inputs.map((input) => (input === undefined ? '–' : `[${input.dims}]`)).join(' ');
    it(`${it_.op} of ${shapes} ${JSON.stringify(it_.attributes)} has the types that ONNX Runtime gives`, async () => {
      const { model, feeds } = make(it_);
      const values = await runModel(model, feeds);
      const [node] = model.proto.graph.node;
      if (node === undefined) throw new TypeError('the model has no node');
      const found = inferFixed(node, told(it_));
      for (let index = 0; index < (it_.outputs ?? 1); index++) {
        const { type, dims } = values[`y${index}`] ?? {};
        expect(found[index]).to.deep.equal({ elemType: type, shape: dims });
      }
    });
  }

  it('what does not follow is left open, without sizes that were made up', () => {
    const open = { type: () => ({ elemType: FLOAT }), ints: () => undefined, floats: () => undefined };
    for (const op of ['Pad', 'Expand', 'Tile', 'Gather', 'Resize', 'Equal', 'Where', 'ConvTranspose']) {
      const [type] = inferFixed(makeNode(op, ['a', 'b', 'c'], ['y'], ''), open);
      expect(type?.elemType, op).to.equal(op === 'Equal' ? BOOL : FLOAT);
      expect(type?.shape, op).to.equal(undefined);
    }
    const [filled] = inferFixed(makeNode('ConstantOfShape', ['n'], ['y'], ''), open);
    expect(filled?.shape).to.equal(undefined);
  });

  it('a size that is open stays open, however it is stretched or padded', () => {
    const known = (at: number, numbers: readonly number[]) => (index: number) =>
      index === at ? [...numbers] : undefined;
    const inputs = (more: {
      ints?: (index: number) => number[] | undefined;
      floats?: (index: number) => number[] | undefined;
    }) => ({
      type: () => ({ elemType: FLOAT, shape: [undefined, 3] }),
      ints: () => undefined,
      floats: () => undefined,
      ...more,
    });
    const shape = (op: string, names: string[], more: Parameters<typeof inputs>[0]) =>
      inferFixed(makeNode(op, names, ['y'], ''), inputs(more))[0]?.shape;
    expect(shape('Tile', ['x', 'n'], { ints: known(1, [2, 4]) })).to.deep.equal([undefined, 12]);
    expect(shape('Pad', ['x', 'n'], { ints: known(1, [1, 1, 0, 2]) })).to.deep.equal([undefined, 6]);
    expect(shape('Resize', ['x', '', 's'], { floats: known(2, [2, 2.5]) })).to.deep.equal([undefined, 7]);
  });

  it('repeats and scales that are computed in the run leave each size open, and keep the rank', () => {
    const inputs = { type: () => ({ elemType: FLOAT, shape: [2, 3] }), ints: () => undefined, floats: () => undefined };
    expect(inferFixed(makeNode('Tile', ['x', 'n'], ['y'], ''), inputs)[0]?.shape).to.deep.equal([undefined, undefined]);
    expect(inferFixed(makeNode('Pad', ['x', 'n'], ['y'], ''), inputs)[0]?.shape).to.equal(undefined);
    expect(inferFixed(makeNode('Resize', ['x', '', 's'], ['y'], ''), inputs)[0]?.shape).to.equal(undefined);
  });
});
