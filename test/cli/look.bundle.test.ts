import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build, type Metafile } from 'esbuild';
import { withoutInputs } from '../../scripts/bundle.ts';
import { cli } from '../support/cli.ts';
import { Scratch } from '../support/scratch.ts';

describe('the bundle of inspect', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  let bundle: string;
  let metafile: Metafile;

  before(async () => {
    scratch = new Scratch();
    bundle = scratch.path('look.cjs');
    ({ metafile } = await build({
      entryPoints: [fileURLToPath(new URL('../../src/cli/look.ts', import.meta.url))],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      minify: true,
      external: ['onnxruntime-node', 'onnxruntime-web', 'sharp'],
      metafile: true,
      plugins: [withoutInputs],
    }));
    scratch.fixture('rank-4', 'model.onnx');
    scratch.fixture('rank-3', 'other.onnx');
    scratch.write('bin.cjs', "if (!require('./look.cjs').isAnswered) process.stdout.write('left to run.ts');");
  });
  after(() => scratch.remove());

  const look = (args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [scratch.path('bin.cjs'), ...args], {
      cwd: scratch.folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    return { status, stdout: withoutTimes(stdout), stderr };
  };
  const withoutTimes = (text: string) => text.replace(/\(read .*? ms\)|"(read|find|total)\w*": [\d.]+/g, '');

  it('holds a third of all code: nothing that calibrates, verifies, trains or draws', () => {
    const [output] = Object.values(metafile.outputs);
    const held = Object.entries(output?.inputs ?? {}).flatMap(([file, it]) => (it.bytesInOutput > 0 ? [file] : []));
    expect(held.filter((file) => /src\/find\/index\.ts$/.test(file))).to.have.length(1);
    const left =
      /^src\/(verify\/|web\/|report\/html\/|calibrate\/index|rewrite\/index|gradient\/index|train\/fit\.|inputs\/open)/;
    expect(held.filter((file) => left.test(file))).to.deep.equal([]);
    expect(statSync(bundle).size).to.be.below(330_000);
  });

  for (const args of [
    ['inspect', 'model.onnx'],
    ['inspect', 'model.onnx', 'other.onnx', '--to', 'instance'],
    ['inspect', 'model.onnx', '--sites', 'all', '--absorb-affine'],
    ['--seed', '3', 'inspect', 'model.onnx', '--for', 'pytorch'],
    ['inspect', 'model.onnx', '--json'],
    ['inspect', 'gone.onnx'],
    ['inspect', 'model.onnx', '--include', '('],
    ['inspect'],
  ]) {
    it(`answers as all of the command line does: ${args.join(' ')}`, async () => {
      const whole = await cli(args, { cwd: scratch.folder, env: { NO_COLOR: '1' } });
      expect(look(args)).to.deep.equal({ ...whole, stdout: withoutTimes(whole.stdout) });
    });
  }

  for (const args of [
    ['inspect', 'model.onnx', '--calibrate', 'photos'],
    ['inspect', 'model.onnx', '--verbose'],
    ['inspect', 'model.onnx', '--nonsense'],
    ['inspect', '--help'],
    ['model.onnx'],
    ['check', 'inspect'],
    [],
  ]) {
    it(`leaves other calls to it, and does nothing itself: ${args.join(' ')}`, () => {
      expect(look(args)).to.deep.equal({ status: 0, stdout: 'left to run.ts', stderr: '' });
    });
  }
});
