import { expect } from 'chai';
import { type Dims, Net, type NodeOptions } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import { packParts, structureOf } from '../../src/graph/fingerprint.ts';
import { structureRecordOf } from '../../src/graph/structure-record.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, opsetVersion, readModel, writeModel } from '../../src/onnx/model.ts';
import { NodeRun, nodeListOf } from '../../src/onnx/node-run.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import { plan } from '../../src/plan/index.ts';
import { type Rewritten, rewrite } from '../../src/rewrite/index.ts';
import { bytesOf } from '../support/model-parts.ts';

/** More than it takes for sites to be stamped. */
const UNITS = 210;

interface Wanted {
  readonly opset?: number;
  readonly dims?: Dims;
  readonly type?: DataType;
  readonly name?: (unit: number) => string;
  /** Whether a node has subgraphs, which all sites are built one by one for. */
  readonly branches?: boolean;
}

/** x → (BatchNormalization → Relu) so often, with two ε, so that there are two kinds of sites. */
function chain(wanted: Wanted): Model {
  const { opset = 17, dims = [1, 4, 6, 6], type = DataType.FLOAT, name = (unit) => `bn${unit}` } = wanted;
  const net = new Net({ opset, type });
  let x = net.input('x', dims);
  for (let unit = 0; unit < UNITS; unit++) {
    const named: NodeOptions = { name: name(unit) };
    x = net.relu(net.bn(x, 4, { ...named, epsilon: unit % 2 === 0 ? 1e-5 : 1e-3 }));
  }
  net.output(x, dims);
  if (wanted.branches === true) {
    const choice = net.weight('choice', [], [1], DataType.BOOL);
    const branch = (prefix: string) => {
      const inner = new Net({ opset, type, prefix });
      return { graph: inner.output(inner.relu(x), dims).graph() };
    };
    net.output(net.node('If', [choice], { then_branch: branch('a/'), else_branch: branch('b/') }), dims);
  }
  return readModel(writeModel(net.model()));
}

function swap(model: Model, options: PlanOptions): Rewritten {
  const { sites, model: found } = findSites(model);
  const planned = plan(sites, opsetVersion(found.proto) ?? 0, options);
  expect(planned.sites).to.have.length(UNITS);
  return rewrite(found, planned);
}

const runsOf = ({ model }: Rewritten) => nodeListOf(model.proto.graph).filter((it) => it instanceof NodeRun).length;

/** All nodes but that with branches, and all initializers, as bytes. */
function partsOf({ model }: Rewritten): string[] {
  const { node, initializer } = model.proto.graph;
  return [
    ...node.filter(({ opType }) => opType !== 'If').map((it) => bytesOf('NodeProto', it)),
    ...initializer.filter(({ name }) => name !== 'choice').map((it) => bytesOf('TensorProto', it)),
  ];
}

/** Shows the first texts that differ, of many. */
function expectSame(some: readonly string[], others: readonly string[]): void {
  const at = some.findIndex((text, index) => text !== others[index]);
  expect([some[at], some.length]).to.deep.equal([others[at], others.length]);
}

describe('rewrite/stamps', () => {
  const cases: readonly (readonly [what: string, wanted: Wanted, options: PlanOptions, runs: number])[] = [
    ['reduce', {}, { form: 'reduce' }, UNITS],
    ['reduce, one group', {}, { form: 'reduce', groups: 1 }, UNITS],
    ['reduce, axes as inputs', { opset: 18 }, { form: 'reduce', groups: 2 }, UNITS],
    ['reduce, 16 bits', { type: DataType.FLOAT16 }, { form: 'reduce' }, UNITS],
    ['reduce of open sizes', { dims: ['N', 4, 'H', 'W'] }, { form: 'reduce' }, UNITS],
    ['instance', {}, { form: 'instance' }, UNITS],
    ['instance of open sizes', { dims: ['N', 4, 'H', 'W'] }, { form: 'instance' }, UNITS],
    ['instance-conv', {}, { form: 'instance-conv' }, UNITS],
    ['native', { opset: 21 }, { form: 'native' }, UNITS],
    ['native, layer', {}, { form: 'native', to: 'layer' }, UNITS],
    ['native, instance', {}, { form: 'native', to: 'instance' }, UNITS],
    ['mul-add', {}, { to: 'frozen' }, UNITS],
    // It asks for limits, which are numbers of the site.
    ['renorm', {}, { to: 'batch-renorm' }, 0],
    // Names that JSON spells in another way, that are no ASCII, or none at all.
    ['strange names', { name: (unit) => `"bn" \\ ${unit} é` }, { form: 'reduce' }, UNITS],
    ['no names', { name: () => '' }, { form: 'reduce' }, UNITS],
    // Each other site finds a name of its folder taken.
    [
      'names in folders',
      { name: (unit) => `bn${unit - (unit % 2)}${unit % 2 ? '/group/Sub' : ''}` },
      { form: 'reduce' },
      UNITS / 2,
    ],
  ];
  for (const [what, wanted, options, runs] of cases) {
    it(`gives the nodes, names and tensors of sites that are built one by one: ${what}`, () => {
      const stamped = swap(chain(wanted), options);
      const built = swap(chain({ ...wanted, branches: true }), options);
      expect([runsOf(stamped), runsOf(built)]).to.deep.equal([runs, 0]);
      expect(structureRecordOf(stamped.model).parts).to.equal(packParts(structureOf(stamped.model)));
      const read = readModel(writeModel(stamped.model));
      expect(structureRecordOf(stamped.model)).to.deep.equal(structureRecordOf(read));
      expectSame(partsOf({ ...stamped, model: read }), partsOf(stamped));
      expectSame(partsOf(stamped), partsOf(built));
      const sitesOf = ({ sites }: Rewritten) =>
        sites.flatMap(({ nodes, scale, bias }) => [scale, bias, ...nodes.map((it) => bytesOf('NodeProto', it))]);
      expectSame(sitesOf(stamped), sitesOf(built));
    });
  }

  it('builds a site whose names are taken, as they would be without stamps', () => {
    const taken = (model: Model): Model => {
      const { graph } = model.proto;
      const node = graph.node.map((it, index) => (index === 1 ? { ...it, name: 'bn4/group/Sub' } : it));
      return readModel(writeModel({ ...model, proto: { ...model.proto, graph: { ...graph, node } } }));
    };
    const stamped = swap(taken(chain({})), { form: 'reduce' });
    expect(runsOf(stamped)).to.equal(UNITS - 1);
    expectSame(partsOf(stamped), partsOf(swap(taken(chain({ branches: true })), { form: 'reduce' })));
    expect(stamped.sites[4]?.nodes.map(({ name }) => name)).to.include('bn4/group/Sub_2');
  });

  it('few sites are built', () => {
    const net = new Net();
    const model = net.output(net.bn(net.input('x', [1, 4, 6, 6]), 4), [1, 4, 6, 6]).model();
    const { sites, model: found } = findSites(readModel(writeModel(model)));
    expect(runsOf(rewrite(found, plan(sites, 17)))).to.equal(0);
  });
});
