/** What is shipped: the packed package, its contents, and its types as two kinds of project see them. */
import { isAscii } from 'node:buffer';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { LICENCES } from '../scripts/bundle.ts';
import { Scratch } from './support/scratch.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MEGABYTE = 1e6;

describe('the package', function () {
  this.timeout(180_000);
  let scratch: Scratch;
  let packed: string;

  before(() => {
    scratch = new Scratch();
    // What an older build left must not be in it.
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    writeFileSync(join(ROOT, 'dist', 'stale.js'), '');
    execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'pipe' });
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', scratch.folder], { cwd: ROOT, encoding: 'utf8' }),
    );
    execFileSync('tar', ['-xzf', filename], { cwd: scratch.folder });
    packed = scratch.path('package');
  });
  after(() => scratch.remove());

  const files = () => readdirSync(packed, { recursive: true, encoding: 'utf8' }).sort();
  const libraryModules = () => files().filter((file) => /^dist\/(?!browser\/).*\.js$/.test(file));
  const packagesIn = (list: readonly string[], pattern: RegExp) => {
    const names = list.flatMap((file) => [...readFileSync(join(packed, file), 'utf8').matchAll(pattern)]);
    const packages = names.map(([, name = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '');
    return [...new Set(packages)].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
  };
  /** Declarations that one leads to, itself included; paths in the package. */
  const typesFrom = (entry: string) => {
    const found = new Set([entry]);
    for (const file of found) {
      const text = readFileSync(join(packed, file), 'utf8');
      for (const [, to = ''] of text.matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
        found.add(join(dirname(file), to.replace(/\.(js|ts)$/, '.d.ts')));
      }
    }
    return [...found];
  };
  /** Makes a package of ours the packed one's. */
  const link = (name: string) => {
    const target = scratch.path('node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) symlinkSync(join(ROOT, 'node_modules', name), target, 'junction');
  };

  it('holds the program, its types and its documentation, and nothing to test or build it with', () => {
    const top = readdirSync(packed).sort();
    expect(top).to.deep.equal([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin',
      'dist',
      'docs',
      'package.json',
    ]);
    expect(files()).to.include.members([
      'bin/compiled.js',
      'bin/gn-swap.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/browser/index.js',
      'dist/cli/run.cjs',
      'dist/cli/look.cjs',
      'dist/cli/record-worker.cjs',
      'dist/cli/charts.cjs',
      `dist/${LICENCES}`,
      'docs/guide.md',
    ]);
    const unwanted =
      /\.onnx$|\.npz$|\.test\.|(?<!run\.cjs)\.map$|\.tsbuildinfo$|(^|\/)(fixtures|test|bench|fuzz|node_modules|src)(\/|$)|stale/;
    expect(files().filter((file) => unwanted.test(file))).to.deep.equal([]);
    // Every module of the library has its types, and all is small, a source map of 1.8 MB and the build for browsers (1.6 MB, charts included) with
    // it: the models stay at home.
    for (const file of libraryModules()) {
      expect(existsSync(join(packed, file.replace(/js$/, 'd.ts'))), file).to.equal(true);
    }
    const sizes = files().map((file) => statSync(join(packed, file)));
    expect(sizes.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)).to.be.below(9.6 * MEGABYTE);
    // Node holds a script of ASCII in half the memory.
    for (const name of ['ask', 'look', 'run']) {
      expect(isAscii(readFileSync(join(packed, 'dist/cli', `${name}.cjs`))), name).to.equal(true);
    }
  });

  it('needs no package at run time but those that it depends on', () => {
    const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
      readFileSync(join(packed, 'package.json'), 'utf8'),
    );
    expect(
      packagesIn([...libraryModules(), ...typesFrom('dist/index.d.ts')], /(?:from |import\()'([@a-z][\w@/.:-]*)'/g),
    ).to.have.members([
      ...Object.keys(dependencies),
      ...Object.keys(optionalDependencies),
      ...Object.keys(peerDependencies),
    ]);
    const bundles = files().filter((file) => file.endsWith('.cjs'));
    // linkedom draws on a canvas if there is one.
    expect(packagesIn(bundles, /(?:require|import)\("([@a-z][\w@/.:-]*)"\)/g)).to.have.members([
      ...Object.keys(optionalDependencies),
      ...Object.keys(peerDependencies),
      'canvas',
    ]);
  });

  it('needs ONNX Runtime alone in a browser, and nothing of Node', () => {
    const modules = files().filter((file) => /^dist\/browser\/.*\.js$/.test(file));
    expect(packagesIn(modules, /(?:from|import\(|import)\s*"([@a-z][\w@/.:-]*)"/g)).to.deep.equal(['onnxruntime-web']);
    const text = modules.map((file) => readFileSync(join(packed, file), 'utf8')).join('');
    expect(text).to.not.match(/(?:from|import\(|import|require\()\s*["'`]node:/);
  });

  it('names every package that is bundled, with its licence', () => {
    const text = readFileSync(join(packed, 'dist', LICENCES), 'utf8');
    for (const name of [
      '@observablehq/plot',
      'd3-scale',
      'linkedom',
      'cli-progress',
      'fflate',
      'npyjs',
      '@noble/hashes',
    ]) {
      expect(text).to.match(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\([A-Z][\\w.-]+\\)$`, 'm'));
    }
    expect(text).to.include('Observable, Inc.').and.include('WITHOUT WARRANTY');
  });

  it('rewrites, draws and explains without any other package', async () => {
    for (const name of ['onnxruntime-node', 'sharp']) link(name);
    const model = scratch.fixture('rank-4');
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(packed, 'bin/gn-swap.js'), ...args], { encoding: 'utf8', cwd: scratch.folder });
    const { status, stderr } = run(model, '--report', 'report.html');
    expect([status, stderr.includes('rror')]).to.deep.equal([0, false]);
    expect(readFileSync(scratch.path('report.html'), 'utf8')).to.include('<svg');
    for (const command of [[], ['inspect']]) {
      const failed = run(...command, 'missing.onnx', '--verbose');
      expect(failed.status).to.equal(2);
      // As it was written, not as it was bundled.
      expect(failed.stderr).to.match(/^gn-swap: missing\.onnx: .*\n[\s\S]*src\/cli\/disk\/source\.ts:\d+:\d+/);
    }
    expect(run('inspect', model).stdout).to.match(/would swap 1 site/);
  });

  it('works as a library with its dependencies alone', () => {
    for (const name of ['onnxruntime-node', '@petamoriken/float16']) link(name);
    const code = `
      import { readFileSync } from 'node:fs';
      import { swap } from './package/dist/index.js';
      const { verification } = await swap(readFileSync(${JSON.stringify(scratch.fixture('rank-4', 'own.onnx'))}));
      process.exit(verification.passed ? 0 : 1);`;
    const args = ['--input-type=module', '--eval', code];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: scratch.folder });
    expect([status, stderr]).to.deep.equal([0, '']);
  });

  it('has a version of the form that versions have, in package.json and CHANGELOG.md', () => {
    const { version, engines } = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'));
    expect(version).to.match(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
    expect(engines.node).to.equal('>=20.19');
    const versions = [...readFileSync(join(packed, 'CHANGELOG.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(
      ([, it]) => it,
    );
    expect(versions[0]).to.match(new RegExp(`^(Unreleased$|\\[${version.replaceAll('.', '\\.')}\\])`));
    for (const it of versions) expect(it).to.match(/^(Unreleased|\[\d+\.\d+\.\d+\] – (not released|\d{4}-\d\d-\d\d))$/);
  });

  describe('in a project of its own', () => {
    const CONSUMER = `
import { GnSwapError, type ErrorCode, type SwapOptions, type SwapResult, findSites, plan, readModel, rewrite, swap, verify, writeModel } from 'gn-swap';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

holds<Equal<Parameters<typeof swap>, [source: Uint8Array, options?: SwapOptions]>>();
holds<Equal<ReturnType<typeof swap>, Promise<SwapResult>>>();
holds<Equal<SwapResult['model'], Uint8Array>>();
holds<Equal<GnSwapError['code'], ErrorCode>>();
holds<Equal<SwapOptions['groups'], number | 'auto' | 'paper' | undefined>>();

export async function use(bytes: Uint8Array): Promise<Uint8Array> {
  const { model, plan: planned, verification } = await swap(bytes, { groups: 8, form: 'reduce', seed: 1 });
  const sites: number = planned.sites.length;
  const passed: boolean | undefined = verification?.passed;
  const search = findSites(readModel(bytes));
  const written: Uint8Array = writeModel(rewrite(search.model, plan(search.sites, 17, {}, search.refusals)).model);
  void [sites, passed, written, verify];
  return model;
}

// @ts-expect-error: a model is bytes, not a path
void swap('model.onnx');
// @ts-expect-error: there is no such option
void swap(new Uint8Array(), { group: 8 });
// @ts-expect-error: groups are a number or a rule
void swap(new Uint8Array(), { groups: 'many' });
`;

    for (const [resolution, module] of [
      ['node16', 'node16'],
      ['nodenext', 'nodenext'],
      ['bundler', 'esnext'],
    ] as const) {
      it(`its types are found and are right, with moduleResolution ${resolution}`, () => {
        const project = scratch.path(resolution);
        mkdirSync(join(project, 'node_modules'), { recursive: true });
        symlinkSync(packed, join(project, 'node_modules', 'gn-swap'));
        writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
        writeFileSync(join(project, 'index.ts'), CONSUMER);
        const compilerOptions = {
          module,
          moduleResolution: resolution,
          strict: true,
          noEmit: true,
          target: 'es2022',
          types: [],
        };
        writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }));
        const { stdout, status } = spawnSync(
          process.execPath,
          [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project],
          {
            encoding: 'utf8',
          },
        );
        expect([status, stdout]).to.deep.equal([0, '']);
      });
    }
  });
});
