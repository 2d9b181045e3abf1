import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { FORMS } from '../../src/forms/index.ts';
import { shapesOnly, withOutputs } from '../../src/graph/extract.ts';
import { inInference, inInferenceMode } from '../../src/graph/inference-mode.ts';
import { generateInputs, sizeOf } from '../../src/inputs/generated.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { opsetVersion } from '../../src/onnx/model.ts';
import type { NodeProto } from '../../src/onnx/schema.ts';
import { legalForms } from '../../src/plan/index.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { siteModel } from '../../src/verify/site-model.ts';
import { countNorms, nodesOf } from '../support/model-parts.ts';
import { inSession, runModel, valueNamed } from '../support/session.ts';
import { swapFixture } from '../support/swapped.ts';

const inputs = (model: ReturnType<Net['model']>) => generateInputs(model, 0, 2, 8);

/** Infinity where the shapes differ. */
function largestDifference(a: Value, b: Value): number {
  if (a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  const [x, y] = [numbersOf(a) ?? [], numbersOf(b) ?? []];
  return Array.from(x).reduce((most, value, i) => Math.max(most, Math.abs(value - (y[i] as number))), 0);
}

describe('withOutputs', () => {
  it('lets inner values and inputs be fetched beside the outputs, each once', async () => {
    const model = block().model();
    const probe = withOutputs(model, ['Conv_0_out', 'x', 'Conv_3_out', 'Conv_0_out']);
    expect(probe.proto.graph.output.map(({ name }) => name)).to.deep.equal(['Conv_3_out', 'Conv_0_out', 'x']);
    const feeds = inputs(model);
    const values = await runModel(probe, feeds);
    expect(valueNamed(values, 'Conv_0_out').dims).to.deep.equal([2, 32, 4, 4]);
    expect(numbersOf(valueNamed(values, 'x'))).to.deep.equal(feeds.x?.data);
    const [probed, plain] = [valueNamed(values, 'Conv_3_out'), valueNamed(await runModel(model, feeds), 'Conv_3_out')];
    // What is fetched is not fused with what follows: a few roundings of numbers below 10.
    expect(largestDifference(probed, plain)).to.be.below(1e-5);
  });
});

describe('shapesOnly', () => {
  it('answers with shapes, in the order asked, one value as often as it is asked for', async () => {
    const model = block().model();
    const probe = shapesOnly(model, ['Conv_3_out', 'x', 'x']);
    await inSession(probe, async (session) => {
      const values = await session.run(inputs(model));
      const shapes = session.outputs.map((name) => Array.from(numbersOf(valueNamed(values, name)) ?? []));
      expect(shapes).to.deep.equal([
        [2, 4, 4, 4],
        [2, 3, 4, 4],
        [2, 3, 4, 4],
      ]);
    });
  });

  it('takes names of its own where the model has them already', async () => {
    const net = new Net();
    net.output(
      net.node('Identity', [net.input('x', [3])], {}, { outputs: ['gn_swap/shape/x'], name: 'gn_swap/shape' }),
    );
    await inSession(shapesOnly(net.model(), ['x', 'gn_swap/shape/x']), async (session) => {
      expect(new Set(session.outputs).size).to.equal(2);
      expect(session.outputs).not.to.include('gn_swap/shape/x');
    });
  });
});

describe('siteModel', () => {
  for (const name of [
    'opset-17',
    'opset-21',
    'if-own-parameters',
    'function-called-twice',
    'shared-everything',
    'opset-08',
  ]) {
    it(`answers for each site of ${name} as the whole model does, in every form`, async () => {
      const { model, sites } = await swapFixture(fixtureNamed(name));
      expect(sites.length).to.be.above(0);
      for (const site of sites) {
        const own = site.plan.form;
        const forms = legalForms(site.plan, opsetVersion(model.proto) ?? 0).filter((form) => form.name !== own);
        const alone = siteModel(model, site, forms);
        expect([...alone.others.keys()]).to.deep.equal(forms.map((form) => form.name));
        const dims = [2, site.plan.channels, ...(site.plan.site.shape?.slice(2).map((dim) => dim ?? 5) ?? [3, 5])];
        const random = new Random(4);
        const data = Float32Array.from({ length: sizeOf({ dims }) }, () => random.normal());
        const values = await runModel(alone.model, { [site.plan.site.input]: { type: DataType.FLOAT, dims, data } });
        const written = valueNamed(values, alone.written);
        expect(written.dims).to.deep.equal(dims);
        for (const [form, output] of alone.others) {
          // Both are within √256 u of values below 10.
          expect(largestDifference(written, valueNamed(values, output)), form).to.be.below(3e-5);
        }
      }
    });
  }

  it('holds what the site’s nodes read, and nothing of the rest', async () => {
    const { model, sites } = await swapFixture(fixtureNamed('opset-17'));
    const [site] = sites;
    if (site === undefined) throw new RangeError('no site');
    const { proto } = siteModel(model, site, []).model;
    expect(proto.graph.node.map(({ name }) => name)).to.deep.equal(site.nodes.map(({ name }) => name));
    const names = proto.graph.initializer.map((tensor) => tensor.name);
    expect(names).to.include.members(['bn1.weight', 'bn1.bias']).and.not.include('W0');
    expect(proto.graph.output.map((output) => output.name)).to.deep.equal([site.plan.site.output]);
    expect(FORMS.length).to.be.above(1);
  });
});

describe('inInferenceMode', () => {
  it('changes nothing where nothing is in training mode', () => {
    const mayTrain = ({ attribute, output }: NodeProto) =>
      output.length > 1 || attribute.some(({ name }) => name === 'training_mode');
    for (const fixture of FIXTURES) {
      const model = fixture.build();
      const norms = nodesOf(model).filter(({ opType }) => opType === 'BatchNormalization');
      if (!norms.some(mayTrain)) expect(inInferenceMode(model), fixture.name).to.equal(model);
    }
  });

  it('makes a norm in training mode answer by its running statistics', async () => {
    const model = fixtureNamed('training-unused-outputs').build();
    const changed = inInferenceMode(model);
    expect(countNorms(changed)).to.equal(1);
    const feeds = inputs(model);
    const inference = await runModel(block({ opset: 15 }).model(), feeds);
    const expected = valueNamed(inference, 'Conv_3_out');
    expect(largestDifference(valueNamed(await runModel(changed, feeds), 'Conv_3_out'), expected)).to.equal(0);
    expect(largestDifference(valueNamed(await runModel(model, feeds), 'Conv_3_out'), expected)).to.be.above(0.1);
  });

  it('reaches norms in subgraphs, and leaves norms of other domains alone', () => {
    const attributes = { training_mode: 1 };
    const branch = (name: string, domain: string) => {
      const inner = new Net({ prefix: `${name}/`, opset: 15 });
      const y = inner.bn('x', 4, { attributes, domain, outputs: [`${name}/y`, `${name}/m`, `${name}/v`] });
      return { graph: inner.output(y).graph() };
    };
    const net = new Net({ opset: 15 });
    net.input('x', [2, 4, 3, 3]);
    const choice = net.input('choice', [], DataType.BOOL);
    const arms = { then_branch: branch('then', ''), else_branch: branch('else', 'com.example') };
    net.output(net.node('If', [choice], arms));
    const norms = nodesOf(inInferenceMode(net.model())).filter(({ opType }) => opType === 'BatchNormalization');
    const described = norms.map(({ domain, output, attribute }) => [domain, output.length, attribute.length]);
    expect(described).to.have.deep.members([
      ['', 1, 0],
      ['com.example', 3, 1],
    ]);
  });
});

describe('inInference', () => {
  it('leaves a norm alone whose batch statistics are used', () => {
    const net = new Net({ opset: 15 });
    const attributes = { training_mode: 1 };
    net.bn(net.input('x', [2, 4, 3]), 4, { attributes, outputs: ['y', 'mean', 'var'] });
    const [norm] = net.nodes;
    if (norm === undefined) throw new RangeError('no node');
    expect(inInference(norm, new Map([['mean', 1]]))).to.equal(norm);
    expect(inInference(norm, new Map([['y', 1]])).output).to.deep.equal(['y']);
  });

  it('gives other nodes back as they are', () => {
    const [conv, norm] = block().model().proto.graph.node;
    if (conv === undefined || norm === undefined) throw new RangeError('no nodes');
    expect(inInference(conv, new Map())).to.equal(conv);
    expect(inInference(norm, new Map())).to.equal(norm);
  });
});
