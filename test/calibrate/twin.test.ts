import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { isOutOfReach, twinOf } from '../../src/calibrate/twin.ts';
import { scopesOf } from '../../src/graph/scope.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { plan } from '../../src/plan/index.ts';
import { searchOf } from '../support/swapped.ts';

describe('isOutOfReach', () => {
  it('is so of bfloat16, at a site or at an input', async () => {
    for (const [name, expected] of [
      ['type-bfloat16', true],
      ['type-float16', false],
      ['type-float64', false],
      ['rank-4', false],
    ] as const) {
      const { model, sites } = await searchOf(fixtureNamed(name));
      expect(isOutOfReach(model, plan(sites, 17, {}).sites), name).to.equal(expected);
    }
    const net = new Net();
    net.output(net.node('Cast', [net.input('x', ['N', 4], DataType.BFLOAT16)], { to: DataType.FLOAT }));
    expect(isOutOfReach(net.model(), [])).to.equal(true);
  });
});

describe('twinOf', () => {
  it('has each site at the same place of the twin, in float32, also in subgraphs', async () => {
    for (const name of ['type-bfloat16', 'type-float64', 'depthwise', 'if-in-if']) {
      const { model, sites } = await searchOf(fixtureNamed(name));
      const before = plan(sites, 17, {});
      const twin = twinOf(model, before);
      const graphs = scopesOf(twin.model).map(({ graph }) => graph);
      for (const [index, it] of twin.plan.sites.entries()) {
        const own = before.sites[index];
        expect(it).to.include({ groups: own?.groups, scale: own?.scale, form: own?.form });
        expect(it.site).to.include({ name: own?.site.name, elementType: DataType.FLOAT });
        expect(graphs).to.include(it.site.graph);
        expect(it.site.graph.node).to.include(it.site.node);
        expect(it.site.node.output).to.deep.equal(own?.site.node.output);
      }
    }
  });
});
