import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { digestParts, packParts, structureOf } from '../../src/graph/fingerprint.ts';
import { structureRecordOf } from '../../src/graph/structure-record.ts';
import { readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import {
  checksumOf,
  digestOfNumbers,
  PROVENANCE_KEY,
  type Provenance,
  provenanceOf,
  readProvenance,
  sealed,
  withParameters,
  withProvenance,
} from '../../src/rewrite/record.ts';
import { modelOf, swapFixture } from '../support/swapped.ts';

describe('rewrite/record', () => {
  it('says of each site what stands there', async () => {
    const { plan } = await swapFixture(fixtureNamed('pre-activation'), { groups: 4, init: 'copy' });
    expect(provenanceOf(plan, 'sha256:ab', '1.2.3')).to.deep.equal({
      schema: 2,
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
    const model = withProvenance(rewrite(search.model, plan).model, JSON.stringify(provenance));
    const entries = readModel(writeModel(model)).proto.metadataProps.filter(({ key }) => key === PROVENANCE_KEY);
    expect(entries.length).to.equal(1);
    expect(JSON.parse(entries[0]?.value ?? '')).to.deep.equal(provenance);
  });

  it("takes the place of an earlier swap's entry, and leaves all others as they are", async () => {
    const { plan } = await swapFixture(fixtureNamed('metadata-ours'));
    const text = JSON.stringify(provenanceOf(plan, 'sha256:ab', '1.2.3'));
    const entries = (name: string) =>
      withProvenance(modelOf(fixtureNamed(name)), text).proto.metadataProps.map(({ key, value }) => [key, value]);
    const own = [PROVENANCE_KEY, text];
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

describe('sealed', () => {
  const seal = (swapped: Awaited<ReturnType<typeof swapFixture>>) => {
    const provenance = provenanceOf(swapped.plan, 'sha256:ab', '1.2.3');
    const text = sealed(withParameters(swapped, provenance), structureRecordOf(swapped.model));
    return { text, entry: JSON.parse(text) as Provenance };
  };

  for (const name of ['opset-17', 'opset-08', 'if-own-parameters', 'type-float16', 'names-odd']) {
    it(`records what ${name} became, as reading it back shows`, async () => {
      const swapped = await swapFixture(fixtureNamed(name), { groups: 4 });
      const { text, entry } = seal(swapped);
      const written = readModel(writeModel(withProvenance(swapped.model, text)));
      const read = readProvenance(written) as Provenance;
      expect(read).to.deep.equal(JSON.parse(JSON.stringify(entry)));
      expect(checksumOf(read)).to.equal(entry.checksum);
      const parts = structureOf(written);
      expect(entry.structure).to.deep.equal({ digest: digestParts(parts), parts: packParts(parts) });
      for (const [index, site] of entry.sites.entries()) {
        const { plan } = swapped.sites[index] ?? {};
        expect(site.scale, site.name).to.match(/^[0-9a-f]{20}:[0-9a-f]{20}$/);
        expect(site.bias).not.to.equal(site.scale);
        expect(site.path ?? '').to.equal(plan?.site.path);
      }
    });
  }

  it('has another checksum where anything is edited', async () => {
    const swapped = await swapFixture(fixtureNamed('opset-17'));
    const { entry } = seal(swapped);
    const [site] = entry.sites;
    const edits: Partial<Provenance>[] = [
      { source: 'sha256:ac' },
      { opset: 18 },
      { norm: 'layer' },
      { sites: [] },
      { sites: [{ ...(site as Provenance['sites'][number]), epsilon: 1e-3 }] },
    ];
    for (const edit of edits) expect(checksumOf({ ...entry, ...edit })).not.to.equal(entry.checksum);
  });
});

describe('digestOfNumbers', () => {
  const both = async (...values: number[]) => digestOfNumbers(Float64Array.from(values)).split(':');

  it('tells another order from other numbers', async () => {
    const [exact, ascending] = await both(3, 1, 2);
    expect(await both(3, 1, 2)).to.deep.equal([exact, ascending]);
    const [permuted, sameNumbers] = await both(1, 3, 2);
    expect(permuted).not.to.equal(exact);
    expect(sameNumbers).to.equal(ascending);
    expect((await both(3, 1, 2.5))[1]).not.to.equal(ascending);
  });

  it('is of the numbers alone, not of the memory they are a view of', async () => {
    const memory = Float64Array.from([9, 3, 1, 2, 9]);
    expect(digestOfNumbers(memory.subarray(1, 4))).to.equal((await both(3, 1, 2)).join(':'));
    expect([...memory]).to.deep.equal([9, 3, 1, 2, 9]);
  });
});

describe('readProvenance', () => {
  const model = modelOf(fixtureNamed('metadata-foreign'));
  const withEntry = (value: string) =>
    withGraph(model, model.proto.graph, {
      metadataProps: [create('StringStringEntryProto', { key: PROVENANCE_KEY, value })],
    });
  const site = { name: 'a', input: 'x', output: 'y', groups: 2, epsilon: 1e-5, form: 'reduce' };
  const entry = { schema: 1, version: '0.1.0', source: 'sha256:ab', norm: 'group', init: 'copy', sites: [site] };

  it('is undefined where there is none', () => {
    expect(readProvenance(model)).to.equal(undefined);
  });

  it('reads the first layout, which had no digests', () => {
    expect(readProvenance(withEntry(JSON.stringify(entry)))).to.deep.equal(entry);
  });

  it('says what is wrong with what is no record', () => {
    for (const value of ['', '{', 'gn-swap']) expect(readProvenance(withEntry(value))).to.equal('it is not JSON');
    const wrong = [
      null,
      [],
      1,
      {},
      { ...entry, schema: 3 },
      { ...entry, sites: {} },
      { ...entry, sites: [null] },
      { ...entry, sites: [{ ...site, groups: '2' }] },
      { ...entry, sites: [{ ...site, scale: 1 }] },
      { ...entry, structure: [] },
      { ...entry, structure: { digest: 'a' } },
      { ...entry, checksum: 1 },
      { ...entry, init: undefined },
    ];
    for (const value of wrong) {
      expect(readProvenance(withEntry(JSON.stringify(value))), JSON.stringify(value)).to.match(/^fields are missing/);
    }
  });
});
