import { expect } from 'chai';
import { block } from '../../fixtures/build.ts';
import { FIXTURES, type Fixture, fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { group } from '../../src/norms/group.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import type { NodeProto } from '../../src/onnx/schema.ts';
import { dimsOf, makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { withoutLost } from '../../src/plan/refuse.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { graphProblems } from '../support/check-graph.ts';
import { compare } from '../support/compare.ts';
import { bytesOf, countNorms, initializersOf, leavesOf, nodesOf, readBy } from '../support/model-parts.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { storedAffine } from '../support/site-model.ts';
import { type Swapped, searchOf, swapFixture, swapSearch } from '../support/swapped.ts';

/** What keeps ONNX Runtime from a file stays in these: a type or an operator that it does not have. */
const NEVER_RUN = ['type-bfloat16', 'type-bfloat16-native', 'domain-foreign'];

const swap = (name: string, options = {}) => swapFixture(fixtureNamed(name), options);

describe('rewrite', () => {
  for (const fixture of FIXTURES) {
    describe(fixture.name, () => {
      let swapped: Swapped;
      let source: Model;
      let after: Model;
      before(async () => {
        swapped = await swapFixture(fixture);
        source = swapped.search.model;
        after = readModel(writeModel(swapped.model), swapped.model.home);
      });

      it(`takes out ${fixture.sites} BatchNormalization, and a second swap finds no more`, () => {
        const nodes = swapped.plan.sites.filter(({ site }) => site.node.opType === 'BatchNormalization');
        expect(swapped.plan.sites.length).to.equal(fixture.sites);
        expect(countNorms(after)).to.equal(countNorms(source) - nodes.length);
        const again = swapSearch(withoutLost(findSites(after), {}));
        expect(again.plan.sites).to.deep.equal([]);
        expect(again.plan.refusals.map(({ code }) => code)).to.deep.equal(fixture.refusals);
        expect(Buffer.compare(writeModel(again.model), writeModel(after))).to.equal(0);
      });

      it('keeps the graph sound', () => {
        expect(graphProblems(after)).to.deep.equal(graphProblems(source));
      });

      it('keeps what is not its own byte for byte, and in order', () => {
        const replaced = new Set(swapped.plan.sites.map(({ site }) => site.node));
        const own = new Set(swapped.sites.flatMap(({ nodes }) => nodes.map((node) => bytesOf('NodeProto', node))));
        const kept = leavesOf(after)
          .map((node) => bytesOf('NodeProto', node))
          .filter((bytes) => !own.has(bytes));
        const were = leavesOf(source).filter((node) => !replaced.has(node));
        const read = readBy(after);
        const wereRead = readBy(source);
        // A node may only go where nothing reads it any more, and something did.
        const isNeeded = ({ output }: NodeProto) =>
          output.some((name) => read.has(name)) || !output.some((name) => wereRead.has(name));
        const expected = were.filter(isNeeded).filter(({ output }) => !isParameter(swapped, output));
        expect(kept).to.include.members(expected.map((node) => bytesOf('NodeProto', node)));
        const order = were.map((node) => bytesOf('NodeProto', node));
        expect(kept.filter((bytes) => order.includes(bytes))).to.deep.equal(
          order.filter((bytes) => kept.includes(bytes)),
        );

        const now = new Map(initializersOf(after).map((tensor) => [tensor.name, bytesOf('TensorProto', tensor)]));
        for (const tensor of initializersOf(source)) {
          if (isParameter(swapped, [tensor.name])) continue;
          if (read.has(tensor.name) || !wereRead.has(tensor.name)) {
            expect(now.get(tensor.name), tensor.name).to.equal(bytesOf('TensorProto', tensor));
          } else {
            expect(now.has(tensor.name), `${tensor.name} is of no more use`).to.equal(false);
          }
        }
        const rest = ({ proto }: Model) => bytesOf('ModelProto', { ...proto, graph: undefined });
        expect(rest(after)).to.equal(rest(source));
        const frame = ({ proto: { graph } }: Model) =>
          bytesOf('GraphProto', {
            ...graph,
            node: [],
            initializer: [],
            sparseInitializer: [],
            input: [],
            valueInfo: [],
          });
        expect(frame(after)).to.equal(frame(source));
      });

      it('holds γ′ and β′ of the plan, rounded to the type, as initializers', () => {
        for (const rewritten of swapped.sites) {
          const { scale, bias } = storedAffine({ ...swapped, model: after }, rewritten);
          const { channels, site, ...plan } = rewritten.plan;
          const rounded = (values: ArrayLike<number>) => valuesOf(makeTensor('', site.elementType, [channels], values));
          expect([...scale]).to.deep.equal([...rounded(plan.scale)]);
          expect([...bias]).to.deep.equal([...rounded(plan.bias)]);
        }
      });

      it('gives the same bytes again, and leaves the source as it was', () => {
        const bytes = writeModel(source);
        expect(Buffer.compare(writeModel(rewrite(source, swapped.plan).model), writeModel(swapped.model))).to.equal(0);
        expect(Buffer.compare(writeModel(source), bytes)).to.equal(0);
      });

      if (fixture.sites > 0 && !NEVER_RUN.includes(fixture.name)) {
        it('runs in ONNX Runtime in every form, with the outputs of the source', async () => {
          for (const form of group.forms) {
            const { model, sites } = swapSearch(swapped.search, { form });
            if (sites.length === fixture.sites && !lacksKernel(fixture, form)) await runs(model, fixture);
          }
        });

        it('answers at each site of the main graph what the norm says of what reaches it', async () => {
          const inMain = swapped.sites.filter(({ plan }) => plan.site.path === '');
          const names = inMain.flatMap(({ plan }) => [plan.site.input, plan.site.output]);
          const feeds = fixture.inputs?.() ?? generateInputs(after, 1, 2, 8);
          const values = await runModel(withOutputs(after, names), feeds, fixture.files?.());
          for (const it of inMain) {
            const { site } = it.plan;
            const [x, y] = [valueNamed(values, site.input), valueNamed(values, site.output)];
            const { worst } = compare(it.plan, storedAffine({ ...swapped, model: after }, it), x, y);
            expect(worst, `error of ${site.name}, as a share of its bound`).to.be.at.most(1);
          }
        });
      }
    });
  }

  /** ONNX Runtime normalises instances in float32 alone. */
  const lacksKernel = ({ name }: Fixture, form: string) =>
    name.startsWith('type-float64') && form.startsWith('instance');

  async function runs(model: Model, fixture: Fixture): Promise<void> {
    const feeds = fixture.inputs?.() ?? generateInputs(model, 1, 2, 8);
    const results = await runModel(model, feeds, fixture.files?.());
    const { graph } = model.proto;
    expect(Object.keys(results)).to.deep.equal(graph.output.map(({ name }) => name));
    for (const [name, value] of Object.entries(results)) {
      for (const number of Array.from(numbersOf(value) ?? [])) expect(Number.isFinite(number), name).to.equal(true);
    }
  }
});

function isParameter({ sites }: Swapped, names: readonly string[]): boolean {
  return sites.some(({ scale, bias }) => names.includes(scale) || names.includes(bias));
}

describe('rewrite names γ′ and β′', () => {
  const named = async (name: string, options = {}) =>
    (await swap(name, options)).sites.map(({ scale, bias }) => [scale, bias]);

  it('as the source named γ and β', async () => {
    expect(await named('opset-17')).to.deep.equal([['bn1.weight', 'bn1.bias']]);
    expect(await named('pre-activation')).to.deep.equal([
      ['bn1.weight', 'bn1.bias'],
      ['bn4.weight', 'bn4.bias'],
    ]);
    expect(await named('parameters-constant-value')).to.deep.equal([['scale', 'bias']]);
    expect(await named('if-captured')).to.deep.equal([
      ['gamma', 'beta'],
      ['gamma/group', 'beta/group'],
    ]);
    expect(await named('if-own-parameters')).to.deep.equal([
      ['yes/bn0.weight', 'yes/bn0.bias'],
      ['no/bn0.weight', 'no/bn0.bias'],
    ]);
  });

  it('so that each name is used once, also where two branches use the same names', async () => {
    expect(await named('if-same-names')).to.deep.equal([
      ['own/bn0.weight', 'own/bn0.bias'],
      ['own/bn0.weight/group', 'own/bn0.bias/group'],
    ]);
  });

  it('anew where a node that stays, or an output of the model, needs the name', async () => {
    expect(await named('shared-with-mul')).to.deep.equal([['gamma/group', 'bn0.bias']]);
    expect(await named('shared-output')).to.deep.equal([['bn0.weight', 'beta/group']]);
    expect(await named('parameters-split')).to.deep.equal([['scale/group', 'bias/group']]);
    expect(await named('if-one-captures')).to.deep.equal([
      ['gamma', 'beta'],
      ['gamma/group', 'yes/bn0.bias'],
    ]);
  });

  it('once by the former name where two norms shared one', async () => {
    expect(await named('shared-gamma-beta')).to.deep.equal([
      ['gamma', 'beta'],
      ['gamma/group', 'beta/group'],
    ]);
    // Tied in all four: one γ and one β stay so.
    expect(await named('shared-everything')).to.deep.equal([
      ['gamma', 'beta'],
      ['gamma', 'beta'],
    ]);
    expect(await named('one-tensor-two-roles')).to.deep.equal([['ones', 'zeros']]);
  });

  it('with the dimensions of the form: [C] in native, [C, 1, …] where they are multiplied', async () => {
    for (const [form, scale, bias] of [
      ['native', [32], [32]],
      ['reduce', [32, 1, 1], [32, 1, 1]],
      ['instance', [32, 1, 1], [32, 1, 1]],
      ['instance-conv', [32, 1, 1, 1], [32]],
    ] as const) {
      const swapped = await swap('opset-21', { form });
      const [site] = swapped.sites;
      if (site === undefined) throw new RangeError('no site');
      expect(storedAffine(swapped, site).dims, form).to.deep.equal([scale, bias]);
      expect([site.scale, site.bias]).to.deep.equal(['bn1.weight', 'bn1.bias']);
    }
  });
});

describe('rewrite adds and removes', () => {
  const names = (model: Model) => model.proto.graph.initializer.map(({ name }) => name);
  const inputs = (model: Model) => model.proto.graph.input.map(({ name }) => name);

  it('the constants that sites share, once', async () => {
    const { model } = await swap('depthwise', { groups: 1 });
    expect(names(model).filter((name) => name.startsWith('gn_swap/'))).to.deep.equal(['gn_swap/epsilon']);
  });

  it('running statistics, and no constant that had no use before', async () => {
    const { model } = await swap('unused-constants', { groups: 1 });
    expect(names(model)).to.have.members(['spare', 'spare.running_var', 'ones', 'zeros', 'gn_swap/epsilon']);
    expect(model.proto.graph.node.some(({ output }) => output.includes('spare_constant'))).to.equal(true);
  });

  it('what led to the running statistics alone', async () => {
    const { model } = await swap('chain-behind-parameters');
    expect(model.proto.graph.node.some(({ opType }) => opType === 'Identity')).to.equal(false);
    expect(names(model)).to.include('base');
  });

  it('nothing that other nodes, or the outputs, still read', async () => {
    for (const [name, kept] of [
      ['shared-statistics', ['mean', 'variance']],
      ['shared-with-mul', ['gamma']],
      ['shared-output', ['beta']],
    ] as const) {
      expect(names((await swap(name)).model), name).to.include.members([...kept]);
    }
  });

  it('inputs that list parameters, and no input of the caller', async () => {
    const { model, search } = await swap('parameters-overridable');
    expect(inputs(search.model)).to.include.members(['bn0.running_mean', 'bn0.running_var']);
    expect(inputs(model)).to.have.members(['x', 'bn0.weight', 'bn0.bias']);
    const listed = model.proto.graph.input.find(({ name }) => name === 'bn0.weight')?.type?.tensorType?.shape?.dim;
    expect(listed?.map(({ dimValue }) => dimValue)).to.deep.equal([32, 1, 1]);
  });

  it('at IR 3, initializers that are listed as inputs of the main graph, since a Constant holds no integers yet', async () => {
    for (const name of ['opset-07', 'opset-08', 'spatial-1', 'if-ir3']) {
      const { model } = await swap(name, { groups: 2 });
      expect(Number(model.proto.irVersion)).to.equal(3);
      expect(
        model.proto.graph.input.map(({ name }) => name),
        name,
      ).to.include.members(names(model));
      expect(names(model), name).to.include('gn_swap/shape_0_2_16');
      expect(nodesOf(model).filter(({ opType }) => opType === 'Constant')).to.deep.equal([]);
    }
  });

  it('at IR 3 with opset 9, constants as nodes, and parameters that are listed as inputs', () => {
    const { model } = swapSearch(findSites(block({ opset: 9, ir: 3 }).model()), { groups: 2 });
    expect(inputs(model)).to.include.members(names(model));
    expect(names(model).filter((it) => it.startsWith('gn_swap/'))).to.deep.equal([]);
    const constants = nodesOf(model).filter(({ opType }) => opType === 'Constant');
    expect(constants.flatMap(({ output }) => output)).to.include('gn_swap/shape_0_2_16');
  });

  it('types that were stated for what is gone', async () => {
    const { model } = await swap('value-info');
    expect(model.proto.graph.valueInfo.map(({ name }) => name)).to.deep.equal([
      'Conv_0_out',
      'BatchNormalization_1_out',
      'Relu_2_out',
    ]);
  });

  it('no type of an output: one is stated where a Reshape to a computed shape would hide the rank', async () => {
    for (const [name, form, dims] of [
      ['dynamic-height-width', 'instance', [2, 32, undefined, undefined]],
      ['dynamic-unnamed', 'instance-conv', [undefined, 32, undefined, undefined]],
      ['opset-21', 'native', [2, 32, 4, 4]],
      ['dynamic-height-width', 'reduce', undefined],
      ['dynamic-width', 'instance', [2, 32, 4, undefined]],
      ['rank-unknown-input', 'instance', undefined],
    ] as const) {
      const { model, sites } = await swap(name, { form });
      const output = sites[0]?.plan.site.output ?? '';
      const stated = model.proto.graph.valueInfo.find((it) => it.name === output)?.type?.tensorType;
      const sizes = stated?.shape?.dim.map(({ dimValue }) => dimValue);
      expect(sizes, `${name} ${form}`).to.deep.equal(dims);
      if (dims !== undefined) expect(stated?.elemType, name).to.equal(DataType.FLOAT);
    }
  });

  it('the further outputs of a norm in training mode', async () => {
    const { model } = await swap('training-unused-outputs');
    const made = model.proto.graph.node.flatMap(({ output }) => output);
    expect(made).not.to.include.members(['mean_out', 'var_out']);
  });

  it('no data of external files: what stays refers to them as before', async () => {
    for (const name of ['external-one-file', 'external-two-files']) {
      const { model, search } = await swap(name);
      const before = new Map(initializersOf(search.model).map((tensor) => [tensor.name, tensor]));
      for (const tensor of initializersOf(model)) {
        if (tensor.dataLocation === 1) expect(before.get(tensor.name), tensor.name).to.equal(tensor);
      }
      expect(initializersOf(model).filter(({ dataLocation }) => dataLocation === 1).length).to.equal(2);
      expect(initializersOf(model).find((it) => it.name === 'bn1.weight')).to.include({ dataLocation: undefined });
    }
  });

  it('sparse parameters, which become dense', async () => {
    const { model } = await swap('parameters-sparse-initializer');
    expect(model.proto.graph.sparseInitializer).to.deep.equal([]);
    expect(model.proto.graph.initializer.filter(({ name }) => name === 'beta').map(dimsOf)).to.deep.equal([[32, 1, 1]]);
  });
});

describe('rewrite leaves alone', () => {
  it('a model in which nothing is planned: the very same graph', async () => {
    for (const fixture of FIXTURES.filter(({ sites }) => sites === 0)) {
      const { model, search } = await swapFixture(fixture);
      expect(model.proto.graph, fixture.name).to.equal(search.model.proto.graph);
    }
  });

  it('sites that are excluded, with their parameters', async () => {
    const search = await searchOf(fixtureNamed('two-bn-one-input'));
    const { model, sites } = swapSearch(search, { exclude: [/_1$/] });
    expect(sites.length).to.equal(1);
    expect(countNorms(model)).to.equal(1);
    const [left] = nodesOf(model).filter(({ opType }) => opType === 'BatchNormalization');
    expect(left).to.equal(search.sites[0]?.node);
    expect(initializersOf(model).map(({ name }) => name)).to.include.members([...(left?.input.slice(1) ?? [])]);
  });

  it('a γ that an excluded norm shares', async () => {
    const { sites, model } = await swap('shared-gamma-beta', { exclude: [/_0$/] });
    expect(sites.map(({ scale, bias }) => [scale, bias])).to.deep.equal([['gamma/group', 'beta/group']]);
    expect(initializersOf(model).map(({ name }) => name)).to.include.members(['gamma', 'beta']);
  });
});
