import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import type { Example } from '../../src/inputs/labelled/types.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { withSession } from '../../src/runtime/session.ts';
import { Engine, MOST_SIZES } from '../../src/train/engine.ts';
import type { Objective } from '../../src/train/types.ts';
import { rejection } from '../support/errors.ts';

/** A layer over pictures of any size, and its mean. */
function network(): Net {
  const net = new Net({ opset: 18 });
  net.input('x', ['N', 2, 'H', 'W']);
  const map = net.node('Conv', ['x', net.weight('w', [3, 2, 3, 3])], { pads: [1, 1, 1, 1] });
  net.node('ReduceMean', [map, net.weight('axes', [2], [2, 3], DataType.INT64)], { keepdims: 0 }, { outputs: ['y'] });
  return net.output('y', ['N', 3]);
}

const objective: Objective = {
  kind: 'graph',
  terms: [{ output: 'y', loss: 'mse', weight: 1 }],
  targets: () => [{ type: DataType.FLOAT, dims: [1, 3], data: Float32Array.of(0.1, -0.2, 0.3) }],
};

function picture(size: number): Example {
  const random = new Random(size);
  const data = Float32Array.from({ length: 2 * size * size }, () => random.normal());
  const x = { type: DataType.FLOAT, dims: [1, 2, size, size], data };
  return { inputs: { x }, target: { kind: 'class', label: 0 } };
}

const options = { wrt: ['all'], objective, batchNorm: 'frozen' } as const;

describe('train/engine', () => {
  it('gives the same gradient again after more shapes than it keeps sessions of, and after it keeps fewer', async () => {
    const engine = await Engine.open(network().model(), picture(4), options);
    const sizes = Array.from({ length: MOST_SIZES + 2 }, (_, index) => 4 + index);
    const gradients = async () => {
      const all: number[][] = [];
      for (const size of sizes) all.push([...(await engine.gradient(engine.first, [picture(size)])).gradient]);
      return all;
    };
    const first = await gradients();
    expect(new Set(first.map(String)).size).to.equal(sizes.length);
    expect(await gradients()).to.deep.equal(first);
    engine.keepFewer(1);
    expect(await gradients()).to.deep.equal(first);
    await engine.close();
  });

  it('gives outputs beside the gradient if they are asked for, and not otherwise', async () => {
    const engine = await Engine.open(network().model(), picture(4), options);
    const [plain, seen] = [
      await engine.gradient(engine.first, [picture(4)]),
      await engine.gradient(engine.first, [picture(4)], true),
    ];
    expect(plain.outputs).to.equal(undefined);
    expect([...seen.gradient]).to.deep.equal([...plain.gradient]);
    const { outputs, loss } = await engine.answer(engine.first, [picture(4)]);
    expect(loss).to.equal(plain.loss);
    expect(seen.outputs?.y?.dims).to.deep.equal([1, 3]);
    expect(seen.outputs?.y).to.deep.equal(outputs.y);
    await engine.close();
  });

  it('answers as the file does where values are quantized around a layer of stored weights', async () => {
    // ONNX Runtime rounds the weights of such a layer to whole numbers if they are not trained.
    const net = new Net({ opset: 18 });
    const [scale, zero] = [net.weight('scale', [], [0.02]), net.weight('zero', [], [0], DataType.INT8)];
    const steps = (x: string) => {
      const quantized = net.node('QuantizeLinear', [x, scale, zero]);
      return net.node('DequantizeLinear', [quantized, scale, zero]);
    };
    const weight = net.weight('weight', [3, 2, 3, 3]);
    const map = steps(net.node('Conv', [steps(net.input('x', ['N', 2, 8, 8])), weight], { pads: [1, 1, 1, 1] }));
    const mean = net.node('ReduceMean', [map, net.weight('axes', [2], [2, 3], DataType.INT64)], { keepdims: 0 });
    net.node('Mul', [mean, net.weight('factor', [3], [1, 2, 3])], {}, { outputs: ['y'] });
    const model = net.output('y', ['N', 3]).model();
    const engine = await Engine.open(model, picture(8), { ...options, wrt: ['factor'] });
    const { outputs } = await engine.answer(engine.first, [picture(8)]);
    await engine.close();
    const own = await withSession(model, (session) => session.run(picture(8).inputs), { optimize: false });
    const [given, wanted] = [outputs.y, own.y].map((it) => Array.from(it?.data as Float32Array));
    for (const [index, value] of (wanted ?? []).entries()) expect(given?.[index]).to.be.closeTo(value, 1e-5);
  });

  it('refuses parameters that are not float32, and says what to do', async () => {
    const net = new Net({ opset: 18 });
    net.input('x', ['N', 4], DataType.DOUBLE);
    net.node('MatMul', ['x', net.weight('w', [4, 3], undefined, DataType.DOUBLE)], {}, { outputs: ['y'] });
    const x = { type: DataType.DOUBLE, dims: [1, 4], data: Float64Array.of(1, 2, 3, 4) };
    const example: Example = { inputs: { x }, target: { kind: 'class', label: 0 } };
    const error = await rejection(Engine.open(net.output('y', ['N', 3], DataType.DOUBLE).model(), example, options));
    expect([error.code, error.remedy]).to.deep.equal([
      'unsupported-model',
      'Convert the model to float32 first, train it, and convert the result back',
    ]);
  });
});
