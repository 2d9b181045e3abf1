import { expect } from 'chai';
import fc from 'fast-check';
import { Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { checkModel } from '../../src/check/index.ts';
import { RULES } from '../../src/check/rules.ts';
import { visitTensors } from '../../src/graph/stored-tensors.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType, isFloat } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { dimsOf, makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { PROVENANCE_KEY, type Provenance } from '../../src/rewrite/record.ts';
import type { Values } from '../../src/runtime/session.ts';
import { checked, errorsOf, findingsOf, type Made, made, madeOf } from '../support/checked.ts';
import { setValues } from '../support/damage.ts';
import { countedHome } from '../support/home.ts';

/** Every float that a step of training would move, moved a little: initializers, or those that are chosen. */
function train(model: Model, seed: number, isChosen: (name: string) => boolean = () => true): Model {
  const random = new Random(seed);
  const { graph } = model.proto;
  return withGraph(model, {
    ...graph,
    initializer: graph.initializer.map((it) => {
      if (!isFloat(it.dataType ?? 0) || it.name.startsWith('gn_swap/') || !isChosen(it.name)) return it;
      const values = valuesOf(it, model.home.open).map((value) => value + 0.01 * random.normal());
      return makeTensor(it.name, it.dataType ?? 0, dimsOf(it), values);
    }),
  });
}

/** The model as a gn-swap wrote it that recorded no digests. */
function asOfOld(model: Model): Model {
  const metadataProps = model.proto.metadataProps.map((it) => {
    if (it.key !== PROVENANCE_KEY) return it;
    const { checksum: _, structure: __, opset: ___, ...entry } = JSON.parse(it.value) as Provenance;
    const sites = entry.sites.map(({ scale: _, bias: __, path: ___, ...site }) => site);
    return { ...it, value: JSON.stringify({ ...entry, schema: 1, sites }) };
  });
  return withGraph(model, model.proto.graph, { metadataProps });
}

const without = (model: Model) => withGraph(model, model.proto.graph, { metadataProps: [] });

describe('checkModel', () => {
  it('finds nothing in what a rewrite made of any fixture, run and against its source', async () => {
    let count = 0;
    for (const fixture of FIXTURES) {
      if (fixture.sites === 0 || fixture.notRunnable !== undefined || fixture.files !== undefined) continue;
      const { model, source } = await madeOf(fixture);
      const inputs = fixture.inputs?.();
      const report = await checked(model, { source, run: true, ...(inputs === undefined ? {} : { inputs }) });
      // A source may have what is its own fault, and is told of it.
      const errors = findingsOf(report).filter(({ severity }) => severity !== 'note');
      expect(errors, fixture.name).to.deep.equal([]);
      expect(report.passed, fixture.name).to.equal(true);
      count++;
    }
    expect(count).to.be.above(80);
  });

  it('opens a file once, to see whether it loads and for its proof', async () => {
    const { model } = await madeOf(fixtureNamed('rank-4'));
    const opened = async (it: Model) => {
      const home = countedHome();
      const { checks, verification } = await checkModel({ written: readModel(writeModel(it), home) });
      const statusOf = (name: string) => checks.find((check) => check.name === name)?.status;
      const files = home.models.filter(({ proto }) => proto.graph.output.length === 1 && proto.graph.name !== 'sites');
      return { files: files.length, loads: statusOf('loads'), runs: statusOf('runs'), isProven: verification?.passed };
    };
    expect(await opened(model)).to.deep.equal({ files: 1, loads: 'passed', runs: 'passed', isProven: true });
    const { graph } = model.proto;
    const unknown = withGraph(model, {
      ...graph,
      node: graph.node.map((node, index) => (index === 0 ? { ...node, opType: 'Nothing' } : node)),
    });
    expect(await opened(unknown)).to.deep.include({ loads: 'failed' });
  });

  it('takes the rank of a norm from what it answers, where the affine comes before that is restored', async () => {
    const net = new Net();
    const list = net.node('SequenceConstruct', [net.input('x', [2, 32, 4, 4])]);
    const first = net.node('SequenceAt', [list, net.weight('first', [], [0], DataType.INT64)]);
    const bytes = writeModel(net.output(net.bn(first, 32), [2, 32, 4, 4]).model());
    const { model, source } = await made(bytes, { form: 'instance-conv' });
    expect(errorsOf(await checked(model, { source, run: true }))).to.deep.equal([]);
  });

  for (const form of ['reduce', 'instance', 'instance-conv']) {
    it(`does not take a Cast of the model for one of the form ${form}`, async () => {
      const { model, source } = await madeOf(fixtureNamed('type-cast-before'), { form, groups: 4 });
      expect(errorsOf(await checked(model, { source }))).to.deep.equal([]);
    });
  }

  for (const [name, options] of [
    ['opset-17', { groups: 4 }],
    ['opset-21', {}],
    ['if-own-parameters', {}],
    ['type-float16', {}],
    ['shared-everything', { form: 'instance' }],
  ] as const) {
    it(`calls ${name} trained, not damaged, after a step of training`, async () => {
      const { model, source, sites } = await madeOf(fixtureNamed(name), options);
      const trained = train(model, 3);
      for (const [it, state] of [
        [trained, name === 'if-own-parameters' ? undefined : 'trained'],
        [without(trained), undefined],
      ] as const) {
        const report = await checked(it, { source });
        expect(errorsOf(report)).to.deep.equal([]);
        expect(report.sites.length).to.be.at.least(sites.length);
        if (state === undefined) continue;
        expect(report.sites.map((site) => site.state)).to.deep.equal(sites.map(() => state));
        expect(report.checks.find((check) => check.name === 'parameters')?.detail).to.match(/trained at/);
        expect(report.checks.find((check) => check.name === 'unchanged')?.detail).to.match(/of them trained/);
      }
    });
  }

  it('calls no choice of trained weights damage, and each that is exchanged or reordered', async () => {
    const { model, source, sites } = await madeOf(fixtureNamed('pre-activation'), { groups: 4 });
    const names = model.proto.graph.initializer.map(({ name }) => name);
    await fc.assert(
      fc.asyncProperty(fc.subarray(names), fc.nat(2 ** 31), async (chosen, seed) => {
        const trained = train(model, seed, (name) => chosen.includes(name));
        const report = await checked(trained, { source });
        expect(errorsOf(report)).to.deep.equal([]);
        for (const { record, norm, state } of report.sites) {
          const moved = [norm.scale?.name, norm.bias?.name].some((name) => chosen.includes(name ?? ''));
          expect(state, record?.name).to.equal(moved ? 'trained' : 'unchanged');
        }
        const [site] = sites;
        const name = site?.scale ?? '';
        const rolled = (all: Float64Array) =>
          all.map((_, index) => all[(index + 1 + (seed % (all.length - 1))) % all.length] as number);
        const reordered = setValues(
          train(model, seed, (it) => chosen.includes(it) && it !== name),
          name,
          rolled,
        );
        expect(errorsOf(await checked(reordered))).to.deep.equal(['channels-permuted']);
      }),
      { seed: 5, numRuns: 25 },
    );
  });

  describe('of a file whose record has no digests', () => {
    let it_: Made;
    before(async () => {
      it_ = await madeOf(fixtureNamed('opset-17'), { groups: 4 });
    });

    it('proves less, and says so', async () => {
      const report = await checked(asOfOld(it_.model));
      expect(findingsOf(report).map(({ rule, severity }) => [rule, severity])).to.deep.equal([['old-record', 'note']]);
      expect(report.passed).to.equal(true);
      expect(report.checks.find(({ name }) => name === 'structure')?.status).to.equal('skipped');
      expect(report.sites[0]?.state).to.equal('unknown');
    });

    it('knows from the source what γ and β were', async () => {
      const old = asOfOld(it_.model);
      const { scale = '', bias = '' } = it_.sites[0] ?? {};
      expect((await checked(old, { source: it_.source })).sites[0]?.state).to.equal('unchanged');
      const reversed = setValues(old, scale, (all) => all.toReversed());
      expect(errorsOf(await checked(reversed, { source: it_.source }))).to.deep.equal(['channels-permuted']);
      const copied = setValues(old, bias, () => {
        const tensor = old.proto.graph.initializer.find(({ name }) => name === scale);
        return tensor === undefined ? [] : valuesOf(tensor);
      });
      expect(errorsOf(await checked(copied, { source: it_.source }))).to.deep.equal(['parameters-swapped']);
      expect((await checked(train(old, 1), { source: it_.source })).sites[0]?.state).to.equal('trained');
    });
  });

  it('knows a source whose arithmetic around a norm was merged into it', async () => {
    const { model, source } = await madeOf(fixtureNamed('mul-add-after'), { absorbAffine: true });
    expect(findingsOf(await checked(model, { source }))).to.deep.equal([]);
    expect(model.proto.graph.node.filter(({ opType }) => opType === 'Add').length).to.be.below(4);
  });

  it('says where the source is another', async () => {
    const [a, b] = [await madeOf(fixtureNamed('opset-17')), await madeOf(fixtureNamed('epsilon-large'))];
    const report = await checked(a.model, { source: b.source });
    expect(errorsOf(report)).to.include('other-source');
  });

  it('fails where it does not load, does not run, or a norm computes something else, by name', async () => {
    const { model, sites } = await madeOf(fixtureNamed('opset-17'), { groups: 4, form: 'instance' });
    const { graph } = model.proto;
    const withNode = (edit: (opType: string) => string) =>
      withGraph(model, { ...graph, node: graph.node.map((it) => ({ ...it, opType: edit(it.opType) })) });
    const unknown = await checked(
      withNode((it) => (it === 'Relu' ? 'Rleu' : it)),
      { run: true },
    );
    expect(errorsOf(unknown)).to.include('does-not-load');
    expect(unknown.verification).to.equal(undefined);
    // A norm whose mean is shifted in front of it: every node is of a norm, and it is none of that ε.
    const twisted = setValues(model, `gn_swap/ones_4`, () => [1, 1, 2, 1]);
    const report = await checked(twisted, { run: true });
    expect(errorsOf(report)).to.include.members(['norm-constants', 'reference']);
    const finding = findingsOf(report).find(({ rule }) => rule === 'reference');
    expect(finding?.site).to.equal(sites[0]?.plan.site.name);
  });

  it('tells NaN by its place, and compares no figure with it', async () => {
    const { model, sites } = await madeOf(fixtureNamed('opset-17'));
    const spoilt = setValues(model, sites[0]?.scale ?? '', (all) => all.map((v, at) => (at === 0 ? Number.NaN : v)));
    const report = await checked(spoilt, { run: true });
    const messages = findingsOf(report).map(({ message }) => message);
    expect(messages.join('\n')).to.match(/γ of channel 0 is NaN/);
    expect(messages.join('\n')).not.to.match(/more than NaN|error is NaN/);
  });

  it('says what the model ran on in the words of its other reports', async () => {
    const { model } = await madeOf(fixtureNamed('opset-17'));
    const runs = async (inputs?: Values) => {
      const report = await checked(model, { run: true, ...(inputs === undefined ? {} : { inputs }) });
      return report.checks.find(({ name }) => name === 'runs')?.detail;
    };
    expect(await runs()).to.equal('runs on random input');
    const x = { type: DataType.FLOAT, dims: [2, 3, 4, 4], data: new Float32Array(2 * 3 * 4 * 4).fill(0.5) };
    const name = model.proto.graph.input[0]?.name ?? '';
    expect(await runs({ [name]: x })).to.equal('runs on the given input');
  });

  it('fails above the drift that is allowed, and not below', async () => {
    const { model, source } = await madeOf(fixtureNamed('opset-17'));
    expect(errorsOf(await checked(model, { source, run: true, maxDrift: 1e-9 }))).to.deep.equal(['drift']);
    const report = await checked(model, { source, run: true, maxDrift: 100 });
    expect(report.passed).to.equal(true);
    expect(report.drift.length).to.equal(1);
    expect(report.against).to.equal('source.onnx');
  });

  it('tells data that are not there', async () => {
    const { model } = await madeOf(fixtureNamed('opset-17'));
    const { graph } = model.proto;
    const short = { ...graph, initializer: graph.initializer.map((it) => ({ ...it, dims: [...it.dims, 2] })) };
    const report = await checked(withGraph(model, short));
    expect(errorsOf(report)).to.include('data-missing');
    let count = 0;
    visitTensors(model, () => count++);
    expect(count).to.be.above(3);
  });

  it('says so where it does not run on the inputs that are given', async () => {
    const { model, source } = await madeOf(fixtureNamed('rank-4'));
    const report = await checked(model, { source, run: true, inputs: {} });
    expect(errorsOf(report)).to.deep.equal(['does-not-run']);
    expect(report.checks.find(({ name }) => name === 'reference')?.status).to.equal('skipped');
  });
});

describe('the rules', () => {
  it('have ids in kebab case, and a sentence each', () => {
    for (const [id, text] of Object.entries(RULES)) {
      expect(id).to.match(/^[a-z]+(-[a-z]+)*$/);
      expect(text).to.match(/^\S+ \S.*[^.]$/);
    }
  });
});
