import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { withParameters, writable } from '../../src/train/deliver.ts';
import { thrown } from '../support/errors.ts';

/** Weights in an initializer, in a Constant, and in halves. */
function net() {
  const built = new Net({ opset: 13 });
  const x = built.input('x', ['N', 2]);
  const stored = built.node(
    'Constant',
    [],
    { value: makeTensor('', DataType.FLOAT, [2], [3, 4]) },
    { outputs: ['stored'] },
  );
  const half = built.weight('half', [2], [5, 6], DataType.FLOAT16);
  const sum = built.node('Add', [built.node('Add', [x, built.weight('w', [2], [1, 2])]), stored]);
  built.node('Add', [sum, built.node('Cast', [half], { to: 1 })], {}, { outputs: ['y'] });
  return built.output('y', ['N', 2]).model();
}
const part = (name: string, offset: number) => ({ name, offset, dims: [2] });

describe('train/deliver', () => {
  it('refuses a number that the type of the file does not hold, by name; infinities of the file are its own', () => {
    const write = (...theta: number[]) => withParameters(net(), [part('half', 0)], Float32Array.from(theta));
    const error = thrown(() => write(1, -65520));
    expect(error).to.include({ code: 'invalid-data', node: 'half' });
    expect(error.message).to.equal('training made a number of it -65520, and float16 ends at 65504');
    expect(error.remedy).to.include('--lr');
    for (const theta of [
      [1, -65519],
      [1, Number.NEGATIVE_INFINITY],
    ])
      expect(() => write(...theta)).to.not.throw();
    expect(() => withParameters(net(), [part('w', 0)], Float32Array.of(1e30, 1))).to.not.throw();
  });

  it('writes numbers into initializers and constants in their own types, and leaves all else', () => {
    const model = net();
    const theta = Float32Array.of(9, 0.5, -1, 1e-9, 2.0004, 65504);
    const made = readModel(writeModel(withParameters(model, [part('stored', 0), part('half', 4), part('w', 2)], theta)))
      .proto.graph;
    const numbers = (name: string) => {
      const tensor = made.initializer.find((it) => it.name === name);
      return tensor && Array.from(valuesOf(tensor, model.home.open));
    };
    expect(numbers('w')).to.deep.equal([-1, Math.fround(1e-9)]);
    // The half next to 2.0004 is 2.
    expect(numbers('half')).to.deep.equal([2, 65504]);
    const value = made.node
      .find(({ opType }) => opType === 'Constant')
      ?.attribute.find(({ name }) => name === 'value')?.t;
    expect(value && Array.from(valuesOf(value, model.home.open))).to.deep.equal([9, 0.5]);
    const names = (graph: typeof made) => [
      graph.node.map((it) => [it.opType, it.input, it.output]),
      graph.initializer.map((it) => it.name),
    ];
    expect(names(made)).to.deep.equal(names(readModel(writeModel(model)).proto.graph));
  });

  it('tells what can be written, and refuses what is not there', () => {
    const model = net();
    expect([...writable(model)].sort()).to.include.members(['half', 'stored', 'w']);
    expect(writable(model).has('y')).to.equal(false);
    const error = thrown(() => withParameters(model, [part('y', 0)], new Float32Array(2)));
    expect(error).to.include({ code: 'internal', message: 'the trained tensor "y" is not in the model' });
  });
});
