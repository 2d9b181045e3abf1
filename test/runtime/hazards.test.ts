import { expect } from 'chai';
import { block, LOCAL, Net, opset } from '../../fixtures/build.ts';
import { FIXTURES } from '../../fixtures/index.ts';
import { fixture } from '../../fixtures/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { evaluateConstants } from '../../src/runtime/evaluate.ts';
import { refuseHazards, refuseLargeValues } from '../../src/runtime/hazards.ts';
import { checked, errorsOf, made } from '../support/checked.ts';
import { rejection, thrown } from '../support/errors.ts';
import { verifyFixture } from '../support/verified.ts';

/** A block, then a call of a function that takes `takes` inputs with one input. */
function calling(takes: readonly string[]) {
  const body = new Net();
  body.node('Constant', [], { value_float: { float: 1 } }, { outputs: ['y'] });
  const net = block();
  net.node('F', ['Conv_3_out'], {}, { domain: LOCAL, name: 'call' });
  const opsetImport = [opset('', 17), opset(LOCAL, 1)];
  return net.model({ functions: [body.asFunction('F', takes, ['y'])], opsetImport });
}

/** γ is a sparse vector of that many elements, all but one of them 0. */
function sparse(length: number) {
  const net = new Net();
  const [values, indices] = [makeTensor('s', DataType.FLOAT, [1], [7]), makeTensor('i', DataType.INT64, [1], [0])];
  net.sparse.push(create('SparseTensorProto', { values, indices, dims: [length] }));
  net.node('Neg', ['s'], {}, { outputs: ['twice'] });
  return net.model();
}

describe('refuseHazards', () => {
  it('finds none in any fixture', () => {
    for (const it of FIXTURES) expect(() => refuseHazards(it.build()), it.name).not.to.throw();
  });

  it('refuses a call with more inputs than the function takes, on which ONNX Runtime ends the process', async () => {
    refuseHazards(calling(['a']));
    refuseHazards(calling(['a', 'b']));
    const error = thrown(() => refuseHazards(calling([])));
    expect([error.code, error.node]).to.deep.equal(['runtime-failed', 'call']);
    expect(error.message).to.equal('it gives 1 inputs to the function local.F, which takes 0');
    const verified = verifyFixture(fixture('crash', 'a call with too many inputs', 1, () => calling([])));
    expect((await rejection(verified)).message).to.equal(error.message);
  });

  it('refuses a sparse tensor of gigabytes, which ONNX Runtime makes dense', async () => {
    refuseHazards(sparse(1e6));
    const error = thrown(() => refuseHazards(sparse(2 ** 31)));
    expect([error.code, error.node]).to.deep.equal(['runtime-failed', 's']);
    const evaluated = evaluateConstants(sparse(2 ** 31), ['twice']);
    expect((await rejection(evaluated)).message).to.equal(
      'a sparse tensor of 2147483648 elements cannot be computed with',
    );
  });
});

describe('refuseHazards, of a norm in training mode', () => {
  /** The variance of the batch has a name, its mean has none. */
  const varianceAlone = () => {
    const attributes = { training_mode: 1 };
    return block({ opset: 15 }, { attributes, outputs: ['y', '', 'variance'] }).model();
  };

  it('refuses one that gives its variance alone, on which ONNX Runtime ends the process', () => {
    const error = thrown(() => refuseHazards(varianceAlone()));
    expect([error.code, error.node]).to.deep.equal(['runtime-failed', 'BatchNormalization_1']);
  });

  it('refuses one that gives its mean alone, or neither, and none that gives both', () => {
    const attributes = { training_mode: 1 };
    const giving = (...names: readonly string[]) =>
      block({ opset: 15 }, { attributes, outputs: ['y', ...names] }).model();
    refuseHazards(giving('mean', 'variance'));
    for (const names of [
      ['mean', ''],
      ['', ''],
    ]) {
      expect(thrown(() => refuseHazards(giving(...names))).code, `${names}`).to.equal('runtime-failed');
    }
  });

  it('has nothing against it where it is swapped, or checked: there it is run in inference mode', async () => {
    for (const norm of ['group', 'frozen']) {
      const { model, source } = await made(writeModel(varianceAlone()), { to: norm });
      const report = await checked(model, { source, run: true });
      expect(errorsOf(report), norm).to.deep.equal([]);
    }
    const one = fixture('variance', 'its variance alone', 1, varianceAlone);
    expect((await verifyFixture(one)).passed).to.equal(true);
  });
});

describe('refuseLargeValues', () => {
  it('refuses a constant of gigabytes that takes no room in the file', async () => {
    const filled = (size: number) => {
      const net = new Net();
      net.node('ConstantOfShape', [net.weight('size', [1], [size], DataType.INT64)], {}, { outputs: ['zeros'] });
      net.node('Neg', ['zeros'], {}, { outputs: ['negated'] });
      return net.model();
    };
    refuseLargeValues(filled(1000));
    const error = thrown(() => refuseLargeValues(filled(2 ** 33)));
    expect([error.code, error.node]).to.deep.equal(['runtime-failed', 'zeros']);
    expect((await rejection(evaluateConstants(filled(2 ** 33), ['negated']))).node).to.equal('zeros');
  });
});
