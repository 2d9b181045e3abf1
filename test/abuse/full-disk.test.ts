/** Disks that take no more, and folders that take nothing: a line that says so, and nothing left behind. */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { builtSources, ended, type Ran } from '../support/cli.ts';
import { useScratch } from '../support/scratch.ts';

/** Mounts of its own, gone with the process; `undefined` where that is not allowed. */
const UNSHARE = [
  ['unshare', '--mount'],
  ['unshare', '--mount', '--map-root-user'],
].find(([program = '', ...args]) => spawnSync(program, [...args, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0);

/** Prints what is left, and answers as gn-swap did. */
const LOOK = 'status=$?; ls -A out; cat out/*; exit $status';

describe('a place that takes no more', () => {
  const scratch = useScratch();

  /** [1, 64, 8, 8] → (Conv of 147 kB → BN), 20 times: 3 MB. */
  beforeEach(() => {
    const net = new Net({ opset: 17 });
    let x = net.input('x', [1, 64, 8, 8]);
    for (let i = 0; i < 20; i++) {
      net.weight(`w${i}`, [64, 64, 3, 3]);
      x = net.bn(net.node('Conv', [x, `w${i}`], { pads: [1, 1, 1, 1] }), 64);
    }
    net.output(x, [1, 64, 8, 8]);
    scratch().write('model.onnx', writeModel(net.model()));
    mkdirSync(scratch().path('out'));
  });

  /** Runs gn-swap in a shell, after commands that limit it. */
  function limited(before: string, args: string, launcher: readonly string[] = []): Promise<Ran> {
    const script = `${before} && '${process.execPath}' '${join(builtSources(), 'cli/run.js')}' ${args}`;
    const [program = 'sh', ...rest] = [...launcher, 'sh', '-c', script];
    return ended(spawn(program, rest, { cwd: scratch().folder, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  it('a limit on the size of files: a line, and nothing left', async () => {
    for (const options of ['', '--no-verify']) {
      const { status, stdout, stderr } = await limited('ulimit -f 2000', `model.onnx ${options}`);
      expect([status, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.match(
        /^gn-swap: model\.gn\.onnx: cannot write the file: the file would be too large\. [^\n]+\n$/,
      );
      expect(scratch().list()).to.deep.equal(['model.onnx', 'out']);
    }
  });

  it('a full disk that the report is sent to: the model is written, a line, and no stack', async function () {
    if (!existsSync('/dev/full')) return this.skip();
    for (const args of ['inspect model.onnx', 'model.onnx --no-verify', 'model.onnx --no-verify --force --json']) {
      const { status, stderr } = await limited('true', `${args} > /dev/full`);
      expect(stderr, args).to.equal('gn-swap: stdout: cannot write: the disk is full.\n');
      expect(status, args).to.equal(2);
    }
    expect(scratch().list()).to.deep.equal(['model.gn.onnx', 'model.onnx', 'out']);
  });

  it('a full disk: a line, nothing left, and what was to be replaced is still there', async function () {
    if (UNSHARE === undefined) return this.skip();
    const mounted = 'mount -t tmpfs -o size=2m none out && echo old > out/model.gn.onnx';
    const { status, stdout, stderr } = await limited(mounted, `model.onnx -o out/ --force; ${LOOK}`, UNSHARE);
    expect(stderr).to.match(/^gn-swap: out\/model\.gn\.onnx: cannot write the file: the disk is full\. [^\n]+\n$/);
    expect([status, stdout]).to.deep.equal([2, 'model.gn.onnx\nold\n']);
  });

  it('a full disk that external data is copied to: the same', async function () {
    if (UNSHARE === undefined) return this.skip();
    scratch().fixture('external-one-file');
    appendFileSync(scratch().path('external-one-file.onnx.data'), new Uint8Array(3e6));
    const mounted = 'mount -t tmpfs -o size=2m none out && echo old > out/external-one-file.gn.onnx';
    const args = `external-one-file.onnx -o out/ --force; ${LOOK}`;
    const { status, stdout, stderr } = await limited(mounted, args, UNSHARE);
    expect(stderr).to.match(
      /^gn-swap: out\/external-one-file\.onnx\.data: cannot write the file: the disk is full\. [^\n]+\n$/,
    );
    expect([status, stdout]).to.deep.equal([2, 'external-one-file.gn.onnx\nold\n']);
  });

  it('a folder that is read-only: a line, and nothing left', async function () {
    if (UNSHARE === undefined) return this.skip();
    const readOnly = 'mount --bind out out && mount -o remount,bind,ro out';
    for (const place of ['-o out/', '-o out/new/', '-o out/new.onnx']) {
      const { status, stdout, stderr } = await limited(readOnly, `model.onnx ${place}`, UNSHARE);
      expect([status, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.match(
        /^gn-swap: out\/[a-z./]*: cannot write the file: the file system is read-only\. [^\n]+\n$/,
      );
      expect(scratch().list('out')).to.deep.equal([]);
    }
  });
});
