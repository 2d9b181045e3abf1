import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { FIXTURES } from '../../fixtures/index.ts';
import type { recordApart as RecordApart } from '../../src/cli/record.ts';
import { structureRecordOf, structureTextsOf } from '../../src/graph/structure-record.ts';
import { type Model, memoryHome } from '../../src/onnx/model.ts';
import { Scratch } from '../support/scratch.ts';

describe('recordApart', function () {
  this.timeout(60_000);
  const models = FIXTURES.slice(0, 3).map((it) => ({ proto: it.build().proto as Model['proto'], home: memoryHome() }));
  let scratch: Scratch;
  let recordApart: typeof RecordApart;

  before(async () => {
    scratch = new Scratch();
    // As they ship: a thread has no loader for TypeScript.
    await build({
      entryPoints: ['record', 'record-worker'].map((it) =>
        fileURLToPath(new URL(`../../src/cli/${it}.ts`, import.meta.url)),
      ),
      outdir: scratch.folder,
      outExtension: { '.js': '.cjs' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      define: { 'import.meta.filename': '__filename' },
    });
    ({ recordApart } = createRequire(import.meta.url)(scratch.path('record.cjs')));
  });
  after(() => scratch.remove());

  it('gives the record that is made here, and takes the texts without a copy', async () => {
    for (const model of models) {
      const texts = structureTextsOf(model);
      expect(await recordApart(texts)).to.deep.equal(structureRecordOf(model));
      expect(texts.tags.length).to.equal(0);
    }
  });

  it('says that it failed where the thread ends without a record', async () => {
    const { tags } = structureTextsOf(models[0] as Model);
    const runs = [{ names: { bytes: new Uint8Array(0), ends: new Int32Array(0), count: 0 }, each: 1, places: tags }];
    const group = { start: 'a', texts: { bytes: new Uint8Array(0), ends: new Int32Array(0), count: 0 }, others: [] };
    // Of a pattern that there is not.
    const texts = {
      groups: [{ ...group, ofPatterns: [{ runs: 7, index: 0, text: { head: new Uint8Array(0), tail: [] } }] }],
      runs,
      tags,
    };
    const failed = await recordApart({ ...texts, tags: new Int32Array(1) }).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error);
  });
});
