import { expect } from 'chai';
import { LOCAL, Net, opset } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { LOWEST_OPSET, prepare } from '../../src/gradient/prepare.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { declaredType } from '../../src/onnx/value-type.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { convertCommand } from '../../src/words.ts';
import { rejection } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { modelOf } from '../support/swapped.ts';

const { FLOAT, INT64 } = DataType;

const plain = (model: Model, more: Partial<Parameters<typeof prepare>[1]> = {}) =>
  prepare(model, { sizes: {}, batch: 2, ...more });

/** [N, 3] → MatMul → + a bias whose size comes from Shape(x) → Softmax. */
function network(): Net {
  const net = new Net({ opset: 17 });
  const x = net.input('x', ['N', 3]);
  const product = net.node('MatMul', [x, net.weight('w', [3, 4])], {}, { outputs: ['product'] });
  const rows = net.node('Gather', [
    net.node('Shape', [x], {}, { outputs: ['shape'] }),
    net.weight('zero', [1], [0], INT64),
  ]);
  const size = net.node('Concat', [rows, net.weight('four', [1], [4], INT64)], { axis: 0 }, { outputs: ['size'] });
  const bias = net.node('ConstantOfShape', [size], {}, { outputs: ['bias'] });
  net.node('Softmax', [net.node('Add', [product, bias], {}, { outputs: ['sum'] })], { axis: 1 }, { outputs: ['y'] });
  return net.output('y', ['N', 4]);
}

