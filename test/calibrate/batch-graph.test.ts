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
});
