import { expect } from 'chai';
import { Net, type NormOptions } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { calibrationGraph, withOnly } from '../../src/calibrate/graph.ts';
import { STATISTICS } from '../../src/calibrate/statistics.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { intAttribute } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, opsetVersion, withGraph } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { declaredType } from '../../src/onnx/value-type.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import { type Plan, plan, type SitePlan } from '../../src/plan/index.ts';
import { type CalibratedSearch, calibrateSearch, type Expected, expectations } from '../support/calibration.ts';
import { graphProblems } from '../support/check-graph.ts';
import { modelOf, searchOf } from '../support/swapped.ts';

const MAP = ['N', 8, 4, 4] as const;

function planOf(search: Search, options: PlanOptions = {}): Plan {
  return plan(search.sites, opsetVersion(search.model.proto) ?? 0, options, search.refusals);
}

function graphOf(search: Search, options: PlanOptions = {}): Model {
  return calibrationGraph(search.model, planOf(search, options)).model;
}

function count({ proto }: Model, op: string): number {
  return proto.graph.node.filter(({ opType }) => opType === op).length;
}

/** Conv → BN → Relu → Conv → BN → Relu → Conv. */
function twoSites(norm: NormOptions = {}, dims: readonly (number | string)[] = ['N', 3, 4, 4]): Net {
  const net = new Net();
  const x = net.conv(net.input('x', dims), 3, 8, { kernel: 3 });
  const y = net.conv(net.relu(net.bn(x, 8, { name: 'first', ...norm })), 8, 8);
  return net.output(net.conv(net.relu(net.bn(y, 8, { name: 'second', ...norm })), 8, 2), ['N', 2, 4, 4]);
}

