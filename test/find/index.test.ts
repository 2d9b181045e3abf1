import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { findSites, PATTERNS } from '../../src/find/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { modelOf, searchOf } from '../support/swapped.ts';

const search = (name: string) => findSites(modelOf(fixtureNamed(name)));

describe('find', () => {
  it('has patterns of different names', () => {
    expect(new Set(PATTERNS.map(({ name }) => name)).size).to.equal(PATTERNS.length);
  });

  it('gives every site and refusal of a model a name of its own', async () => {
    for (const fixture of FIXTURES) {
      const { sites, refusals } = await searchOf(fixture);
      const names = [...sites, ...refusals].map(({ name }) => name);
      expect(new Set(names).size, fixture.name).to.equal(names.length);
      expect(names, fixture.name).not.to.include('');
    }
  });

  it('calls a site as its node, else as its output', () => {
    const names = (name: string) => search(name).sites.map((site) => site.name);
    expect(names('names-absent')).to.deep.equal(['BatchNormalization_0_out', 'BatchNormalization_2_out']);
    expect(names('names-twice')).to.deep.equal(['BatchNormalization_0_out', 'BatchNormalization_2_out']);
    expect(names('names-as-outputs')).to.deep.equal(['norm_2', 'norm']);
    expect(names('names-odd')).to.deep.equal(['model/层.1::norm 归一']);
    expect(names('if-same-names')).to.deep.equal(['own/BatchNormalization_0_out', 'own/BatchNormalization_0_out_2']);
  });

  it('finds sites in the order of the file, outer graphs before inner ones', () => {
    expect(search('depthwise').sites.map(({ channels }) => channels)).to.deep.equal([12, 24, 40, 48, 7]);
    expect(search('if-one-captures').sites.map(({ path }) => path)).to.deep.equal(['', 'If_0/then_branch']);
  });

  it('says in which graph a site stands', () => {
    expect(search('bn-on-input').sites[0]?.path).to.equal('');
    expect(search('if-captured').sites.map(({ path }) => path)).to.deep.equal(['If_0/then_branch', 'If_0/else_branch']);
    expect(search('if-in-if').sites[0]?.path).to.equal('If_0/then_branch/middle/If_0/then_branch');
    expect(search('loop-captured').sites[0]?.path).to.equal('Loop_0/body');
    expect(search('scan').sites[0]?.path).to.equal('Scan_0/body');
  });

  it('returns the very model where nothing had to be inlined', () => {
    for (const name of ['opset-17', 'no-bn', 'if-captured', 'parameters-computed']) {
      const model = fixtureNamed(name).build();
      expect(findSites(model).model, name).to.equal(model);
    }
  });

  it('inlines functions that hold a norm, directly or not, and leaves the others', () => {
    for (const [name, left, operators] of [
      ['function-called-twice', [], ['BatchNormalization', 'Relu', 'BatchNormalization', 'Relu']],
      ['function-nested', [], ['BatchNormalization', 'Relu']],
      ['function-overload', [], ['BatchNormalization', 'Relu', 'BatchNormalization', 'Sigmoid']],
      ['function-without-norm', ['Double'], ['BatchNormalization', 'Relu', 'Double']],
    ] as const) {
      const { functions, graph } = search(name).model.proto;
      expect(
        functions.map((it) => it.name),
        name,
      ).to.deep.equal(left);
      expect(
        graph.node.map(({ opType }) => opType),
        name,
      ).to.deep.equal(operators);
    }
  });

  it('takes attributes that a function hands on', () => {
    const epsilons = search('function-attribute').sites.map(({ epsilon }) => epsilon);
    expect(epsilons).to.deep.equal([Math.fround(0.1), Math.fround(0.01)]);
  });

  it('keeps a function that can not be inlined, and refuses it by name', () => {
    const { model, refusals } = search('function-other-opset');
    expect(model.proto.functions.map(({ name }) => name)).to.deep.equal(['Norm']);
    expect(refusals.map(({ name, op, code }) => [name, op, code])).to.deep.equal([
      ['Norm', 'function local.Norm', 'function'],
    ]);
  });

  it('names the values that must be computed first, each once, and takes them when given', () => {
    const model = fixtureNamed('if-computed').build();
    const first = findSites(model);
    expect(first.unevaluated).to.deep.equal(['Add_0_out']);
    expect(first.refusals.map(({ code }) => code)).to.deep.equal([
      'parameters-need-running',
      'parameters-need-running',
    ]);
    const values = Array.from({ length: 32 }, (_, i) => i);
    const known = new Map([['Add_0_out', makeTensor('Add_0_out', DataType.FLOAT, [32], values)]]);
    const second = findSites(model, known);
    expect(second.unevaluated).to.deep.equal([]);
    expect(second.sites.map(({ statistics }) => [...statistics.scale])).to.deep.equal([values, values]);
  });

  it('finds nothing in a model without norms, and says so without a refusal', () => {
    for (const name of ['no-bn', 'folded-conv']) {
      expect(search(name)).to.deep.include({ sites: [], refusals: [], unevaluated: [] });
    }
  });

  it('goes on after a site that it refuses', () => {
    const net = new Net();
    const first = net.bn(net.input('x', [2, 8, 3]), 8, { variance: new Array<number>(8).fill(-1) });
    net.output(net.bn(first, 8), [2, 8, 3]);
    const { sites, refusals } = findSites(net.model());
    expect(refusals.map(({ code }) => code)).to.deep.equal(['bad-statistics']);
    expect(sites.map(({ name }) => name)).to.deep.equal(['BatchNormalization_1']);
  });
});
