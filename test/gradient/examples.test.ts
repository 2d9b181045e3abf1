/** The training loops of docs/gradient.md that are JavaScript: Node's, and the browser's in the browser's runtime under Node. */
import { spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { cli, ended } from '../support/cli.ts';
import { fencesOf, ROOT } from '../support/docs.ts';
import { useScratch } from '../support/scratch.ts';

const examples = fencesOf('docs/gradient.md').filter(({ info }) => info === 'js');

describe('the training loops of docs/gradient.md', function () {
  this.timeout(120_000);
  const scratch = useScratch();

  it('are one for Node and one for browsers', () => {
    expect(examples.map(({ code }) => /from '(.*)'/.exec(code)?.[1])).to.deep.equal([
      'onnxruntime-node',
      'onnxruntime-web',
    ]);
  });

  for (const { code, line } of examples) {
    it(`docs/gradient.md:${line}: trains`, async () => {
      const { folder } = scratch();
      scratch().fixture('dynamic-unnamed', 'model.onnx');
      const command = ['gradient', 'model.onnx', '--loss', 'mse', '--optimizer', 'adamw', '--size', 'x=2x3x8x8'];
      expect((await cli([...command, '--no-verify'], { cwd: folder })).status).to.equal(0);
      symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
      const file = scratch().write('example.mjs', code);
      const child = spawn(process.execPath, [file], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      const { status, stdout } = await ended(child);
      const losses = stdout.trim().split('\n').map(Number);
      expect([status, losses.length]).to.deep.equal([0, 20]);
      expect(losses[19]).to.be.lessThan(0.9 * (losses[0] as number));
    });
  }
});
