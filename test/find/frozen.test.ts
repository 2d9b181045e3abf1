import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { asTorchvision, byHand, byPower, byReciprocal, frozenNet, type Spelling } from '../../fixtures/frozen.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { check } from '../../src/jobs/check.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { opsetVersion, readModel, writeModel } from '../../src/onnx/model.ts';
import { dimsOf, valuesOf } from '../../src/onnx/tensor.ts';
import { plan } from '../../src/plan/index.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import { rejection } from '../support/errors.ts';
import { runModel } from '../support/session.ts';

const C = 32;

const frozenIn = (net: Net) => findSites(net.model()).sites.filter(({ pattern }) => pattern === 'frozen');

/** x → Conv → `between` → Relu → Conv. */
function affine(
  between: (net: Net, x: string) => string,
  { biased = false, before = (_: Net, x: string) => x } = {},
): Net {
  const net = new Net();
  const inputs = [net.input('x', [2, 3, 4, 4]), net.weight('W', [C, 3, 1, 1])];
  const conv = net.node('Conv', biased ? [...inputs, net.weight('b', [C])] : inputs, {}, { outputs: ['v'] });
  return net.output(net.conv(net.relu(between(net, before(net, conv))), C, 4), [2, 4, 4, 4]);
}

const vector = (net: Net, name: string, dims: readonly number[] = [1, C, 1, 1], values?: readonly number[]) =>
  net.weight(name, dims, values);
const centred = (net: Net, x: string) => mulAdd(net, net.node('Sub', [x, vector(net, 'm')]));
const mulAdd = (net: Net, x: string) => net.node('Add', [net.node('Mul', [x, vector(net, 's')]), vector(net, 't')]);

