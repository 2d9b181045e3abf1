/** What is shipped: the packed package, its contents, and its types as two kinds of project see them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
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
      'bin/gn-swap.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli/run.js',
      'docs/guide.md',
    ]);
    const unwanted =
      /\.onnx$|\.npz$|\.test\.|\.map$|\.tsbuildinfo$|(^|\/)(fixtures|test|bench|fuzz|node_modules|src)(\/|$)|stale/;
    expect(files().filter((file) => unwanted.test(file))).to.deep.equal([]);
    // Every module has its types, and all is small: the models stay at home.
    const modules = files().filter((file) => file.startsWith('dist/') && file.endsWith('.js'));
    for (const file of modules) expect(existsSync(join(packed, file.replace(/js$/, 'd.ts'))), file).to.equal(true);
    const size = files().reduce(
      (sum, file) => sum + (/\.\w+$/.test(file) ? readFileSync(join(packed, file)).length : 0),
      0,
    );
    expect(size).to.be.below(2 * MEGABYTE);
  });

  it('has a version of the form that versions have, in package.json and CHANGELOG.md', () => {
    const { version, engines } = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'));
    expect(version).to.match(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
    expect(engines.node).to.equal('>=20.19');
    const versions = [...readFileSync(join(packed, 'CHANGELOG.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(
      ([, it]) => it,
    );
    expect(versions[0]).to.match(new RegExp(`^\\[(Unreleased|${version.replaceAll('.', '\\.')})\\]`));
    for (const it of versions)
      expect(it).to.match(/^\[(Unreleased|\d+\.\d+\.\d+)\]( – (not released|\d{4}-\d\d-\d\d))?$/);
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