describe('calibrationGraph', () => {
  it('shares what comes before the first site, doubles what comes after, and drops what no site needs', () => {
    const search = findSites(twoSites().model());
    const model = graphOf(search);
    // The first Conv once, the second twice, the third not at all.
    expect(count(search.model, 'Conv')).to.equal(3);
    expect(count(model, 'Conv')).to.equal(3);
    expect(count(model, 'Relu')).to.equal(2);
    expect(count(model, 'BatchNormalization')).to.equal(2);
  });

  it('answers each site’s statistics, and nothing else', () => {
    const search = findSites(twoSites().model());
    const { model, outputs } = calibrationGraph(search.model, planOf(search));
    expect([...outputs.keys()].map(({ site }) => site.name)).to.deep.equal(['first', 'second']);
    for (const names of outputs.values()) expect(names).to.have.length(STATISTICS.length);
    expect(model.proto.graph.output.map(({ name }) => name)).to.deep.equal([...outputs.values()].flat());
    expect(model.proto.graph.input.map(({ name }) => name)).to.deep.equal(['x']);
    expect(model.proto.graph.valueInfo).to.have.length(0);
  });

  it('states the inputs’ sizes where they are given, and leaves the number of samples open', () => {
    const search = findSites(twoSites({}, ['N', 3, 'H', 'W']).model());
    const x = { type: DataType.FLOAT, dims: [5, 3, 4, 4], data: new Float32Array(5 * 48) };
    const { model } = calibrationGraph(search.model, planOf(search), { x });
    const shapeIn = (of: Model) => declaredType(of.proto.graph.input[0]?.type).shape;
    expect(shapeIn(model)).to.deep.equal([undefined, 3, 4, 4]);
    expect(shapeIn(graphOf(search))).to.deep.equal([undefined, 3, undefined, undefined]);
  });

  it('is a whole graph for every fixture, whatever names and versions it has', async () => {
    for (const fixture of FIXTURES) {
      if (fixture.sites === 0) continue;
      const model = graphOf(await searchOf(fixture));
      expect(Number(model.proto.irVersion), fixture.name).to.be.at.least(4);
      expect(graphProblems(model), fixture.name).to.deep.equal([]);
      expect(
        model.proto.graph.node.filter(({ opType, attribute }) => opType === 'Constant' && attribute[0]?.t),
      ).to.deep.equal([]);
    }
  });

  it('leaves the source’s graph as it was', () => {
    const search = findSites(twoSites().model());
    const before = JSON.stringify(
      search.model.proto.graph.node.map(({ name, input, output }) => [name, input, output]),
    );
    graphOf(search);
    expect(
      JSON.stringify(search.model.proto.graph.node.map(({ name, input, output }) => [name, input, output])),
    ).to.equal(before);
  });

  it('does not touch a site that is left out: it stays in both paths', () => {
    const search = findSites(twoSites().model());
    const model = graphOf(search, { exclude: [/first/] });
    // Nothing before the second is swapped, so all of it is shared.
    expect(count(model, 'Conv')).to.equal(2);
    expect(count(model, 'BatchNormalization')).to.equal(2);
    const other = graphOf(search, { exclude: [/second/] });
    expect(count(other, 'Conv')).to.equal(1);
    expect(count(other, 'BatchNormalization')).to.equal(1);
  });

  it('has the source in inference mode, and in its own mode what is left alone in the rewritten path', () => {
    const net = new Net();
    const training = { attributes: { training_mode: 1 } };
    const x = net.bn(net.input('x', MAP), 8, { name: 'first', ...training });
    const y = net.bn(net.relu(x), 8, { name: 'left', ...training });
    const search = findSites(net.output(net.bn(net.relu(y), 8, { name: 'last', ...training }), MAP).model());
    const model = graphOf(search, { exclude: [/left/] });
    const norms = model.proto.graph.node.filter(({ opType }) => opType === 'BatchNormalization');
    const modes = norms.map((node) => [node.name, intAttribute(node, 'training_mode', 0)]);
    expect(modes).to.have.deep.members([
      ['first', 0],
      ['left', 0],
      ['left/rewritten', 1],
      ['last', 0],
    ]);
  });

  it('is a whole graph for a batch that was opened, with a site that can’t be solved', async () => {
    const net = new Net({ opset: 20 });
    const learned = net.bn(net.weight('learned', [1, 8, 4, 4]), 8);
    const y = net.bn(net.node('Add', [net.input('x', [2, 8, 4, 4]), learned]), 8);
    const search = findSites(net.output(y, [2, 8, 4, 4]).model());
    const { sites } = (await calibrateSearch(search, 6)).calibration.plan;
    expect(sites.map(({ init }) => init)).to.deep.equal(['statistics', 'calibrate']);
  });

  describe('with sites that can’t be solved before one that can', () => {
    /** The fixture's model with a norm on its first output, named after it. */
    function extended(name: string): Search {
      const { proto, home } = modelOf(fixtureNamed(name));
      const { graph } = proto;
      const net = new Net({ opset: opsetVersion(proto) ?? 17, prefix: 'outer/', seed: 9 });
      const output = graph.output[0]?.name ?? '';
      const channels = (declaredType(graph.output[0]?.type).shape?.[1] as number) ?? 32;
      const x = net.node('Relu', [output]);
      net.bn(x, channels, { name: 'outer', outputs: ['outer'] });
      const listed =
        Number(proto.irVersion) < 4 ? net.initializers.map((it) => create('ValueInfoProto', { name: it.name })) : [];
      const whole = {
        ...graph,
        node: [...graph.node, ...net.nodes],
        initializer: [...graph.initializer, ...net.initializers],
        input: [...graph.input, ...listed.map((it) => ({ ...it, type: graph.input.at(-1)?.type }))],
        output: [create('ValueInfoProto', { name: 'outer' })],
      };
      return findSites(withGraph({ proto, home }, whole));
    }

    for (const name of [
      'if-own-parameters',
      'if-captured',
      'if-same-names',
      'if-same-constants',
      'if-in-if',
      'loop-own-parameters',
      'loop-captured',
    ]) {
      it(`${name}: solves it on what they are rewritten to`, async () => {
        const search = extended(name);
        const calibrated = await calibrateSearch(search, 4);
        const { sites } = calibrated.calibration.plan;
        const inner = sites.filter(({ site }) => site.path !== '');
        expect(inner).to.have.length(fixtureNamed(name).sites);
        expect(inner.every(({ init, notes }) => init === 'statistics' && /in a subgraph/.test(notes.join()))).to.equal(
          true,
        );
        expectSolved(calibrated, await expectations(calibrated), ['outer']);
      });
    }

    it('keeps γ and β that the source’s path reads, where a branch’s new ones would take their names', async () => {
      const search = await searchOf(fixtureNamed('if-captured'));
      const { model } = calibrationGraph(search.model, planOf(search));
      expect(model.proto.graph.node).to.deep.equal([]);
      const both = extended('if-captured');
      const { proto } = calibrationGraph(both.model, planOf(both)).model;
      const names = proto.graph.initializer.map((it) => it.name);
      expect(names).to.include.members(['gamma', 'beta', 'mean', 'variance']);
      expect(new Set(names).size).to.equal(names.length);
    });

    it('solves sites before and beside detections, and leaves those behind to running statistics', async () => {
      const net = new Net({ opset: 13 });
      const x = net.input('x', ['N', 6]);
      const first = net.bn(x, 6, { name: 'first' });
      const axes = (list: readonly number[]) =>
        net.weight(`axes${net.nodes.length}`, [list.length], list, DataType.INT64);
      const found = net.node('NonZero', [net.relu(net.node('ReduceMax', [first], { axes: [1], keepdims: 0 }))]);
      const rows = net.node('Squeeze', [found, axes([0])]);
      const behind = net.bn(net.node('Gather', [first, rows]), 6, { name: 'behind' });
      const beside = net.bn(net.relu(first), 6, { name: 'beside' });
      net.output(behind, ['rows', 6]).output(beside, ['N', 6]);
      const calibrated = await calibrateSearch(findSites(net.model()), 10);
      const [, site] = calibrated.calibration.plan.sites;
      expect(site).to.include({ init: 'statistics' });
      expect(site?.notes.join()).to.match(/after an operator whose output shape may change with the swap/);
      expect(calibrated.calibration.fits.map(({ name }) => name)).to.deep.equal(['first', 'beside']);
    });
  });
});

