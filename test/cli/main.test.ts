import { expect } from 'chai';
import { OPTIONS, optionsOf } from '../../src/options/index.ts';
import { VERSION } from '../../src/version.ts';
import { cli } from '../support/cli.ts';
import { useScratch } from '../support/scratch.ts';

/** In one or two lines of what a person can read, without a stack trace. */
function expectComplaint(stderr: string, message: RegExp): void {
  expect(stderr).to.match(/^gn-swap: [^\n]+\n(Try: gn-swap [^\n]+\n)?$/);
  expect(stderr).to.match(message);
}

describe('the command line', () => {
  const scratch = useScratch();

  it('shows its help on stdout, with every option, its choices and its default', async () => {
    const { status, stdout, stderr } = await cli(['--help']);
    expect([status, stderr]).to.deep.equal([0, '']);
    for (const [name, spec] of optionsOf('swap')) {
      expect(stdout, name).to.contain(`--${name}`);
      if ('default' in spec)
        expect(stdout.replace(/\s+/g, ' '), name).to.contain(`default: ${JSON.stringify(spec.default)})`);
    }
    for (const { group } of Object.values(OPTIONS))
      expect(stdout.includes(`\n${group}:`), group).to.equal(group !== 'Training');
    expect(stdout).to.contain('Exit status: 0 done and verified; 1 a check failed; 2 unusable arguments or input.');
    expect(stdout).to.match(/Commands:\n {2}check [\s\S]*\n {2}inspect /);
    for (const line of stdout.split('\n')) expect(line.length).to.be.at.most(110);
  });

  /** Packages of CommonJS modules, as ONNX Runtime is, that a call has loaded when it ends. */
  async function loadedBy(...args: string[]): Promise<Set<string>> {
    const before = `
      const cache = process.getBuiltinModule('node:module').createRequire('file:///').cache;
      process.on('exit', () => process.stderr.write(Object.keys(cache).join('\\n')));
    `;
    const { stderr } = await cli(args, { before, cwd: scratch().folder });
    return new Set([...stderr.matchAll(/node_modules[\\/]([\w-]+)[^\n]*(?:\n|$)/g)].map(([, name = '']) => name));
  }

  it('loads ONNX Runtime only to verify', async () => {
    scratch().fixture('rank-4', 'model.onnx');
    for (const args of [
      ['--help'],
      ['--version'],
      ['consumers'],
      ['--nonsense'],
      [],
      ['inspect', 'model.onnx'],
      ['model.onnx', '--no-verify'],
    ]) {
      expect(await loadedBy(...args), args.join()).not.to.include('onnxruntime-node');
    }
    expect(await loadedBy('model.onnx', '--force')).to.include('onnxruntime-node');
  });

  it('shows its version', async () => {
    expect(await cli(['--version'])).to.deep.equal({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /no model given\. Run gn-swap model\.onnx/],
    [['MODEL', '--group', '8'], /unknown option --group\. Did you mean --groups\?/],
    [['MODEL', '--inputs', 'gone.npz'], /gone\.npz: no such file/],
    [['gone.onnx'], /gone\.onnx: no such file or folder\. Check the path/],
    [['.'], /no \.onnx files found/],
    [['/dev/zero'], /it is not a regular file/],
    [[''], /no such file or folder/],
  ];
  for (const [args, message] of REFUSED) {
    it(`answers ${JSON.stringify(args)} in a line, with status 2, and writes nothing`, async () => {
      scratch().fixture('rank-4', 'MODEL');
      const before = scratch().read('MODEL');
      const { status, stdout, stderr } = await cli(args, { cwd: scratch().folder });
      expectComplaint(stderr, message);
      expect([status, stdout]).to.deep.equal([2, '']);
      expect(scratch().read('MODEL')).to.deep.equal(before);
      expect(scratch().list()).to.deep.equal(['MODEL']);
    });
  }

  it('shows where an error came from only with --verbose', async () => {
    const quiet = await cli(['gone.onnx']);
    expect(quiet.stderr).not.to.match(/\n {4}at /);
    const verbose = await cli(['gone.onnx', '--verbose']);
    expect(verbose.status).to.equal(2);
    expect(verbose.stderr).to.match(/^gn-swap: gone\.onnx: /);
    expect(verbose.stderr).to.match(/\n {4}at .*\n/);
    expect(verbose.stderr).to.contain('ENOENT');
    const unknown = await cli(['--verbose', '--nonsense']);
    expect(unknown.stderr).to.match(/\n {4}at .*\n/);
  });

  it('spells out control characters in what it repeats', async () => {
    const { stderr } = await cli(['a\u001b[31m\nb.onnx', '--x\u0007']);
    expect(stderr).not.to.contain('\u001b').and.not.contain('\u0007');
    expectComplaint(stderr, /x\\u\{7\}|\\u\{1b\}/);
    const file = await cli(['a\u001b[31m\nb.onnx']);
    expectComplaint(file.stderr, /^gn-swap: a\\u\{1b\}\[31m\\u\{a\}b\.onnx: no such file/);
  });

  it('says what it does not know as an unexpected error, without a stack trace', async () => {
    const before = `process.stdout.write = () => { throw new TypeError('a bug'); };`;
    const { status, stderr } = await cli([scratch().fixture('rank-4'), '--no-verify'], { before });
    expect(status).to.equal(2);
    expectComplaint(stderr, /unexpected error: a bug/);
  });
});
