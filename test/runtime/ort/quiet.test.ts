import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { builtSources } from '../../support/cli.ts';
import { Scratch } from '../../support/scratch.ts';

describe('ONNX Runtime in Node', () => {
  const scratch = new Scratch();
  after(() => scratch.remove());

  it('tells nobody of its runs: no device id, no database and no log is written', () => {
    const [home, temporary] = [scratch.path('home'), scratch.path('tmp')];
    for (const folder of [home, temporary]) mkdirSync(folder);
    // Nothing of this process, where it may be set already.
    const env = { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: temporary };
    const args = [join(builtSources(), 'cli/run.js'), scratch.fixture('rank-4'), '--quiet'];
    execFileSync(process.execPath, args, { env });
    const left = [home, temporary].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }));
    expect(left.filter((file) => /mat-debug|\.ses$|Microsoft|onnxruntime/.test(file))).to.deep.equal([]);
    expect(readdirSync(scratch.path('.'))).to.include('rank-4.gn.onnx');
  });
});
