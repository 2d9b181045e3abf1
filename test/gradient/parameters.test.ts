import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { rejection } from '../support/errors.ts';

/** Patches of a picture through a layer, a stored token before them, and a layer behind. */
function tokens(): Net {
  const net = new Net({ opset: 18 });
  net.input('x', [1, 4, 6]);
  const patches = net.node('MatMul', ['x', net.weight('patch', [6, 5])]);
  const joined = net.node('Concat', [net.weight('token', [1, 1, 5]), patches], { axis: 1 });
  net.node('MatMul', [joined, net.weight('head', [5, 2])], {}, { outputs: ['y'] });
  return net.output('y', [1, 5, 2]);
}

describe('gradient/parameters', () => {
  it('takes a token that is joined to computed values between two layers', async () => {
    const { parameters, gradients } = await gradientOf(tokens().model());
    const token = parameters.find(({ name }) => name === 'token');
    expect(token).to.include({ taken: true, role: 'embedding' });
    expect(token?.why).to.match(/^joined to computed values in Concat/);
    expect([...gradients.keys()]).to.have.members(['patch', 'token', 'head']);
  });

  it('takes the bias of the last layer, also behind a Cast that changes nothing', async () => {
    const net = new Net({ opset: 18 });
    net.input('x', [1, 6]);
    const cast = net.node('Cast', [net.node('MatMul', ['x', net.weight('head', [6, 5])])], { to: DataType.FLOAT });
    net.node('Softmax', [net.node('Add', [cast, net.weight('bias', [5])])], { axis: -1 }, { outputs: ['y'] });
    const { parameters } = await gradientOf(net.output('y', [1, 5]).model(), { wrt: ['head'] });
    expect(parameters.find(({ name }) => name === 'bias')).to.include({ taken: true, role: 'bias' });
  });

  it('says that a file is quantized, if all of its weights are integers', async () => {
    const net = new Net({ opset: 18 });
    net.input('x', [1, 6]);
    const weight = net.node('DequantizeLinear', [
      net.weight('w', [6, 5], undefined, DataType.INT8),
      net.weight('scale', [], [0.1]),
    ]);
    net.node('MatMul', ['x', weight], {}, { outputs: ['y'] });
    const error = await rejection(gradientOf(net.output('y', [1, 5]).model()));
    expect([error.code, error.remedy]).to.deep.equal([
      'unsupported-model',
      'Train the float model that it was made from, then quantize the result',
    ]);
    expect(error.message).to.match(/^the file is quantized \(INT8, QDQ\): 1 of 1 layers/);
  });

  it('leaves what is joined to the answer behind every layer', async () => {
    const net = new Net({ opset: 18 });
    net.input('x', [1, 6]);
    const scores = net.node('MatMul', ['x', net.weight('head', [6, 5])]);
    net.node('Concat', [scores, net.weight('anchors', [1, 5])], { axis: 1 }, { outputs: ['y'] });
    const { parameters } = await gradientOf(net.output('y', [1, 10]).model());
    expect(parameters.find(({ name }) => name === 'anchors')).to.include({ taken: false });
  });
});
