/** Norms over the last axis, as Keras and tf2onnx leave them, and what looks like them. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { InferenceSession } from 'onnxruntime-node';
import { Net } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { swap } from '../../src/jobs/swap.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { rejection } from '../support/errors.ts';
import { useScratch } from '../support/scratch.ts';

const C = 24;

/** x → MatMul, over steps → `between` → Relu → MatMul; with a BatchNormalization beside it, so that there is something to swap. */
function steps(between: (net: Net, x: string) => string, dims: readonly (number | string)[] = ['n', 't', 6]) {
  const net = new Net({ opset: 15, seed: 5 });
  const x = net.node('MatMul', [net.input('x', dims), net.weight('w', [6, C])]);
  const y = net.node('MatMul', [net.relu(between(net, x)), net.weight('v', [C, 3])]);
  const image = net.bn(net.conv(net.input('image', ['n', 3, 4, 4]), 3, 8), 8);
  return net.output(y).output(net.relu(image)).model();
}

const lastAxis = (...args: Parameters<typeof steps>) =>
  findSites(steps(...args)).refusals.filter(({ code }) => code === 'last-axis');

const mulAdd = (net: Net, x: string) =>
  net.node('Add', [net.node('Mul', [x, net.weight('s', [C])]), net.weight('t', [C])]);
const centred = (net: Net, x: string) => mulAdd(net, net.node('Sub', [x, net.weight('m', [C])]));
const biased = (net: Net, x: string) => mulAdd(net, net.node('Add', [x, net.weight('b', [C])]));
const behindRelu = (net: Net, x: string) => mulAdd(net, net.relu(x));

