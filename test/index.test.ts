import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { fixtureNamed } from '../fixtures/index.ts';
import * as library from '../src/index.ts';
import { builtSources, type Ran } from './support/cli.ts';

/** Runs a script that may import the library, in a process of its own. */
function script(source: string): Promise<Ran> {
  const args = ['--input-type=module', '--eval', source];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the library', () => {
  it('exports what the documentation names, and no more', () => {
    expect(Object.keys(library).sort()).to.deep.equal([
      'DataType',
      'GnSwapError',
      'MemorySource',
      'PROVENANCE_KEY',
      'UNLABELLED',
      'VERSION',
      'check',
      'compareFinetune',
      'datasetOf',
      'findSites',
      'finetune',
      'finetuneReport',
      'gradientOf',
      'labelledOf',
      'memoryHome',
      'opsetVersion',
      'plan',
      'provenanceOf',
      'readModel',
      'rewrite',
      'swap',
      'trainer',
      'verify',
      'writeModel',
    ]);
  });

  it('goes from bytes to proof step by step', async () => {
    const { findSites, opsetVersion, plan, readModel, rewrite, verify, writeModel } = library;
    const source = writeModel(fixtureNamed('rank-4').build());
    const model = readModel(source);
    const search = findSites(model);
    const planned = plan(search.sites, opsetVersion(search.model.proto) ?? 0, { groups: 4 }, search.refusals);
    const { model: rewritten, sites } = rewrite(search.model, planned);
    const written = writeModel(rewritten);
    const verification = await verify({
      source: model,
      written: readModel(written),
      sites,
    });
    expect(verification.passed).to.equal(true);
    expect(sites.map((site) => site.plan.groups)).to.deep.equal([4]);
  });

  it('loads ONNX Runtime for verification alone', async () => {
    const folder = builtSources();
    const url = (file: string) => JSON.stringify(pathToFileURL(join(folder, file)).href);
    const bytes = JSON.stringify([...library.writeModel(fixtureNamed('rank-4').build())]);
    const { status, stdout, stderr } = await script(`
      import { createRequire } from 'node:module';
      import { swap } from ${url('index.js')};
      const { cache } = createRequire(import.meta.url);
      const loaded = () => Object.keys(cache).some((file) => file.includes('onnxruntime'));
      const source = Uint8Array.from(${bytes});
      const before = loaded();
      await swap(source, { verify: false });
      const rewritten = loaded();
      await swap(source);
      console.log(JSON.stringify([before, rewritten, loaded()]));
    `);
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal([false, false, true]);
  });
});
