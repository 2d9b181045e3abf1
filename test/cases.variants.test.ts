/** The kinds of test/cases.test.ts and others after public reports, in variants of our own: other shapes, opsets and spellings. */
import { expect } from 'chai';
import { Net } from '../fixtures/build.ts';
import { findSites } from '../src/find/index.ts';
import { datasetOf } from '../src/inputs/dataset.ts';
import { Random } from '../src/inputs/random.ts';
import { type SwapOptions, swap } from '../src/jobs/swap.ts';
import { DataType } from '../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../src/onnx/model.ts';
import { planSearch } from '../src/plan/refuse.ts';
import { planWarnings } from '../src/report/wording.ts';
import type { Value } from '../src/runtime/session.ts';
import { rejection } from './support/errors.ts';
import { runModel, valueNamed } from './support/session.ts';

function normals(dims: readonly number[], seed = 7): Value {
  const random = new Random(seed);
  const size = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: size }, () => random.normal()) };
}

const written = async (model: Model, options: SwapOptions = {}) => {
  const done = await swap(writeModel(model), options);
  return { ...done, model: readModel(done.model) };
};

const opsOf = ({ proto }: Model) => proto.graph.node.map(({ opType }) => opType);

describe('W03: frozen norms', () => {
  /** Mul and Add of constants behind a Conv, in float, shaped as exporters do. */
  const mulAdd = (opset: number, dims: readonly number[], rank = 4) => {
    const net = new Net({ opset, seed: 5 });
    const x = net.input('x', ['n', 3, ...new Array<number>(rank - 2).fill(6)]);
    const scaled = net.node('Mul', [net.conv(x, 3, 8, { rank }), net.weight('s', dims, new Array(8).fill(1.5))]);
    return net.output(net.relu(net.node('Add', [scaled, net.weight('t', dims)]))).model();
  };

  it('as Mul and Add are sites that only data can solve, at every opset, rank and shape of the constants', async () => {
    for (const [opset, dims, rank] of [
      [9, [1, 8, 1, 1], 4],
      [13, [8, 1, 1], 4],
      [17, [1, 8, 1], 3],
    ] as const) {
      const model = mulAdd(opset, dims, rank);
      const [site, ...others] = findSites(model).sites;
      expect([site?.pattern, site?.needsData, others.length], String(dims)).to.deep.equal(['frozen', true, 0]);
      const refused = await rejection(swap(writeModel(model), { verify: false }));
      expect(refused.code).to.equal('nothing-to-swap');
      expect(refused.remedy).to.include('--calibrate');
      const calibrate = datasetOf({ x: normals([8, 3, ...new Array<number>(rank - 2).fill(6)]) });
      const { verification, plan } = await written(model, { calibrate });
      expect(verification?.passed).to.equal(true);
      expect(plan.sites[0]?.norm).to.equal('group');
    }
  });

  it('as a chain over the four stored vectors are read, so statistics and --to frozen work without data', async () => {
    const net = new Net({ opset: 13, seed: 6 });
    const vectors = ['gamma', 'beta', 'mu', 'var'].map((name, i) =>
      net.weight(name, [8], i === 3 ? [0.5, 1, 2, 4, 0.5, 1, 2, 4] : undefined),
    );
    const shape = net.weight('shape', [4], [1, -1, 1, 1], DataType.INT64);
    const [gamma = '', beta = '', mu = '', variance = ''] = vectors.map((it) => net.node('Reshape', [it, shape]));
    const deviation = net.node('Sqrt', [net.node('Add', [variance, net.weight('eps', [], [1e-5])])]);
    const scale = net.node('Div', [gamma, deviation]);
    const bias = net.node('Sub', [beta, net.node('Mul', [mu, scale])]);
    const x = net.conv(net.input('x', ['n', 3, 6, 6]), 3, 8);
    const model = net.output(net.relu(net.node('Add', [net.node('Mul', [x, scale]), bias]))).model();
    const [site] = findSites(model).sites;
    expect(site?.needsData).not.to.equal(true);
    expect(Array.from(site?.statistics.variance ?? [])).to.deep.equal([0.5, 1, 2, 4, 0.5, 1, 2, 4]);
    const { verification, plan, model: made } = await written(model);
    expect([verification?.passed, plan.sites[0]?.init]).to.deep.equal([true, 'statistics']);
    expect(made.proto.graph.initializer.map(({ name }) => name)).not.to.include('mu');
    const same = await swap(writeModel(model), { to: 'frozen', inputs: { x: normals([2, 3, 6, 6]) } });
    expect(same.verification?.isSame).to.equal(true);
  });
});

