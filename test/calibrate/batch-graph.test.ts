import { expect } from 'chai';
import { batchGraph } from '../../src/calibrate/batch-graph.ts';
import type { Model } from '../../src/onnx/model.ts';
import { plan } from '../../src/plan/index.ts';
import { graphProblems } from '../support/check-graph.ts';
import { twoSites } from '../support/two-sites.ts';

function planned() {
  const { model, sites } = twoSites();
  return { model, sites: plan(sites, 17, { to: 'batch' }).sites };
}

function count({ proto }: Model, op: string): number {
  return proto.graph.node.filter(({ opType }) => opType === op).length;
}

describe('batchGraph', () => {
  it('tells of every site that is wanted, with the run’s own statistics in use, and drops what none needs', () => {
    const { model, sites } = planned();
    const graph = batchGraph(model, sites, new Map(), sites);
    expect([...graph.outputs.keys()]).to.deep.equal(sites);
    expect(graph.model.proto.graph.output.map(({ name }) => name)).to.deep.equal(
      [...graph.outputs.values()].flatMap(({ mean, variance, shape }) => [mean, variance, shape]),
    );
    expect(count(model, 'Conv')).to.equal(3);
    expect(count(graph.model, 'Conv')).to.equal(2);
    expect(count(graph.model, 'BatchNormalization')).to.equal(0);
    expect(graphProblems(graph.model)).to.deep.equal([]);
  });

  it('has known statistics in the nodes of their sites, and ends where the wanted ones stand', () => {
    const { model, sites } = planned();
    const [first, second] = sites as [(typeof sites)[0], (typeof sites)[0]];
    const ones = new Float64Array(8).fill(1);
    const known = new Map([[first, { count: ones, mean: ones, variance: ones }]]);
    const alone = batchGraph(model, sites, new Map(), [first]);
    expect(count(alone.model, 'Conv')).to.equal(1);
    const { model: after } = batchGraph(model, sites, known, [second]);
    expect(count(after, 'BatchNormalization')).to.equal(1);
    expect(count(after, 'Conv')).to.equal(2);
    expect(graphProblems(after)).to.deep.equal([]);
  });

  it('computes shapes where a rank is unknown alone: a runtime follows those of an open batch from site to site', () => {
    const { model, sites } = planned();
    const computed = (list: typeof sites) => {
      const { node } = batchGraph(model, list, new Map(), list).model.proto.graph;
      const shapes = new Set(node.flatMap(({ opType, output }) => (opType === 'Shape' ? output : [])));
      return node.filter(({ opType, input }) => opType === 'Reshape' && shapes.has(input[1] as string)).length;
    };
    const ofUnknownRank = sites.map((it) => ({ ...it, site: { ...it.site, shape: undefined } }));
    expect(sites.map(({ site }) => site.shape?.length)).to.deep.equal([4, 4]);
    expect(computed(sites)).to.equal(0);
    // Nothing that is told hangs on the answer of the last one.
    expect(computed(ofUnknownRank)).to.equal(1);
  });
});
