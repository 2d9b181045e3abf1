import { expect } from 'chai';
import { fixtureNamed } from '../fixtures/index.ts';
import { readModel, writeModel } from '../src/onnx/model.ts';
import { PROVENANCE_KEY, provenanceOf, withProvenance } from '../src/provenance.ts';
import { rewrite } from '../src/rewrite.ts';
import { modelOf, swapFixture } from './support/swapped.ts';

describe('provenance', () => {
  it('says of each site what stands there', async () => {
    const { plan } = await swapFixture(fixtureNamed('pre-activation'), { groups: 4, init: 'copy' });
    expect(provenanceOf(plan, 'sha256:ab', '1.2.3')).to.deep.equal({
      schema: 1,
      version: '1.2.3',
      source: 'sha256:ab',
      norm: 'group',
      init: 'copy',
      sites: plan.sites.map(({ site }) => ({
        name: site.name,
        input: site.input,
        output: site.output,
        groups: 4,
        epsilon: Math.fround(1e-5),
        form: 'reduce',
      })),
    });
  });

  it('is one entry of JSON in the metadata, and survives writing and reading', async () => {
    const { search, plan } = await swapFixture(fixtureNamed('names-odd'));
    const provenance = provenanceOf(plan, 'sha256:ab', '1.2.3');
    const { model } = rewrite(search.model, plan, provenance);
    const entries = readModel(writeModel(model)).proto.metadataProps.filter(({ key }) => key === PROVENANCE_KEY);
    expect(entries.length).to.equal(1);
    expect(JSON.parse(entries[0]?.value ?? '')).to.deep.equal(provenance);
  });

  it("takes the place of an earlier swap's entry, and leaves all others as they are", async () => {
    const { plan } = await swapFixture(fixtureNamed('metadata-ours'));
    const provenance = provenanceOf(plan, 'sha256:ab', '1.2.3');
    const entries = (name: string) =>
      withProvenance(modelOf(fixtureNamed(name)), provenance).proto.metadataProps.map(({ key, value }) => [key, value]);
    const own = [PROVENANCE_KEY, JSON.stringify(provenance)];
    expect(entries('metadata-ours')).to.deep.equal([['a', '1'], ['b', '2'], own]);
    expect(entries('metadata-foreign')).to.deep.equal([
      ['author', 'someone'],
      ['labels', '["a", "b"]'],
      ['author', 'twice'],
      own,
    ]);
  });

  it('is left out where none is given', async () => {
    const { model, search } = await swapFixture(fixtureNamed('opset-17'));
    expect(model.proto.metadataProps).to.equal(search.model.proto.metadataProps);
  });
});
