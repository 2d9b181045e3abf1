/** What a check finds that no damage to a rewritten file's graph shows; the rest is in index.damage.test.ts. */
import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { type Model, withGraph, writeModel } from '../../src/onnx/model.ts';
import { checksumOf, PROVENANCE_KEY, type Provenance } from '../../src/rewrite/record.ts';
import { checked, errorsOf, findingsOf, type Made, made, madeOf } from '../support/checked.ts';
import { changeNodes } from '../support/damage.ts';
import { modelOf } from '../support/swapped.ts';

/** The model with another record, whose checksum is right. */
async function recorded(model: Model, change: (entry: Provenance) => Provenance): Promise<Model> {
  const former = model.proto.metadataProps.find(({ key }) => key === PROVENANCE_KEY)?.value ?? '';
  const entry = change(JSON.parse(former));
  const value = JSON.stringify({ ...entry, checksum: checksumOf(entry) });
  const metadataProps = model.proto.metadataProps.map((it) => (it.key === PROVENANCE_KEY ? { ...it, value } : it));
  return withGraph(model, model.proto.graph, { metadataProps });
}

describe('checkModel, of a rewritten file', () => {
  let it_: Made;
  before(async () => {
    it_ = await madeOf(fixtureNamed('opset-17'), { groups: 4 });
  });

  it('site-missing: says what makes the value instead of the norm', async () => {
    const { model, sites } = it_;
    const names = new Set(sites[0]?.nodes.map(({ name }) => name));
    const { graph } = model.proto;
    const site = sites[0]?.plan.site;
    const node = graph.node.flatMap((one) =>
      !names.has(one.name)
        ? [one]
        : one.output[0] === site?.output
          ? [{ ...one, opType: 'Neg', name: 'Neg', input: [site?.input ?? ''], attribute: [] }]
          : [],
    );
    const report = await checked(withGraph(model, { ...graph, node }));
    expect(errorsOf(report)).to.include.members(['site-missing', 'node-missing']);
    const [finding] = findingsOf(report).filter(({ rule }) => rule === 'site-missing');
    expect(finding?.message).to.match(/produced "BatchNormalization_1_out" is incomplete; its producer is Neg "Neg"$/);
    expect(finding?.site).to.equal('BatchNormalization_1');
  });

  it('form: a record that names another form', async () => {
    const model = await recorded(it_.model, (entry) => ({
      ...entry,
      sites: entry.sites.map((site) => ({ ...site, form: 'instance' })),
    }));
    expect(errorsOf(await checked(model))).to.deep.equal(['form']);
  });

  it('not-listed: is a warning of the source’s own initializers, said once, as ONNX Runtime runs the file', async () => {
    const source = modelOf(fixtureNamed('opset-07'));
    expect(Number(source.proto.irVersion)).to.equal(3);
    const { graph } = source.proto;
    const stored = new Set(graph.initializer.map(({ name }) => name));
    const unlisted = withGraph(source, { ...graph, input: graph.input.filter(({ name }) => !stored.has(name)) });
    const { model, source: given } = await made(writeModel(unlisted));
    const report = await checked(model, { source: given });
    expect(report.passed).to.equal(true);
    const found = findingsOf(report).filter(({ rule }) => rule === 'not-listed');
    expect(found.map(({ severity }) => severity)).to.deep.equal(['warning']);
    expect(found[0]?.message).to.match(/^initializers of a file of IR 3 must be listed among the inputs, and "/);
  });

  it('structure-changed: a digest that fits no part', async () => {
    const model = await recorded(it_.model, (entry) => ({
      ...entry,
      structure: { digest: 'ab', parts: entry.structure?.parts ?? '' },
    }));
    expect(errorsOf(await checked(model))).to.deep.equal(['structure-changed']);
    const unreadable = await recorded(it_.model, (entry) => ({ ...entry, structure: { digest: 'ab', parts: '?' } }));
    expect(errorsOf(await checked(unreadable))).to.deep.equal(['structure-changed']);
  });

  it('value-undefined: a node that reads what has no producer', async () => {
    const model = changeNodes(it_.model, 'Relu_2', (node) => ({ ...node, input: ['gone'] }));
    expect(errorsOf(await checked(model, { run: true }))).to.include.members(['value-undefined', 'does-not-load']);
  });

  it('says of norms that are none over groups that the record alone tells', async () => {
    for (const to of ['frozen', 'weight']) {
      const { model, source } = await madeOf(fixtureNamed('opset-17'), { to });
      const report = await checked(model, { source, run: true });
      expect(findingsOf(report)).to.deep.equal([]);
      for (const name of ['sites', 'unchanged'])
        expect(report.checks.find((check) => check.name === name)?.status, name).to.equal('skipped');
      const relu = changeNodes(model, 'Relu_2', (node) => ({ ...node, opType: 'Neg' }));
      expect(errorsOf(await checked(relu))).to.deep.equal(['node-changed']);
    }
  });
});
