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

/** Stored sizes or axes. */
const ints = (net: Net, ...values: number[]) =>
  net.weight(`ints/${values.join('/')}`, [values.length], values, DataType.INT64);

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

  it('takes one number that is added to a layer of one output, and to no other', async () => {
    const net = new Net({ opset: 18 });
    net.input('x', [1, 6]);
    const [shift, bias] = [net.weight('shift', [1]), net.weight('bias', [1])];
    const hidden = net.node('Add', [net.node('MatMul', ['x', net.weight('body', [6, 5])]), shift]);
    net.node('Add', [net.node('MatMul', [hidden, net.weight('head', [5, 1])]), bias], {}, { outputs: ['y'] });
    const { parameters } = await gradientOf(net.output('y', [1, 1]).model());
    expect(parameters.find(({ name }) => name === 'bias')).to.include({ taken: true, role: 'bias' });
    expect(parameters.find(({ name }) => name === 'shift')).to.include({ taken: false });
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

  it('takes what the weight of a layer is computed from: weight standardization, as PyTorch exports it from F.batch_norm', async () => {
    const net = new Net({ opset: 17 });
    const flat = net.node('Reshape', [net.weight('w', [4, 3, 3, 3]), ints(net, 1, 4, 27)]);
    const gain = net.node('Mul', [net.weight('gain', [4, 1, 1, 1]), net.weight('factor', [1], [0.2])]);
    const ones = net.weight('variance', [4], [1, 1, 1, 1]);
    const [zeros, mean] = [net.weight('zeros', [4], [0, 0, 0, 0]), net.weight('mean', [4], [0, 0, 0, 0])];
    const inputs = [flat, net.node('Reshape', [gain, ints(net, 4)]), zeros, mean, ones];
    net.node('BatchNormalization', inputs, { training_mode: 1 }, { name: 'standard', outputs: ['s', 'm', 'v'] });
    const weight = net.node('Reshape', ['s', ints(net, 4, 3, 3, 3)]);
    const y = net.node('Conv', [net.input('x', [1, 3, 6, 6]), weight], {}, { name: 'conv' });
    const made = await gradientOf(net.output(y, [1, 4, 4, 4]).model(), { verify: true });
    const of = (name: string) => made.parameters.find((it) => it.name === name);
    expect([...made.gradients.keys()]).to.have.members(['w', 'gain']);
    expect(of('w')).to.include({
      role: 'weight',
      why: 'in the weight of Conv conv, which BatchNormalization standard computes',
    });
    expect(of('zeros')?.why).to.match(/^zeros, in the weight of Conv conv/);
    expect(made.proof?.error).to.be.lessThan(1e-4);
  });

  it('takes length and direction of weight normalization, and no scale of a quantized weight', async () => {
    const net = new Net({ opset: 18 });
    const v = net.weight('v', [4, 3]);
    const length = net.node('ReduceL2', [v, ints(net, 1)], { keepdims: 1 });
    const weight = net.node('Mul', [net.weight('g', [4, 1]), net.node('Div', [v, length])]);
    const hidden = net.node('Gemm', [net.input('x', [2, 3]), weight], { transB: 1 });
    const packed = [net.weight('q', [4, 5], undefined, DataType.INT8), net.weight('scale', [5])];
    const y = net.node('MatMul', [hidden, net.node('DequantizeLinear', packed, { axis: 1 })]);
    const made = await gradientOf(net.output(y, [2, 5]).model(), { verify: true });
    expect([...made.gradients.keys()]).to.have.members(['v', 'g']);
    expect(made.proof?.error).to.be.lessThan(1e-4);
  });

  it('leaves anchors, which are added to the places of a grid alone, and takes positions, which are added to a map', async () => {
    const net = new Net({ opset: 18 });
    net.input('x', [1, 2, 4, 4]);
    const map = net.node('Conv', ['x', net.weight('first', [3, 2, 1, 1])]);
    // As torchvision's anchor generator: the grid is as large as the map, so it comes from a layer by its size.
    const length = net.node('Gather', [net.node('Shape', [map]), net.weight('axis', [], [3], DataType.INT64)]);
    const [from, step] = [0, 1].map((it) => net.weight(`number/${it}`, [], [it], DataType.INT64));
    const grid = net.node('Cast', [net.node('Range', [from as string, length, step as string])], {
      to: DataType.FLOAT,
    });
    const boxes = net.node('Add', [grid, net.weight('anchors', [3, 1], [-2, 1, 4])]);
    const placed = net.node('Add', [map, net.weight('positions', [1, 3, 4, 4])]);
    const seen = net.node('Mul', [placed, net.node('Reshape', [boxes, ints(net, 1, 3, 1, 4)])]);
    net.node('Conv', [seen, net.weight('second', [2, 3, 1, 1])], {}, { outputs: ['y'] });
    const { parameters, gradients } = await gradientOf(net.output('y', [1, 2, 4, 4]).model(), { wrt: ['all'] });
    expect([...gradients.keys()]).to.have.members(['first', 'second', 'positions']);
    const anchors = parameters.find(({ name }) => name === 'anchors');
    expect(anchors?.why).to.match(/^meets sizes alone, in Add .*: a table, such as anchors; choose it by name/);
  });

  it('leaves what is joined to the answer behind every layer', async () => {
    const net = new Net({ opset: 18 });
    net.input('x', [1, 6]);
    const scores = net.node('MatMul', ['x', net.weight('head', [6, 5])]);
    net.node('Concat', [scores, net.weight('anchors', [1, 5])], { axis: 1 }, { outputs: ['y'] });
    const { parameters } = await gradientOf(net.output('y', [1, 10]).model());
    expect(parameters.find(({ name }) => name === 'anchors')).to.include({ taken: false });
  });

  it('leaves a tensor that is γ and a running statistic at once, as tools that store equal tensors once make it', async () => {
    const net = new Net({ opset: 18 });
    const [ones, zeros] = [net.weight('ones', [3], [1, 1, 1]), net.weight('zeros', [3], [0, 0, 0])];
    const conv = net.node('Conv', [net.input('x', [2, 2, 4, 4]), net.weight('w', [3, 2, 1, 1])]);
    const first = net.node('BatchNormalization', [conv, ones, zeros, zeros, ones], {}, { name: 'first' });
    const own = [net.weight('scale', [3]), zeros, net.weight('mean', [3]), net.weight('variance', [3], [1, 2, 3])];
    net.node('BatchNormalization', [first, ...own], {}, { name: 'second', outputs: ['y'] });
    const made = await gradientOf(net.output('y', [2, 3, 4, 4]).model(), { verify: true });
    const why = made.parameters.map((it) => [it.name, it.taken, it.why]);
    expect(why.filter(([name]) => name === 'ones' || name === 'zeros')).to.deep.equal([
      ['ones', false, 'scale of BatchNormalization first, and running statistic of BatchNormalization first'],
      ['zeros', false, 'bias of BatchNormalization first, and running statistic of BatchNormalization first'],
    ]);
    expect([...made.gradients.keys()]).to.have.members(['w', 'scale']);
    expect(made.proof?.error).to.be.lessThan(1e-4);
  });

  it('takes a tensor that one node reads twice by what it is at either place', async () => {
    const net = new Net({ opset: 18 });
    const twice = net.weight('twice', [2, 2]);
    const hidden = net.node('Gemm', [net.input('x', [2, 2]), net.weight('first', [2, 2]), twice]);
    const y = net.node('Gemm', [hidden, twice, twice], {}, { outputs: ['y'] });
    const made = await gradientOf(net.output(y, [2, 2]).model(), { verify: true });
    expect([...made.gradients.keys()]).to.have.members(['first', 'twice']);
    expect(made.proof?.error).to.be.lessThan(1e-4);
  });
});
