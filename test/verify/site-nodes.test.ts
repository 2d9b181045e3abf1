import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { siteNodesOf } from '../../src/verify/site-nodes.ts';
import { swapFixture } from '../support/swapped.ts';

describe('verify/site-nodes', () => {
  for (const name of ['opset-17', 'if-own-parameters', 'shared-everything', 'opset-08']) {
    it(`${name}: are those of the file, in its order, under every name that they read and make`, async () => {
      const { model, sites } = await swapFixture(fixtureNamed(name));
      const file = readModel(writeModel(model), model.home);
      expect(sites.length).to.be.above(0);
      for (const site of sites) {
        const { nodes, scope, names, places } = siteNodesOf(file, site);
        expect(nodes.map((it) => it.name)).to.deep.equal(site.nodes.map((it) => it.name));
        // They are the file's own, not those that the rewrite made.
        for (const node of nodes) expect(scope?.graph.node).to.include(node);
        expect(names[0]).to.equal(site.plan.site.input);
        const made = nodes.flatMap(({ output }) => output).filter((it) => it !== '');
        expect(names.slice(1)).to.deep.equal(made);
        expect(names).to.include(site.plan.site.output);
        for (const [value, place] of places) expect(names[place]).to.equal(value);
        expect(places.size).to.equal(new Set(names).size);
        // What they read besides is stored, or made by an earlier one.
        const known = new Set(names);
        const inner = nodes.flatMap(({ input }) => input).filter((it) => known.has(it));
        expect(inner).to.include(site.plan.site.input);
      }
    });
  }

  it('are none, of no graph, where the file does not have them', async () => {
    const { model, sites } = await swapFixture(fixtureNamed('opset-17'));
    const [site] = sites;
    if (site === undefined) throw new RangeError('no site');
    const without = withGraph(model, { ...model.proto.graph, node: [] });
    const { nodes, scope, names } = siteNodesOf(without, site);
    expect([nodes, scope, names]).to.deep.equal([[], undefined, [site.plan.site.input]]);
  });
});