describe('W04: training mode with placeholder statistics', () => {
  const model = (() => {
    const net = new Net({ opset: 14, seed: 2 });
    const [mean, variance] = [net.weight('m', [6], new Array(6).fill(0)), net.weight('v', [6], new Array(6).fill(1))];
    const x = net.conv(net.input('x', ['n', 2, 9]), 2, 6, { rank: 3 });
    const parameters = [net.weight('g', [6]), net.weight('b', [6])];
    net.node(
      'BatchNormalization',
      [x, ...parameters, mean, variance],
      { training_mode: 1 },
      { outputs: ['y', 'rm', 'rv'], name: 'bn' },
    );
    return net.output('y', ['n', 6, 9]).model();
  })();

  it('is refused with the reason, and its remedy works', async () => {
    const error = await rejection(swap(writeModel(model), { verify: false }));
    expect(error.message).to.include('untrained').and.include('batch statistics');
    expect(error.remedy).to.include('--to batch --calibrate');
    const calibrate = datasetOf({ x: normals([12, 2, 9]) });
    const estimated = await swap(writeModel(model), { to: 'batch', calibrate, verify: false });
    const { plan, verification } = await swap(estimated.model);
    expect([plan.sites.length, verification?.passed]).to.deep.equal([1, true]);
  });
});

describe('W08: spatial=0', () => {
  const model = (dims: readonly number[], parameters: readonly number[]) => {
    const net = new Net({ opset: 8 });
    const all = ['g', 'b', 'm', 'v'].map((name) =>
      net.weight(name, parameters, new Array(parameters.reduce((a, b) => a * b, 1)).fill(name === 'v' ? 2 : 0.5)),
    );
    const y = net.node('BatchNormalization', [net.input('x', ['n', ...dims]), ...all], { spatial: 0 }, { name: 'bn' });
    return net.output(y, ['n', ...dims]).model();
  };

  it('is swapped at rank 2, where it means the same', async () => {
    const { verification } = await written(model([10], [10]), { inputs: { x: normals([3, 10]) } });
    expect(verification?.passed).to.equal(true);
  });

  it('with one number per channel is named as the exporter’s mistake, with the option that reads it as meant', async () => {
    for (const rank of [1, 2]) {
      const wrong = model([4, ...new Array<number>(rank).fill(5)], [4]);
      const error = await rejection(swap(writeModel(wrong), { verify: false }));
      expect(`${error.message} ${error.remedy}`).to.include('MXNet').and.include('--assume-spatial');
      const { plan } = await swap(writeModel(wrong), { assumeSpatial: true });
      expect(plan.sites).to.have.lengthOf(1);
    }
  });

  it('with parameters of its own for every position is refused', async () => {
    const error = await rejection(swap(writeModel(model([4, 5, 5], [4, 5, 5])), { verify: false }));
    expect(error.message).to.include('one per position');
    expect(error.remedy).not.to.include('--assume-spatial');
  });
});

describe('W09: statistics that are all 0', () => {
  const model = (variance: number) => {
    const net = new Net({ opset: 15, seed: 4 });
    const zeros = new Array<number>(6).fill(0);
    const x = net.conv(net.input('x', ['n', 3, 5, 5]), 3, 6);
    return net.output(net.bn(x, 6, { mean: zeros, variance: zeros.map(() => variance) })).model();
  };

  it('are warned of once, by inspect and by a swap, with what to do', async () => {
    const [warning, ...others] = planWarnings(planSearch(findSites(model(0)), {}));
    expect(others).to.deep.equal([]);
    expect(warning).to.include('mean and variance are 0').and.include('--calibrate DIR');
    expect(planWarnings(planSearch(findSites(model(1)), {}))).to.deep.equal([]);
  });

  it('say nothing of what the training data were like, so no inputs are called unlike them', async () => {
    const calibrate = datasetOf({ x: normals([8, 3, 5, 5]) });
    const { calibration, verification } = await swap(writeModel(model(0)), { calibrate });
    expect(calibration?.mismatch.shift).to.be.NaN;
    expect(verification?.passed).to.equal(true);
    expect(calibration?.choice?.solver).not.to.equal('statistics');
  });
});

