import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import { formNamed } from '../../src/forms/index.ts';
import { makeAttribute, makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, withGraph } from '../../src/onnx/model.ts';
import type { NodeProto, TensorProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { plan } from '../../src/plan/index.ts';
import { type RewrittenSite, rewrite } from '../../src/rewrite/index.ts';
import { SiteKinds } from '../../src/verify/site-kinds.ts';
import { verifySites } from '../../src/verify/sites.ts';
import { setValues } from '../support/damage.ts';

const [COUNT, C] = [24, 8];

/** A chain of norms with numbers of their own. */
function chain(): { model: Model; sites: readonly RewrittenSite[] } {
  const net = new Net({ opset: 17, seed: 6 });
  let x = net.input('x', [1, C, 4, 4]);
  for (let index = 0; index < COUNT; index++) {
    const statistics = { mean: net.numbers(C, -1, 1), variance: net.numbers(C, 0.5, 2) };
    x = net.bn(net.relu(x), C, statistics);
  }
  const { model, sites } = findSites(net.output(x).model());
  return rewrite(model, plan(sites, 17, { form: 'reduce', groups: 2 }));
}

/** The model with other nodes in place of those that a site has of an operator. */
function changed(
  model: Model,
  { nodes }: RewrittenSite,
  opType: string,
  change: (node: NodeProto) => NodeProto,
): Model {
  const names = new Set(nodes.filter((it) => it.opType === opType).map(({ name }) => name));
  expect(names.size, opType).to.be.above(0);
  const { graph } = model.proto;
  return withGraph(model, { ...graph, node: graph.node.map((it) => (names.has(it.name) ? change(it) : it)) });
}

function withTensor(model: Model, tensor: TensorProto): Model {
  const { graph } = model.proto;
  return withGraph(model, { ...graph, initializer: [...graph.initializer, tensor] });
}

const without = (node: NodeProto, name: string) => node.attribute.filter((it) => it.name !== name);

/** What is done to the nodes of one site of a file. */
const DAMAGE: readonly (readonly [string, (model: Model, site: RewrittenSite) => Model])[] = [
  [
    'another ε',
    (model, site) =>
      changed(withTensor(model, makeTensor('other', 1, [], [0.5])), site, 'Add', (node) => ({
        ...node,
        input: node.input.map((name) => (/psilon/.test(name) ? 'other' : name)),
      })),
  ],
  ['another operator', (model, site) => changed(model, site, 'Sqrt', (node) => ({ ...node, opType: 'Abs' }))],
  [
    'operands the other way round',
    (model, site) => changed(model, site, 'Sub', (node) => ({ ...node, input: [...node.input].reverse() })),
  ],
];

describe('SiteKinds', () => {
  const { model, sites } = chain();
  const forms = [formNamed('instance')];
  const wantedOf = (of: readonly RewrittenSite[]) => of.map((site) => ({ site, forms }));
  const keyIn = (written: Model, of: readonly RewrittenSite[]) => new SiteKinds(written).of(wantedOf(of));
  const [first, second] = [sites.slice(0, 4), sites.slice(4, 8)];

  it('are the same for sites that differ in γ, β and names alone, and tell which numbers are theirs', () => {
    const [one, other] = [keyIn(model, first), keyIn(model, second)];
    expect(one?.key).to.equal(other?.key);
    const names = other?.stored.map(({ name }) => name) ?? [];
    for (const { scale, bias } of second) expect(names).to.include.members([scale, bias]);
    for (const { scale } of first) expect(names).not.to.include(scale);
    const scaled = setValues(model, second[1]?.scale ?? '', (all) => all.map((value) => 2 * value));
    expect(keyIn(scaled, second)?.key).to.equal(one?.key);
  });

  it('differ by how many sites there are, by the forms beside them, and by what is planned', () => {
    const { key } = keyIn(model, first) ?? {};
    expect(keyIn(model, sites.slice(0, 3))?.key).not.to.equal(key);
    const alone = first.map((site) => ({ site, forms: [] }));
    expect(new SiteKinds(model).of(alone)?.key).not.to.equal(key);
    const other = first.map((site) => ({ ...site, plan: { ...site.plan, groups: 4 } }));
    expect(keyIn(model, other)?.key).not.to.equal(key);
  });

  for (const [what, damage] of DAMAGE) {
    it(`differ by ${what}, and a verification names the site`, async () => {
      const late = sites[19] as RewrittenSite;
      const damaged = damage(model, late);
      const part = sites.slice(16, 20);
      expect(keyIn(damaged, part)?.key).not.to.equal(keyIn(model, part)?.key);
      const data = new Float32Array(C * 16).map((_, index) => Math.cos(3 * index) + 0.2);
      const inputs = { x: { type: DataType.FLOAT, dims: [1, C, 4, 4], data } };
      const settings = { optimize: false };
      const results = await verifySites({ written: damaged, sites, inputs, memory: 1e9, seed: 0, settings });
      expect(results.filter(({ failed }) => failed.length > 0).map(({ name }) => name)).to.deep.equal([
        late.plan.site.name,
      ]);
    });
  }

  it('differ by an attribute', () => {
    const [site] = first as [RewrittenSite];
    const turned = changed(model, site, 'ReduceMean', (node) => ({
      ...node,
      attribute: [...without(node, 'axes'), makeAttribute('axes', [3, 2])],
    }));
    expect(keyIn(turned, first)?.key).not.to.equal(keyIn(model, first)?.key);
  });

  it('are not told where something is stored or held that is not spelled', () => {
    const [site] = first as [RewrittenSite];
    const late = (change: (node: NodeProto) => NodeProto) => keyIn(changed(model, site, 'Sqrt', change), [site]);
    expect(late((node) => node)).not.to.equal(undefined);
    const tensor = makeAttribute('value', makeTensor('', 1, [], [1]));
    expect(late((node) => ({ ...node, attribute: [...without(node, 'value'), tensor] }))).to.equal(undefined);
    expect(late((node) => ({ ...node, input: ['nothing'] }))).to.equal(undefined);
    const long = makeTensor('long', DataType.INT64, [65], new Array<number>(65).fill(1));
    const read = changed(withTensor(model, long), site, 'Sqrt', (node) => ({
      ...node,
      input: [...node.input, 'long'],
    }));
    expect(keyIn(read, [site])).to.equal(undefined);
    const { graph } = model.proto;
    const constant = makeNode('Constant', [], ['made'], 'made', { value: makeTensor('', 1, [], [1]) });
    const held = withGraph(model, { ...graph, node: [constant, ...graph.node] });
    const readsIt = changed(held, site, 'Sqrt', (node) => ({ ...node, input: [...node.input, 'made'] }));
    expect(keyIn(readsIt, [site])).to.equal(undefined);
    expect(keyIn(withGraph(model, { ...graph, node: [] }), [site])).to.equal(undefined);
  });
});
