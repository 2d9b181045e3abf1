import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { unsolvable, whyUnsolved } from '../../src/calibrate/solvable.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { plan, type SitePlan } from '../../src/plan/index.ts';
import { searchOf } from '../support/swapped.ts';

function plansOf({ sites }: Search): readonly SitePlan[] {
  return plan(sites, 17, {}).sites;
}

/** Names of the sites that can't be solved. */
function found(net: Net): string[] {
  const search = findSites(net.model());
  return [...unsolvable(search.model, plansOf(search))].map(({ site }) => site.name);
}

const BN = (name: string) => ({ name });

describe('unsolvable', () => {
  it('has nothing against sites in a row', async () => {
    const search = await searchOf(fixtureNamed('depthwise'));
    expect(unsolvable(search.model, plansOf(search)).size).to.equal(0);
  });

  it('has sites in subgraphs', async () => {
    for (const name of ['if-own-parameters', 'loop-captured', 'scan', 'if-in-if']) {
      const search = await searchOf(fixtureNamed(name));
      const sites = plansOf(search);
      expect([...unsolvable(search.model, sites)], name).to.deep.equal(sites);
      expect(whyUnsolved(sites[0] as SitePlan)).to.match(/^in a subgraph, so solved from running statistics/);
    }
  });

  it('has sites that no input reaches', async () => {
    const fixture = fixtureNamed('bn-on-constant');
    const search = await searchOf(fixture);
    const sites = plansOf(search);
    expect([...unsolvable(search.model, sites)]).to.deep.equal(sites);
    expect(whyUnsolved(sites[0] as SitePlan)).to.match(/^its input does not depend on the input of the model/);
    const random = new Net();
    const noise = random.node('RandomNormal', [], { shape: [2, 4] });
    expect(found(random.output(random.bn(noise, 4)))).to.deep.equal([]);
  });

  /** A norm, boxes or the like from its values, and a norm over those. */
  const detections = (choose: (net: Net, y: string, x: string) => string) => {
    const net = new Net();
    const x = net.input('x', ['N', 4]);
    const y = net.bn(x, 4, BN('first'));
    return net.output(net.bn(choose(net, y, x), 4, BN('second')));
  };

  it('has sites behind as many rows as a norm’s values say', () => {
    const gathered = (net: Net, values: string, x: string) => {
      const rows = net.node('Squeeze', [
        net.node('NonZero', [net.node('ReduceMax', [values], { axes: [1], keepdims: 0 })]),
      ]);
      return net.node('Gather', [x, rows]);
    };
    const net = detections((it, y, x) => gathered(it, y, x));
    expect(found(net)).to.deep.equal(['second']);
    const search = findSites(net.model());
    const [, second] = plansOf(search) as [SitePlan, SitePlan];
    expect(whyUnsolved(second)).to.match(/^after an operator whose output shape may change with the swap/);
    // The same of the input’s values: both paths choose the same rows.
    expect(found(detections((it, y, x) => it.node('Add', [gathered(it, x, x), gathered(it, x, y)])))).to.deep.equal([]);
  });

  it('has sites behind a shape that is computed from a norm’s values, not from its shape', () => {
    const reshaped = (net: Net, y: string, of: string) => net.node('Reshape', [y, of]);
    const fromValues = (net: Net, y: string) => {
      const count = net.node('Cast', [net.node('ReduceSum', [y], { keepdims: 0 })], { to: DataType.INT64 });
      const shape = net.node('Concat', [net.node('Unsqueeze', [count]), net.weight('four', [1], [4], DataType.INT64)], {
        axis: 0,
      });
      return reshaped(net, y, shape);
    };
    expect(found(detections(fromValues))).to.deep.equal(['second']);
    const fromShape = (net: Net, y: string) => reshaped(net, y, net.node('Shape', [y]));
    expect(found(detections(fromShape))).to.deep.equal([]);
  });

  it('has sites behind a branch that a norm’s values choose', () => {
    const branch = (prefix: string) => {
      const net = new Net({ prefix });
      return net.output(net.relu('y')).graph(prefix);
    };
    const chosen = (by: (net: Net, y: string, x: string) => string) =>
      detections((net, y, x) => {
        const condition = net.node('Cast', [net.node('ReduceMax', [by(net, y, x)], { keepdims: 0 })], {
          to: DataType.BOOL,
        });
        const named = net.node('Identity', [y], {}, { outputs: ['y'] });
        expect(named).to.equal('y');
        const branches = { then_branch: { graph: branch('yes/') }, else_branch: { graph: branch('no/') } };
        return net.node('If', [condition], branches);
      });
    expect(found(chosen((_, y) => y))).to.deep.equal(['second']);
    expect(found(chosen((_, __, x) => x))).to.deep.equal([]);
  });

  it('follows values through subgraphs that read them', () => {
    const net = new Net();
    const x = net.input('x', ['N', 4]);
    const body = new Net({ prefix: 'in/' });
    const branch = body.output(body.node('Identity', ['rows'])).graph('in');
    net.node('NonZero', [net.bn(x, 4, BN('first'))], {}, { outputs: ['rows'] });
    const condition = net.input('condition', [], DataType.BOOL);
    const rows = net.node('If', [condition], { then_branch: { graph: branch }, else_branch: { graph: branch } });
    net.output(net.bn(net.node('Cast', [rows], { to: DataType.FLOAT }), 4, BN('second')));
    expect(found(net)).to.deep.equal(['second']);
  });
});