describe('gradient/prepare', () => {
  it('knows the type and sizes of every value, and nothing else of it', async () => {
    const { forward } = await plain(network().model(), { batch: 5 });
    const shown = [...forward.types].map(([name, type]) => [name, type] as const);
    expect(Object.fromEntries(shown)).to.deep.include({
      x: { type: FLOAT, dims: [5, 3] },
      w: { type: FLOAT, dims: [3, 4] },
      product: { type: FLOAT, dims: [5, 4] },
      shape: { type: INT64, dims: [2] },
      bias: { type: FLOAT, dims: [5, 4] },
      y: { type: FLOAT, dims: [5, 4] },
    });
    // The values of inputs may be large, and whoever compares types would compare them.
    for (const [name, type] of shown) expect(Object.keys(type), name).to.have.members(['type', 'dims']);
  });

  it('makes constants of what hangs on stored tensors and on sizes, with the numbers of these sizes', async () => {
    const { forward, stored } = await plain(network().model());
    expect([...forward.constants.keys()]).to.have.members([
      'w',
      'zero',
      'four',
      'shape',
      'Gather_2_out',
      'size',
      'bias',
    ]);
    const size = forward.constants.get('size');
    expect(size && [...valuesOf(size)]).to.deep.equal([2, 4]);
    expect([...stored]).to.deep.equal(['w', 'zero', 'four']);
  });

  it('tells inputs of fixed size, without those that an initializer backs', async () => {
    // IR 3 lists initializers among the inputs.
    const old = new Net({ opset: 8 });
    old.node('MatMul', [old.input('x', ['N', 3]), old.weight('w', [3, 4])], {}, { outputs: ['y'] });
    const listed = old.output('y', ['N', 4]).model();
    expect(listed.proto.graph.input.map(({ name }) => name)).to.deep.equal(['x', 'w']);
    const { forward } = await plain(listed);
    expect(forward.inputs.map(({ name, type }) => [name, declaredType(type).shape])).to.deep.equal([['x', [2, 3]]]);
    expect(forward.outputs).to.deep.equal(['y']);
    const given = await plain(network().model(), { sizes: { x: [7, 3] } });
    expect(declaredType(given.forward.inputs[0]?.type).shape).to.deep.equal([7, 3]);
  });

  it('hands over every value of the run if all are wanted, and otherwise those that hang on no input', async () => {
    const model = network().model();
    const whole = await plain(model, { whole: true });
    expect(whole.values).to.have.all.keys(['product', 'shape', 'Gather_2_out', 'size', 'bias', 'sum', 'y']);
    const { y } = await runModel(model, whole.feeds);
    expect(Array.from(numbersIn(whole.values.y))).to.deep.equal(Array.from(numbersIn(y)));
    const sizes = await plain(model);
    expect(sizes.values).to.have.all.keys(['shape', 'Gather_2_out', 'size', 'bias']);
    expect(Object.fromEntries(sizes.forward.types)).to.deep.equal(Object.fromEntries(whole.forward.types));
  });

  it('writes at opset 18, or at the model’s own above; older operators are spelled as there', async () => {
    const opsets = [7, 12, 17, 18, 21].map(async (version) => {
      const net = new Net({ opset: version });
      net.node('Softmax', [net.input('x', [2, 3, 4])], { axis: 2 }, { outputs: ['y'] });
      const { forward } = await plain(net.output('y', [2, 3, 4]).model());
      return [version, forward.opset];
    });
    expect(LOWEST_OPSET).to.equal(18);
    expect(await Promise.all(opsets)).to.deep.equal([
      [7, 18],
      [12, 18],
      [17, 18],
      [18, 18],
      [21, 21],
    ]);
    // Over axes 1 and 2 as if they were one, which Softmax does no more.
    const net = new Net({ opset: 12 });
    net.node('Softmax', [net.input('x', [2, 3, 4])], { axis: 1 }, { outputs: ['y'] });
    const { forward } = await plain(net.output('y', [2, 3, 4]).model());
    expect(forward.nodes.map(({ opType }) => opType)).to.deep.equal(['Reshape', 'Softmax', 'Reshape']);
  });

  it('refuses a model that is too old to run', async () => {
    const error = await rejection(plain(modelOf(fixtureNamed('opset-06'))));
    expect(error).to.include({
      code: 'unsupported-model',
      message: 'it has opset 6, which ONNX Runtime does not run',
      remedy: `Convert it to opset 13 or later: ${convertCommand(13)}`,
    });
  });

  it('inlines functions, and puts nodes that come too late in order', async () => {
    const body = new Net({ opset: 17 });
    body.node('Relu', [body.node('Neg', ['a'])], {}, { outputs: ['b'] });
    const net = new Net({ opset: 17, ir: 10 });
    net.input('x', [3]);
    net.node('Exp', ['called'], {}, { outputs: ['y'] });
    net.node('NegRelu', ['x'], {}, { outputs: ['called'], domain: LOCAL, name: 'call' });
    const model = net.output('y', [3]).model({
      functions: [body.asFunction('NegRelu', ['a'], ['b'])],
      opsetImport: [opset('', 17), opset(LOCAL, 1)],
    });
    const { forward } = await plain(model);
    expect(forward.nodes.map(({ opType }) => opType)).to.deep.equal(['Neg', 'Relu', 'Exp']);
    expect(forward.nodes.map(({ output }) => output[0])).to.deep.equal(['call/Neg_0_out', 'called', 'y']);
  });

  it('counts what a Constant node holds as stored, and gives no name again that the model has', async () => {
    const net = new Net({ opset: 17 });
    net.node('Constant', [], { value: makeTensor('', FLOAT, [2], [1, 2]) }, { outputs: ['held'], name: 'node' });
    net.node('Mul', [net.input('x', [2]), 'held'], {}, { outputs: ['y'], name: 'product' });
    const { stored, names, forward } = await plain(net.output('y', [2]).model());
    expect([...stored]).to.deep.equal(['held']);
    const held = forward.constants.get('held');
    expect([held?.name, held && [...valuesOf(held)]]).to.deep.equal(['held', [1, 2]]);
    expect(['x', 'held', 'y', 'other'].map((name) => names.values.fresh(name))).to.deep.equal([
      'x_2',
      'held_2',
      'y_2',
      'other',
    ]);
    expect(['node', 'product'].map((name) => names.nodes.fresh(name))).to.deep.equal(['node_2', 'product_2']);
  });

  it('leaves random values alone, which are not the same in every run', async () => {
    const net = new Net({ opset: 17 });
    const noise = net.node('RandomNormal', [], { shape: [3] }, { outputs: ['noise'] });
    net.node('Add', [net.input('x', [3]), noise], {}, { outputs: ['y'] });
    const { forward } = await plain(net.output('y', [3]).model());
    expect([...forward.constants.keys()]).to.deep.equal([]);
    expect(forward.types.get('noise')).to.deep.equal({ type: FLOAT, dims: [3] });
  });

  it('takes a sparse initializer and a sparse Constant for the tensors that they stand for', async () => {
    const sparse = (name: string, places: readonly number[]) =>
      create('SparseTensorProto', {
        dims: [3, 4],
        values: makeTensor(name, FLOAT, [2], [0.5, -1.5]),
        indices: makeTensor('', INT64, [2], places),
      });
    const net = new Net({ opset: 17 });
    net.sparse.push(sparse('w', [0, 7]));
    const constant = create('AttributeProto', { name: 'sparse_value', type: 11, sparseTensor: sparse('', [3, 5]) });
    net.node('Constant', [], { sparse_value: { ...constant, refAttrName: '' } }, { outputs: ['c'] });
    const x = net.input('x', [2, 3]);
    const both = [net.node('MatMul', [x, 'w']), net.node('MatMul', [x, 'c'])];
    const source = net.output(net.node('Add', both, {}, { outputs: ['y'] }), [2, 4]).model();
    const { forward, stored } = await plain(source);
    expect([...stored]).to.have.members(['w', 'c']);
    const numbers = (name: string) => [...valuesOf(forward.constants.get(name) as ReturnType<typeof makeTensor>)];
    expect(numbers('w')).to.deep.equal([0.5, 0, 0, 0, 0, 0, 0, -1.5, 0, 0, 0, 0]);
    expect(numbers('c')).to.deep.equal([0, 0, 0, 0.5, 0, -1.5, 0, 0, 0, 0, 0, 0]);
    const { model, init, gradients, proof } = await gradientOf(source, { verify: true });
    expect([...gradients.keys()]).to.have.members(['w', 'c']);
    expect(proof?.error).to.be.below(1e-4);
    // The runtime's own reading of the sparse file.
    const seed = { type: FLOAT, dims: [2, 4], data: new Float32Array(8).fill(1) };
    const feeds = { x: { type: FLOAT, dims: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } };
    const own = numbersIn(valueNamed(await runModel(source, feeds), 'y'));
    const first = await runModel(init, {});
    const made = numbersIn(valueNamed(await runModel(model, { ...feeds, ...first, 'd/y': seed }), 'y'));
    expect(Array.from(made)).to.deep.equal(Array.from(own));
  });
});
