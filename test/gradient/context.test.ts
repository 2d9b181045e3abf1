import { expect } from 'chai';
import { type At, NodeContext, RuleRefusal } from '../../src/gradient/context.ts';
import type { FixedType, Forward } from '../../src/gradient/forward.ts';
import { Writer } from '../../src/gradient/writer.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { Names } from '../../src/onnx/names.ts';
import type { TensorProto } from '../../src/onnx/schema.ts';
import { makeTensor, noExternalData, valuesOf } from '../../src/onnx/tensor.ts';
import { thrown } from '../support/errors.ts';

const { FLOAT, FLOAT16, INT64 } = DataType;

/** A Gather of `x` at `i`, of which the second output is left out, and what is known around it. */
function context(changes: Partial<At> = {}, types: Readonly<Record<string, FixedType>> = {}) {
  const node = makeNode('Gather', ['x', 'i', ''], ['y', ''], '');
  const forward: Forward = {
    opset: 21,
    nodes: [node],
    inputs: [],
    outputs: ['y'],
    constants: new Map([['i', makeTensor('i', INT64, [2], [3, -1])]]),
    types: new Map(Object.entries({ x: { type: FLOAT16, dims: [4, 2] }, i: { type: INT64, dims: [2] }, ...types })),
    external: noExternalData,
  };
  const constants = new Map<string, TensorProto>();
  const writer = new Writer('gradient', { values: new Names([]), nodes: new Names([]) }, constants);
  const g = new NodeContext({
    forward,
    writer,
    node,
    gradients: ['dy', undefined],
    saved: { root: 'r' },
    wanted: new Set(['x']),
    isConstant: (value) => value === 'i',
    addOutput: (index) => `added ${index}`,
    ...changes,
  });
  return { g, writer, stored: (name: string) => [...constants.values()].find((it) => it.name === name) };
}

describe('gradient/context', () => {
  it('tells a rule the inputs and outputs of its node by position, and makes the node give an output that it leaves out', () => {
    const { g } = context();
    expect(g.opset).to.equal(21);
    expect([0, 1, 2, 3].map((index) => g.input(index))).to.deep.equal(['x', 'i', '', '']);
    expect([0, 1, 2].map((index) => g.output(index))).to.deep.equal(['y', 'added 1', 'added 2']);
    expect([0, 1, 2].map((index) => g.gradient(index))).to.deep.equal(['dy', undefined, undefined]);
  });

  it('wants the gradient of an input by its name, and never of one that is left out', () => {
    const { g } = context();
    expect([0, 1, 2, 3].map((index) => g.wants(index))).to.deep.equal([true, false, false, false]);
  });

  it('reads the numbers of what is the same in every run, and of nothing else', () => {
    const known = context().g.constant('i');
    expect(known?.dims).to.deep.equal([2]);
    expect([...(known?.values ?? [])]).to.deep.equal([3, -1]);
    expect(context({ isConstant: () => false }).g.constant('i')).to.equal(undefined);
    expect(context({ isConstant: () => true }).g.constant('x')).to.equal(undefined);
  });

  it('tells dimensions and types, and names a value that has none as a fault of its own', () => {
    const { g } = context();
    expect(g.dims('x')).to.deep.equal([4, 2]);
    expect(g.type('i')).to.equal(INT64);
    const error = thrown(() => g.dims('z'));
    expect(error).to.include({ code: 'internal', message: 'the type of "z" is not known', node: 'Gather' });
    const named = context({ node: makeNode('Gather', ['x', 'i'], ['y'], 'rows') }).g;
    expect(thrown(() => named.type('z')).node).to.equal('rows');
  });

  it('hands out what the spelling kept, and faults a role that nothing was kept under', () => {
    const { g } = context();
    expect(g.saved('root')).to.equal('r');
    const error = thrown(() => g.saved('other'));
    expect(error).to.include({ code: 'internal', message: '"other" was not kept' });
  });

  it('stores numbers in the type of the first float input, in float32 if there is none, or as the rule says', () => {
    const typeOf = (it: ReturnType<typeof context>, name: string) => it.stored(name)?.dataType;
    const half = context();
    expect(typeOf(half, half.g.scalar(0.5))).to.equal(FLOAT16);
    expect(typeOf(half, half.g.tensor([2], [1, 2]))).to.equal(FLOAT16);
    expect(typeOf(half, half.g.scalar(7, INT64))).to.equal(INT64);
    const whole = context({}, { x: { type: INT64, dims: [4, 2] } });
    expect(typeOf(whole, whole.g.scalar(0.5))).to.equal(FLOAT);
    const ints = half.stored(half.g.ints([4, -1]));
    expect(ints).to.deep.include({ dataType: INT64, dims: [2] });
    expect([...valuesOf(ints as TensorProto)]).to.deep.equal([4, -1]);
  });

  it('writes nodes of one output or several, under a given name if there is one', () => {
    const { g, writer } = context();
    const neg = g.op('Neg', ['dy']);
    expect(g.op('Identity', [neg], {}, 'dx')).to.equal('dx');
    const parts = g.ops('Split', ['dx', g.ints([1, 3])], { axis: 0 }, 2);
    expect(new Set(parts).size).to.equal(2);
    expect(g.sumTo('dx', [4, 2], [4, 2])).to.equal('dx');
    expect(writer.nodes.map(({ opType, output }) => [opType, output])).to.deep.equal([
      ['Neg', [neg]],
      ['Identity', ['dx']],
      ['Split', parts],
    ]);
  });

  it('ends a rule that refuses with its reason and remedy, for the walk to collect', () => {
    const refused = (remedy?: string): unknown => {
      try {
        return context().g.refuse('its mode is new', remedy);
      } catch (error) {
        return error;
      }
    };
    expect(refused('Use another')).to.be.instanceOf(RuleRefusal).and.to.include({
      message: 'its mode is new',
      remedy: 'Use another',
    });
    expect(refused()).to.be.instanceOf(RuleRefusal).and.to.have.property('remedy', undefined);
  });
});
