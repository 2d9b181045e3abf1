import { expect } from 'chai';
import { type Dims, Net } from '../../fixtures/build.ts';
import { fixture } from '../../fixtures/types.ts';
import { demandsOf } from '../../src/inputs/demanded.ts';
import { inputDims } from '../../src/inputs/generated.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { checked, errorsOf, made } from '../support/checked.ts';
import { failedChecks, verifyFixture } from '../support/verified.ts';

/** What one node that reads `x` and a weight of those dimensions demands. */
function demanded(op: string, dims: readonly number[], attributes = {}) {
  const net = new Net();
  net.node(op, [net.input('x', undefined), net.weight('w', dims)], attributes);
  return demandsOf(net.model()).get('x');
}

describe('demandsOf', () => {
  it('tells rank and channels by the weight of a Conv, of a norm and of a matrix', () => {
    expect(demanded('Conv', [8, 3, 5, 5])).to.deep.equal({ rank: 4, axis: 1, size: 3 });
    expect(demanded('Conv', [8, 1, 5], { group: 8 })).to.deep.equal({ rank: 3, axis: 1, size: 8 });
    expect(demanded('ConvTranspose', [16, 8, 4, 4])).to.deep.equal({ rank: 4, axis: 1, size: 16 });
    expect(demanded('BatchNormalization', [7])).to.deep.equal({ rank: 4, axis: 1, size: 7 });
    expect(demanded('Gemm', [5, 9])).to.deep.equal({ rank: 2, axis: 1, size: 5 });
    expect(demanded('Gemm', [5, 9], { transB: 1 })).to.deep.equal({ rank: 2, axis: 1, size: 9 });
    expect(demanded('MatMul', [5, 9])).to.deep.equal({ rank: 2, axis: -1, size: 5 });
  });

  it('says nothing of what it does not know', () => {
    expect(demanded('Gemm', [5, 9], { transA: 1 })).to.equal(undefined);
    expect(demanded('MatMul', [2, 5, 9])).to.equal(undefined);
    expect(demanded('Add', [5])).to.equal(undefined);
  });

  it('reads a weight that is a Constant node, and goes by the first of two readers', () => {
    const net = new Net();
    const x = net.input('x', undefined);
    net.node('Conv', [x, net.node('Constant', [], { value: makeTensor('', DataType.FLOAT, [1, 2, 1], [1, 1]) })]);
    net.node('Conv', [x, net.weight('w', [8, 3, 5])]);
    expect(demandsOf(net.model()).get('x')?.size).to.equal(2);
  });
});

describe('inputs with every axis open', () => {
  const behindConv = (dims: Dims) => {
    const net = new Net();
    const y = net.bn(net.conv(net.input('x', dims), 3, 8), 8);
    const model = net.output(y).model();
    return fixture('open', 'every axis is open', 1, () => model);
  };

  it('are made of the channels that the first layer takes', async () => {
    for (const dims of [['n', 'c', 'h', 'w'], [undefined, undefined, undefined, undefined], undefined]) {
      const one = behindConv(dims);
      expect(inputDims(one.build(), 2, 16)).to.deep.equal({ x: [2, 3, 16, 16] });
      expect(failedChecks(await verifyFixture(one)), String(dims)).to.deep.equal([]);
    }
  });

  it('are of the norm’s channels where a file that is checked alone shows no layer that tells them', async () => {
    for (const dims of [['n', 'c', 'h', 'w'], undefined]) {
      const net = new Net();
      const bytes = writeModel(net.output(net.bn(net.input('x', dims), 8)).model());
      for (const form of ['reduce', 'instance-conv']) {
        const { model } = await made(bytes, { form });
        expect(errorsOf(await checked(model, { run: true })), `${dims} ${form}`).to.deep.equal([]);
      }
    }
    const conv = behindConv(['n', 'c', 'h', 'w']);
    const { model } = await made(writeModel(conv.build()), { to: 'weight' });
    expect(errorsOf(await checked(model, { run: true }))).to.deep.equal([]);
  });

  it('have one size for a symbol that a later input demands', () => {
    const net = new Net();
    net.input('mask', ['n', 'features']);
    net.node('Gemm', [net.input('x', ['n', 'features']), net.weight('w', [5, 9])]);
    expect(inputDims(net.model(), 2, 64)).to.deep.equal({ mask: [2, 5], x: [2, 5] });
  });
});