describe('find/frozen', () => {
  it('finds a norm of vectors behind an LSTM, as Keras writes Dense and BatchNormalization', () => {
    const net = new Net();
    const x = net.input('x', [7, 'N', 5]);
    const lstm = [net.weight('lstm.w', [1, 16, 5]), net.weight('lstm.r', [1, 16, 4])];
    net.node('LSTM', [x, ...lstm], { hidden_size: 4 }, { outputs: ['all', 'last'] });
    const axis = net.weight('axis', [1], [0], DataType.INT64);
    const dense = net.node('MatMul', [net.node('Squeeze', ['last', axis]), net.weight('w', [4, 6])]);
    const scaled = net.node('Mul', [dense, net.weight('s', [6])]);
    net.relu(net.node('Add', [scaled, net.weight('t', [6])], {}, { name: 'norm' }));
    net.output(net.nodes.at(-1)?.output[0] ?? '', ['N', 6]);
    expect(frozenIn(net).map(({ name, channels }) => [name, channels])).to.deep.equal([['norm', 6]]);
  });

  it('knows one behind Casts to the type that a value has, as Keras on PyTorch writes them, but not behind one that changes it', () => {
    const cast = (to: number) => (net: Net, x: string) => net.node('Cast', [x], { to });
    const twice = (net: Net, x: string) => cast(1)(net, cast(1)(net, x));
    for (const between of [centred, mulAdd]) {
      const [site, ...others] = frozenIn(affine(between, { biased: true, before: twice }));
      expect(others).to.deep.equal([]);
      expect(site).to.deep.include({ needsData: true, channels: C });
    }
    const wider = (net: Net, x: string) => cast(1)(net, cast(10)(net, x));
    expect(frozenIn(affine(centred, { biased: true, before: wider }))).to.deep.equal([]);
  });

  it('knows one behind the Squeeze that TensorFlow ends a Conv1D with, but not behind one that moves the channels', () => {
    const squeezed = (axes: readonly number[], shape: readonly number[], opset: number) => {
      const net = new Net({ opset });
      const conv = net.node('Conv', [net.input('x', shape), net.weight('W', [C, 3, 1, 1])]);
      const drop = opset < 13 ? [conv] : [conv, net.weight('axes', [1], axes, DataType.INT64)];
      const v = net.node('Squeeze', drop, opset < 13 ? { axes: [...axes] } : {});
      const product = net.node('Mul', [v, vector(net, 's', [1, C, 1])]);
      const norm = net.relu(net.node('Add', [product, vector(net, 't', [1, C, 1])]));
      return frozenIn(net.output(net.node('Neg', [norm]), [2, C, 6]));
    };
    for (const opset of [11, 13]) {
      for (const axis of [2, -2]) {
        const [site, ...others] = squeezed([axis], [2, 3, 1, 6], opset);
        expect(others).to.deep.equal([]);
        expect(site).to.deep.include({ needsData: true, channels: C });
        expect(site?.shape).to.deep.equal([2, C, 6]);
      }
    }
    expect(squeezed([0], [1, 3, C, 6], 13)).to.deep.equal([]);
  });

  const spellings: Readonly<Record<string, Spelling>> = { asTorchvision, byHand, byReciprocal, byPower };

  for (const [name, spelling] of Object.entries(spellings)) {
    it(`reads γ, β, μ, σ² and ε as they are stored: ${name}`, () => {
      const model = frozenNet(spelling, asTorchvision, ['one', 'two']).model();
      const [site, ...others] = findSites(model).sites;
      expect(others.length).to.equal(1);
      expect(site).to.deep.include({ pattern: 'frozen', channels: C, epsilon: Math.fround(1e-5), training: false });
      expect(site?.needsData).to.equal(undefined);
      expect(site?.shape).to.deep.equal([2, C, 4, 4]);
      const stored = (role: string) => {
        const tensor = model.proto.graph.initializer.find((it) => it.name === `one.${role}`);
        if (tensor === undefined) throw new RangeError(role);
        return [...valuesOf(tensor)];
      };
      expect([...(site?.statistics.scale ?? [])]).to.deep.equal(stored('weight'));
      expect([...(site?.statistics.bias ?? [])]).to.deep.equal(stored('bias'));
      expect([...(site?.statistics.mean ?? [])]).to.deep.equal(stored('running_mean'));
      expect([...(site?.statistics.variance ?? [])]).to.deep.equal(stored('running_var'));
      expect(site?.evidence).to.equal('frozen; γ, β, μ and σ² are stored');
    });

    it(`a swap without data proves it, and leaves nothing of the chain: ${name}`, async () => {
      const source = writeModel(frozenNet(spelling, spelling, ['one', 'two']).model());
      const { model, verification, plan: planned } = await swap(source);
      expect(planned.sites.length).to.equal(2);
      expect(verification?.passed).to.equal(true);
      const { graph } = readModel(model).proto;
      const names = graph.initializer.map((it) => it.name);
      // γ and β keep the names that they had; μ and σ² are gone, and what turned them.
      expect(names).to.include.members(['one.weight', 'one.bias', 'two.weight', 'two.bias']);
      expect(names.filter((it) => it.includes('running'))).to.deep.equal([]);
      const weight = graph.initializer.find((it) => it.name === 'one.weight');
      expect(weight && dimsOf(weight)).to.deep.equal([C, 1, 1]);
      expect(graph.node.some(({ opType }) => opType === 'Reciprocal' || opType === 'Pow')).to.equal(false);
      const report = await check(model, { against: source });
      expect(report.passed, report.checks.find(({ status }) => status === 'failed')?.detail).to.equal(true);
      expect((await rejection(swap(model))).code).to.equal('nothing-to-swap');
    });
  }

  it('computes what it did as --to frozen, and keeps what it was where a site is left', async () => {
    const model = frozenNet(asTorchvision, byPower, ['bn', 'bn']).model();
    const x = { type: 1, dims: [2, 3, 4, 4], data: Float32Array.from({ length: 96 }, (_, i) => Math.sin(i)) };
    const answers = async (of: typeof model) => Object.values(await runModel(of, { x }))[0]?.data as Float32Array;
    const before = await answers(model);
    for (const exclude of [[], [/Add_1[0-9]$/]]) {
      const search = findSites(model);
      const planned = plan(search.sites, opsetVersion(model.proto) ?? 0, { to: 'frozen', exclude }, search.refusals);
      const after = await answers(rewrite(search.model, planned).model);
      // The same function, rounded otherwise: a few ulp of outputs near 1.
      for (const [i, value] of after.entries()) expect(value).to.be.closeTo(before[i] as number, 2e-5);
    }
  });

  it('a norm that is left keeps vectors that another one shares, under their names', () => {
    const model = frozenNet(asTorchvision, asTorchvision, ['bn', 'bn']).model();
    const search = findSites(model);
    const [first, second] = search.sites;
    const planned = plan(search.sites, 17, { exclude: [new RegExp(`^${second?.name}$`)] }, search.refusals);
    expect(planned.sites.map(({ site }) => site.name)).to.deep.equal([first?.name]);
    const { graph } = rewrite(search.model, planned).model.proto;
    const kept = graph.initializer.find((it) => it.name === 'bn.weight');
    expect(kept && dimsOf(kept)).to.deep.equal([C]);
    expect(findSites({ ...model, proto: { ...model.proto, graph } }).sites.map(({ name }) => name)).to.deep.equal([
      second?.name,
    ]);
  });

  it('refuses damaged vectors as it does those of BatchNormalization', () => {
    const net = frozenNet(asTorchvision, asTorchvision, ['one', 'two']);
    const index = net.initializers.findIndex((it) => it.name === 'one.running_var');
    net.initializers.splice(index, 1);
    net.weight('one.running_var', [C], new Array<number>(C).fill(-1));
    const { sites, refusals } = findSites(net.model());
    expect(sites.length).to.equal(1);
    expect(refusals.map(({ code }) => code)).to.deep.equal(['bad-statistics']);
  });

  describe('Mul and Add per channel', () => {
    it('is one behind a Conv, with or without a bias, and behind a nonlinearity or a sum', () => {
      expect(frozenIn(affine(mulAdd))[0]).to.include({ channels: C, input: 'v', needsData: true });
      expect(frozenIn(affine(mulAdd, { biased: true })).length).to.equal(1);
      expect(frozenIn(affine(mulAdd, { before: (net, x) => net.relu(x) })).length).to.equal(1);
      expect(frozenIn(affine(mulAdd, { before: (net, x) => net.node('Add', [x, net.relu(x)]) })).length).to.equal(1);
    });

    it('is one with the mean taken off first, and behind a Conv whose bias is a node of its own', () => {
      const [site] = frozenIn(affine(centred));
      expect(site).to.include({ channels: C, input: 'v', needsData: true });
      expect(site?.nodes?.map(({ opType }) => opType)).to.deep.equal(['Sub', 'Mul']);
      const biased = { before: (net: Net, x: string) => net.node('Add', [x, vector(net, 'own')]) };
      expect(frozenIn(affine(centred, biased)).length).to.equal(1);
      // A node that nothing takes the place of: the bias stays before the norm.
      expect(frozenIn(affine(mulAdd, biased))[0]?.nodes?.map(({ opType }) => opType)).to.deep.equal(['Mul']);
      const readTwice = (net: Net, x: string) => {
        const less = net.node('Sub', [x, vector(net, 'm')]);
        return net.node('Add', [mulAdd(net, less), net.relu(less)]);
      };
      expect(frozenIn(affine(readTwice))).to.deep.equal([]);
    });

    it('whatever the order of operands, and with constants of shape [C, 1, 1]', () => {
      const turned = (net: Net, x: string) =>
        net.node('Add', [vector(net, 't', [C, 1, 1]), net.node('Mul', [vector(net, 's', [C, 1, 1]), x])]);
      expect(frozenIn(affine(turned)).length).to.equal(1);
    });

    it('is none with one number for all, or for each position, or read in between', () => {
      const ones = (net: Net, name: string) => vector(net, name, [1, C, 1, 1], new Array<number>(C).fill(0.5));
      const none: readonly ((net: Net, x: string) => string)[] = [
        (net, x) => net.node('Add', [net.node('Mul', [x, vector(net, 's', [])]), vector(net, 't')]),
        (net, x) => net.node('Add', [net.node('Mul', [x, vector(net, 's')]), vector(net, 't', [1, 1, 4, 4])]),
        (net, x) => net.node('Add', [net.node('Mul', [x, ones(net, 's')]), ones(net, 't')]),
        (net, x) => {
          const product = net.node('Mul', [x, vector(net, 's')]);
          return net.node('Sub', [net.node('Add', [product, vector(net, 't')]), product]);
        },
      ];
      for (const between of none) expect(frozenIn(affine(between, { biased: true }))).to.deep.equal([]);
    });

    it('is none on the input of the model, behind another norm, before one, or as an output', () => {
      const onInput = new Net();
      const scaled = mulAdd(onInput, onInput.input('x', [2, C, 4, 4]));
      expect(frozenIn(onInput.output(onInput.conv(scaled, C, 4), [2, 4, 4, 4]))).to.deep.equal([]);
      expect(frozenIn(affine(mulAdd, { before: (net, x) => net.bn(x, C) }))).to.deep.equal([]);
      expect(frozenIn(affine((net, x) => net.bn(mulAdd(net, x), C)))).to.deep.equal([]);
      const last = new Net();
      const conv = last.conv(last.input('x', [2, 3, 4, 4]), 3, C);
      expect(frozenIn(last.output(mulAdd(last, conv), [2, C, 4, 4]))).to.deep.equal([]);
    });

    it('is none of a norm of ours, so that a second swap finds nothing', async () => {
      const source = writeModel(fixtureNamed('opset-13').build());
      for (const form of ['instance', 'instance-conv', 'reduce']) {
        const { model } = await swap(source, { form, verify: false });
        expect(findSites(readModel(model), undefined, 'all').sites, form).to.deep.equal([]);
      }
    });

    it('takes data: without, the error says so, and the other norms are swapped', async () => {
      const lost = await rejection(swap(writeModel(affine(mulAdd).model())));
      expect(lost.code).to.equal('nothing-to-swap');
      expect(lost.describe()).to.match(/1 frozen norm, .* its μ and σ² are not in the file\. Use --calibrate DIR/);
      const mixed = affine((net, x) => mulAdd(net, net.relu(net.bn(x, C))));
      const { plan: planned } = await swap(writeModel(mixed.model()));
      expect(planned.sites.map(({ site }) => site.pattern)).to.deep.equal(['batch-normalization']);
      expect(planned.refusals.map(({ code }) => code)).to.deep.equal(['no-statistics']);
    });

    for (const [spelling, between, own] of [
      ['Mul and Add', mulAdd, ['s', 't']],
      ['Sub, Mul and Add', centred, ['m', 's', 't']],
    ] as const)
      it(`with data is replaced whole, and the norm answers nearly what ${spelling} did`, async () => {
        const net = affine(between);
        const data = Float32Array.from(net.numbers(32 * 48, -1, 1));
        const samples = { x: { type: 1, dims: [32, 3, 4, 4], data } };
        const { model, verification, calibration } = await swap(writeModel(net.model()), {
          calibrate: datasetOf(samples),
        });
        expect(verification?.passed).to.equal(true);
        const ops = readModel(model).proto.graph.initializer.map((it) => it.name);
        expect(ops.filter((it) => own.some((name) => name === it))).to.deep.equal([]);
        // Per-sample statistics differ from the fixed ones, which is all that is lost here.
        for (const { r2 } of calibration?.fits ?? []) expect(r2).to.be.above(0.8);
      });

    it('cannot be re-estimated, or frozen once more', () => {
      const { sites, refusals } = findSites(affine(mulAdd).model());
      for (const to of ['batch', 'batch-renorm', 'frozen', 'weight']) {
        const result = plan(sites, 17, { to }, refusals);
        expect(result.sites, to).to.deep.equal([]);
        expect(result.refusals[0]?.code, to).to.be.oneOf(['no-statistics', 'no-layer-before']);
      }
    });
  });
});
