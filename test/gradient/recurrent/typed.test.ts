import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { FixedType } from '../../../src/gradient/forward.ts';
import { Typed } from '../../../src/gradient/recurrent/typed.ts';
import { Writer } from '../../../src/gradient/writer.ts';
import { intAttribute } from '../../../src/onnx/attributes.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { Names } from '../../../src/onnx/names.ts';
import type { TensorProto } from '../../../src/onnx/schema.ts';
import { numbersIn } from '../../../src/runtime/session.ts';
import { thrown } from '../../support/errors.ts';
import { runModel } from '../../support/session.ts';

const { FLOAT, DOUBLE } = DataType;

/** A writer of values of that type, which knows x of [2, 6]. */
function written(type: DataType = FLOAT) {
  const constants = new Map<string, TensorProto>();
  const names = { values: new Names(['x']), nodes: new Names([]) };
  const writer = new Writer('steps', names, constants);
  const types = new Map<string, FixedType>([['x', { type, dims: [2, 6] }]]);
  const typed = new Typed(writer, types, type);
  /** What ONNX Runtime makes of all values that were given a type, for x = 0, 1, 2 … */
  const run = async () => {
    const net = new Net({ opset: 18, type });
    net.input('x', [2, 6]);
    net.nodes.push(...writer.nodes);
    const stored = [...constants.values()];
    for (const it of stored) net.add(it);
    // An Identity of each, as neither an input nor an initializer need be an output.
    const values = [...types.keys()].filter((name) => name !== 'x');
    for (const name of values) net.output(net.node('Identity', [name], {}, { outputs: [`out/${name}`] }));
    const data =
      type === DOUBLE ? Float64Array.from({ length: 12 }, (_, i) => i) : Float32Array.from({ length: 12 }, (_, i) => i);
    const results = await runModel(net.model(), { x: { type, dims: [2, 6], data } });
    return new Map(values.map((name) => [name, results[`out/${name}`]] as const));
  };
  /** Whether each value is of the type and size that was noted. */
  const check = async () => {
    const found = await run();
    expect(found.size).to.equal(types.size - 1);
    for (const [name, value] of found) {
      expect({ type: value?.type, dims: value?.dims }, name).to.deep.equal(types.get(name));
    }
    return found;
  };
  return { typed, types, writer, check };
}

describe('gradient/recurrent/typed', () => {
  for (const type of [FLOAT, DOUBLE]) {
    it(`notes for each value of type ${type} the type and size that ONNX Runtime finds`, async () => {
      const { typed, check } = written(type);
      const parts = typed.split('x', 1, [1, 2, 3]);
      const product = typed.op('MatMul', [parts[2] as string, typed.reshape(parts[2] as string, [3, 2])], [2, 2]);
      typed.op('Add', [product, typed.zeros([2, 2])], [2, 2], {}, 'sum');
      typed.reshape('sum', [4, 1, 1]);
      typed.zeros([]);
      typed.zeros([0, 3]);
      const found = await check();
      expect(Array.from(numbersIn(found.get('sum')))).to.deep.equal(
        // x's last three of each row: [[3, 4, 5], [9, 10, 11]] · [[3, 4], [5, 9], [10, 11]].
        [3 * 3 + 4 * 5 + 5 * 10, 3 * 4 + 4 * 9 + 5 * 11, 9 * 3 + 10 * 5 + 11 * 10, 9 * 4 + 10 * 9 + 11 * 11],
      );
    });
  }

  it('splits along any axis, in order', async () => {
    const { typed, types, writer, check } = written();
    const [first = '', second = ''] = typed.split('x', 0, [1, 1]);
    const parts = typed.split(second, 1, [4, 2]);
    expect([first, ...parts].map((name) => types.get(name)?.dims)).to.deep.equal([
      [1, 6],
      [1, 4],
      [1, 2],
    ]);
    expect(writer.nodes.map((node) => [node.opType, intAttribute(node, 'axis', -1)])).to.deep.equal([
      ['Split', 0],
      ['Split', 1],
    ]);
    const found = await check();
    expect(Array.from(numbersIn(found.get(parts[1] ?? '')))).to.deep.equal([10, 11]);
  });

  it('splits into one part by writing nothing', () => {
    const { typed, types, writer } = written();
    expect(typed.split('x', 1, [6])).to.deep.equal(['x']);
    expect([writer.nodes.length, types.size]).to.deep.equal([0, 1]);
  });

  it('gives an output the name that is wanted, and a fresh one otherwise', () => {
    const { typed, types } = written();
    expect(typed.op('Neg', ['x'], [2, 6], {}, 'y')).to.equal('y');
    const [one, other] = [typed.op('Exp', ['x'], [2, 6]), typed.op('Tanh', ['x'], [2, 6])];
    expect(new Set(['x', 'y', one, other]).size).to.equal(4);
    expect([...types.keys()]).to.deep.equal(['x', 'y', one, other]);
  });

  it('writes what is asked for twice once', () => {
    const { typed, writer } = written();
    expect(typed.op('Neg', ['x'], [2, 6])).to.equal(typed.op('Neg', ['x'], [2, 6]));
    expect(typed.split('x', 0, [1, 1])).to.deep.equal(typed.split('x', 0, [1, 1]));
    expect(typed.zeros([2])).to.equal(typed.zeros([2]));
    expect(typed.zeros([2])).not.to.equal(typed.zeros([1, 2]));
    expect(writer.nodes.length).to.equal(2);
  });

  it('tells the size of what it wrote and of what it was given, and faults itself for anything else', () => {
    const { typed } = written();
    expect(typed.dims('x')).to.deep.equal([2, 6]);
    expect(typed.dims(typed.reshape('x', [3, 4]))).to.deep.equal([3, 4]);
    expect(thrown(() => typed.dims('elsewhere'))).to.include({
      code: 'internal',
      message: 'the type of "elsewhere" is not known',
    });
    expect(thrown(() => typed.split('elsewhere', 0, [1, 2])).code).to.equal('internal');
  });
});