describe('find/last-axis', () => {
  const scratch = useScratch();

  for (const [name, between] of Object.entries({ mulAdd, centred, biased, behindRelu })) {
    it(`tells of Mul and Add along the last axis, and of what to do: ${name}`, () => {
      const [told, ...others] = lastAxis(between);
      expect(others).to.deep.equal([]);
      expect(told?.reason).to.include(`Mul and Add of ${C} numbers along the last axis`).and.include('stand on axis 1');
      expect(told?.remedy).to.include('export the model with channels first');
    });
  }

  it('tells of them in maps with channels last, too', () => {
    expect(lastAxis(mulAdd, ['n', 5, 7, 6])).to.have.lengthOf(1);
  });

  it('tells of them behind the Transpose and the Casts that Keras has there, on PyTorch', () => {
    const keras = (isNorm: boolean) => {
      const net = new Net({ opset: 15, seed: 5 });
      const x = net.conv(net.input('x', ['n', 3, 5, 7]), 3, C);
      const mean = net.node('ReduceMean', [x], { axes: [1], keepdims: 1 });
      const last = net.node('Transpose', [isNorm ? x : net.node('Div', [x, mean])], { perm: [0, 2, 3, 1] });
      const row = (name: string) => net.weight(name, [1, 1, 1, C]);
      const less = net.node('Sub', [net.node('Cast', [last], { to: 1 }), row('m')]);
      const y = net.node('Add', [net.node('Mul', [less, row('s')]), row('t')]);
      return findSites(net.output(net.relu(net.node('Cast', [y], { to: 1 }))).model()).refusals;
    };
    const [told, ...others] = keras(true).filter(({ code }) => code === 'last-axis');
    expect(others).to.deep.equal([]);
    expect(told?.remedy).to.include('docs/guide.md#keras-with-channels-last has the command');
    expect(keras(false).filter(({ code }) => code === 'last-axis')).to.deep.equal([]);
  });

  it('finds them once ONNX Runtime has moved the Transpose, as the guide says', async () => {
    for (const hasCasts of [true, false]) {
      const net = new Net({ opset: 15, seed: 5 });
      const turn = (value: string, perm: readonly number[]) => net.node('Transpose', [value], { perm });
      let x = net.input('x', [1, 6, 7, 3]);
      for (const from of [3, C, C]) {
        const turned = turn(net.conv(turn(x, [0, 3, 1, 2]), from, C, { kernel: 3 }), [0, 2, 3, 1]);
        const row = () => net.weight(`row${net.initializers.length}`, [1, 1, 1, C]);
        const product = net.node('Mul', [hasCasts ? net.node('Cast', [turned], { to: 1 }) : turned, row()]);
        x = net.relu(net.node('Add', [product, row()]));
      }
      // What is behind them: the last layer of a model is none that absorbed a norm.
      x = net.conv(turn(x, [0, 3, 1, 2]), C, 2);
      const model = net.output(x).model();
      expect(findSites(model).sites).to.deep.equal([]);
      const path = scratch().path('first.onnx');
      await InferenceSession.create(writeModel(model), {
        graphOptimizationLevel: 'basic',
        optimizedModelFilePath: path,
      });
      const first = readModel(readFileSync(path));
      expect(findSites(first, undefined, 'all').sites, `casts: ${hasCasts}`).to.have.lengthOf(3);
    }
  });

  it('takes no other Mul and Add for one', () => {
    const ones = new Array<number>(C).fill(1);
    const layerNorm = (net: Net, x: string) => {
      const mean = net.node('ReduceMean', [x], { axes: [-1], keepdims: 1 });
      const d = net.node('Sub', [x, mean]);
      const root = net.node('Sqrt', [net.node('ReduceMean', [net.node('Mul', [d, d])], { axes: [-1], keepdims: 1 })]);
      return mulAdd(net, net.node('Div', [d, root]));
    };
    const others: Readonly<Record<string, (net: Net, x: string) => string>> = {
      layerNorm,
      alike: (net, x) => net.node('Add', [net.node('Mul', [x, net.weight('s', [C], ones)]), net.weight('t', [C])]),
      scalar: (net, x) => net.node('Add', [net.node('Mul', [x, net.weight('s', [])]), net.weight('t', [C])]),
      residual: (net, x) => net.node('Add', [net.node('Mul', [x, net.weight('s', [C])]), x]),
      readTwice: (net, x) => {
        const product = net.node('Mul', [x, net.weight('s', [C])]);
        return net.node('Add', [net.node('Add', [product, net.weight('t', [C])]), product]);
      },
    };
    for (const [name, between] of Object.entries(others)) expect(lastAxis(between), name).to.deep.equal([]);
  });

  it('is a frozen norm, and no case of this, at rank 2', () => {
    const { sites, refusals } = findSites(steps(mulAdd, ['n', 6]));
    expect(sites.map(({ pattern }) => pattern)).to.include('frozen');
    expect(refusals.filter(({ code }) => code === 'last-axis')).to.deep.equal([]);
  });

  it('is what a model is left for that has no other norm, whatever sites are asked for', async () => {
    const net = new Net({ opset: 15, seed: 5 });
    const x = net.node('MatMul', [net.input('x', ['n', 't', 6]), net.weight('w', [6, C])]);
    const bytes = writeModel(net.output(net.relu(mulAdd(net, x))).model());
    const refused = await rejection(swap(bytes));
    expect(refused.message).to.include('1 frozen norm along the last axis, and norms stand on axis 1');
    expect(refused.remedy).to.equal(
      'Export the model with channels first; if it is of Keras: docs/guide.md#keras-with-channels-last',
    );
    const folded = await rejection(
      swap(bytes, {
        sites: 'folded',
        calibrate: datasetOf({ x: { type: 1, dims: [4, 5, 6], data: new Float32Array(120) } }),
      }),
    );
    expect(folded.message).to.include('the model has no Conv that could have absorbed a norm');
  });

  it('does not keep a model from being swapped, not even strictly', async () => {
    const { plan, verification } = await swap(writeModel(steps(mulAdd)), { strict: true });
    expect([plan.sites.length, verification?.passed]).to.deep.equal([1, true]);
  });
});
