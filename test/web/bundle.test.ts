/** The library as a browser's bundler sees it: nothing of Node may be in it. */
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type BuildOptions, build } from 'esbuild';
import { forBrowser } from '../../scripts/for-browser.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Names that only Node defines. */
const NODE_NAMES = ['Buffer', 'process', 'setImmediate', '__dirname', '__filename', 'require'] as const;

/** What an entry takes from Node: built-in modules with their importers, and names in files of ours. */
async function ofNode(entry: Pick<BuildOptions, 'entryPoints' | 'stdin'>): Promise<string[]> {
  const builtins: string[] = [];
  const marks = NODE_NAMES.map((name) => [name, `__OF_NODE_${name}__`] as const);
  const { outputFiles, metafile } = await build({
    ...entry,
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    outdir: 'out',
    platform: 'browser',
    format: 'esm',
    external: ['onnxruntime-web'],
    alias: { linkedom: 'linkedom/worker' },
    logLevel: 'silent',
    // A name that a file defines itself is not replaced.
    define: Object.fromEntries(marks),
    plugins: [
      forBrowser,
      {
        name: 'built-ins',
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, ({ path, importer }) => {
            if (!path.startsWith('node:') && !builtinModules.includes(path)) return undefined;
            builtins.push(`${importer.replace(ROOT, '')} imports ${path}`);
            return { path, external: true };
          });
        },
      },
    ],
  });
  const own = Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules'));
  expect(own.length).to.be.greaterThan(0);
  const found = marks.flatMap(([name, mark]) =>
    outputFiles.flatMap(({ text }) =>
      [...text.matchAll(new RegExp(`\\b${mark}\\b`, 'g'))].map(({ index }) => `${fileAt(text, index)} uses ${name}`),
    ),
  );
  // Packages ask whether there is such a name, and do without.
  return [...builtins, ...found.filter((it) => !it.includes('node_modules'))];
}

/** esbuild says above each part of a bundle what file it is. */
function fileAt(text: string, index: number): string {
  const before = text.slice(0, index);
  return before.slice(before.lastIndexOf('\n// ') + 4).split('\n')[0] ?? '';
}

describe('the library bundled for a browser', function () {
  this.timeout(60_000);

  it('holds nothing of Node', async () => {
    expect(await ofNode({ entryPoints: ['src/index.ts'] })).to.deep.equal([]);
  });

  it('would be told of a built-in module, and of a name that only Node has', async () => {
    const contents = `import { join } from 'node:path';
      import './src/index.ts';
      export const file = join('a', process.argv[0] + Buffer.from('b'));`;
    const found = await ofNode({ stdin: { contents, resolveDir: ROOT, sourcefile: 'planted.ts' } });
    expect(found).to.deep.equal(['planted.ts imports node:path', 'planted.ts uses Buffer', 'planted.ts uses process']);
  });
});