/** Those sites, and that their γ′ is the line's, but for channels that tell none. */
function expectSolved(
  { calibration }: CalibratedSearch,
  found: ReadonlyMap<SitePlan, Expected>,
  names: readonly string[],
): void {
  expect([...found.keys()].map(({ site }) => site.name)).to.deep.equal(names);
  for (const [{ scale, site, channels }, expected] of found) {
    const offs = expected.scale.map((slope, channel) => {
      const off = Math.abs((scale[channel] as number) - slope) * (expected.deviationX[channel] as number);
      return off / (expected.deviationY[channel] as number);
    });
    // As in index.test.ts: statistics in float32.
    const solved = offs.filter((off) => off <= 1e-4).length;
    const fallbacks = calibration.fits.find(({ name }) => name === site.name)?.fallbacks ?? channels;
    expect(solved, `channels of ${site.name} that are solved`).to.equal(channels - fallbacks);
    expect(fallbacks).to.be.at.most(channels / 2);
  }
}

describe('withOnly', () => {
  it('turns constants into initializers, but for those that are numbers in an attribute', () => {
    const net = new Net();
    const stored = net.node('Constant', [], {
      value: makeTensor('', DataType.FLOAT, [1], [2]),
    });
    const plain = net.node('Constant', [], { value_float: { float: 3 } });
    const sum = net.node('Add', [net.node('Add', [net.input('x', [1]), stored]), plain]);
    const { graph } = net.output(sum, [1]).model().proto;
    const only = withOnly(net.model(), [sum], graph).proto.graph;
    expect(only.node.map(({ opType }) => opType)).to.deep.equal(['Constant', 'Add', 'Add']);
    expect(only.initializer.map(({ name }) => name)).to.deep.equal([stored]);
  });

  it('holds no weights but those that its nodes read, in subgraphs too', () => {
    const held = (name: string, position: number) => {
      const model = fixtureNamed(name).build();
      const { graph } = model.proto;
      const only = withOnly(model, [graph.node.at(position)?.output[0] ?? ''], graph).proto.graph;
      const names = (list: typeof graph) => list.initializer.map((it) => it.name);
      return { all: names(graph), kept: names(only), first: graph.node[0]?.input ?? [] };
    };
    const whole = held('if-captured', -1);
    expect(whole.kept).to.have.members(whole.all);
    const early = held('pre-activation', 0);
    expect(early.first).to.include.members(early.kept);
    expect(early.kept).not.to.be.empty;
  });
});