describe('W10: an empty batch or sequence', () => {
  const dims: Readonly<Record<string, readonly [(number | string)[], number[]]>> = {
    'no samples': [
      ['n', 8, 't'],
      [0, 8, 7],
    ],
    'no samples of a sequence of known length': [
      ['n', 8, 7],
      [0, 8, 7],
    ],
    'no steps': [
      ['n', 8, 't'],
      [2, 8, 0],
    ],
    'no samples of a map': [
      ['n', 8, 'h', 'w'],
      [0, 8, 4, 4],
    ],
  };
  for (const [what, [declared, empty]] of Object.entries(dims)) {
    it(`passes each form that a swap takes by itself or by name: ${what}`, async () => {
      for (const opset of [13, 21]) {
        // On an empty sequence InstanceNormalization ends the process, so it is refused where one may come.
        const named = declared[2] === 't' ? [] : ['instance', 'instance-conv'];
        for (const form of ['auto', 'reduce', ...named]) {
          const net = new Net({ opset, seed: 3 });
          const model = net.output(net.relu(net.bn(net.input('x', declared), 8))).model();
          const source = await runModel(model, { x: normals(empty) });
          const { model: made } = await written(model, { form, groups: 2, verify: false });
          const output = model.proto.graph.output[0]?.name ?? '';
          const y = valueNamed(await runModel(made, { x: normals(empty) }), output);
          expect(y.dims, `${form} at opset ${opset}`).to.deep.equal(valueNamed(source, output).dims);
        }
        for (const to of ['layer', 'instance']) {
          const net = new Net({ opset, seed: 3 });
          const model = net.output(net.relu(net.bn(net.input('x', declared), 8))).model();
          const { model: made } = await written(model, { to, verify: false });
          const y = valueNamed(await runModel(made, { x: normals(empty) }), model.proto.graph.output[0]?.name ?? '');
          expect(y.dims, `${to} at opset ${opset}`).to.deep.equal(empty);
        }
      }
    });
  }
});

describe('W10: an empty sequence and InstanceNormalization, which ends the process of ONNX Runtime', () => {
  const sequences = (steps: number | string) => {
    const net = new Net({ opset: 13, seed: 3 });
    return net.output(net.relu(net.bn(net.input('x', ['n', 8, steps]), 8))).model();
  };

  it('is refused where the form is named and the length is open, with another form to take', async () => {
    for (const form of ['instance', 'instance-conv']) {
      const refused = await rejection(swap(writeModel(sequences('t')), { form, groups: 2, verify: false }));
      expect([refused.code, refused.remedy]).to.deep.equal(['nothing-to-swap', 'Choose --form reduce, or auto']);
      expect(refused.message).to.include(`form ${form} ends the process of ONNX Runtime on a sequence without steps`);
      const { plan } = await written(sequences(7), { form, groups: 2, verify: false });
      expect(plan.sites[0]?.form).to.equal(form);
    }
    const native = swap(writeModel(sequences('t')), { to: 'instance', form: 'native', verify: false });
    expect((await rejection(native)).remedy).to.equal('Choose --form reduce, or auto');
  });

  it('is not chosen for a program that reads other forms, which answers an empty sequence then', async () => {
    for (const to of ['group', 'instance'] as const) {
      const model = sequences('t');
      const { plan, model: made } = await written(model, { to, for: 'onnxruntime', verify: false });
      expect(plan.sites[0]?.form, to).to.equal('reduce');
      const y = valueNamed(await runModel(made, { x: normals([2, 8, 0]) }), model.proto.graph.output[0]?.name ?? '');
      expect(y.dims).to.deep.equal([2, 8, 0]);
    }
  });

  it('is taken for a program that reads no other, with a note', async () => {
    const { plan } = await written(sequences('t'), { for: 'pytorch', verify: false });
    expect(plan.sites[0]?.form).to.equal('instance-conv');
    expect(plan.sites[0]?.notes.join()).to.include('ends the process of ONNX Runtime on a sequence without steps');
  });
});

describe('W26: one head on several levels', () => {
  it('keeps one γ and one β, be they three levels, frozen, or folded', async () => {
    const net = new Net({ opset: 16, seed: 8 });
    const [w, g, b] = [net.weight('w', [8, 4, 1, 1]), net.weight('g', [8]), net.weight('b', [8])];
    const [m, v] = [net.weight('m', [8]), net.weight('v', [8], new Array(8).fill(1.5))];
    let level = net.conv(net.input('x', ['n', 3, 16, 16]), 3, 4);
    const heads = [1, 2, 4].map(() => {
      const y = net.node('BatchNormalization', [net.node('Conv', [level, w]), g, b, m, v]);
      level = net.node('MaxPool', [level], { kernel_shape: [2, 2], strides: [2, 2] });
      return net.node('GlobalAveragePool', [net.relu(y)]);
    });
    const model = net.output(net.node('Concat', heads, { axis: 1 })).model();
    const { plan, model: made, verification } = await written(model);
    expect([plan.sites.length, verification?.passed]).to.deep.equal([3, true]);
    expect(plan.sites[0]?.notes.join()).to.include('shared by 3 sites');
    const affine = made.proto.graph.initializer.filter(({ dims }) => dims.map(Number).join() === '8,1,1');
    expect(affine).to.have.lengthOf(2);
    expect(opsOf(made)).not.to.include('BatchNormalization');
  });
});
