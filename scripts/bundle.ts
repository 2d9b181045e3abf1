/**
 * The command line as it ships: one file that holds it with all it needs (`run.cjs`), one that draws charts (`charts.cjs`), loaded
 * when a report has some, one that reads masks and YAML (`labelled.cjs`), one for a thread that makes records (`record-worker.cjs`),
 * and two small ones that hold a part of `run.cjs` again: the help (`ask.cjs`) and a look at models (`look.cjs`). A process loads one
 * of `run`, `ask` and `look` for all it does, so that no class is there twice. All are CommonJS, which Node starts faster than
 * modules. ONNX Runtime and sharp stay outside: they bring libraries for each platform.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { BROWSERS, forBrowser } from './for-browser.ts';
import { licencesOf } from './licences.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Packages that are never bundled. The last is one that linkedom only tries to load. */
const EXTERNAL = ['onnxruntime-node', 'onnxruntime-web', 'sharp', 'canvas'];

/** Name of the file with the licences of everything that is bundled. */
export const LICENCES = 'THIRD-PARTY-LICENCES.txt';

/**
 * Writes the bundles to `cli/` in a folder, and the licences beside them.
 *
 * @returns what esbuild says of each bundle: its inputs, and what it imports
 */
export async function bundle(folder: string): Promise<Metafile[]> {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const common = {
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${engines.node.replace('>=', '')}`,
    outdir: join(folder, 'cli'),
    outExtension: { '.js': '.cjs' },
    external: EXTERNAL,
    // What is loaded later is loaded by require, which `bin/compiled.js` gives a bundle; scripts that V8 has compiled before can't import.
    supported: { 'dynamic-import': false },
    minify: true,
    legalComments: 'none',
    metafile: true,
  } satisfies BuildOptions;
  const run = await build({
    ...common,
    entryPoints: { run: 'src/cli/run.ts' },
    // Where the file of a thread is found.
    define: { 'import.meta.filename': '__filename' },
    // So that a stack trace names files and lines of src/.
    sourcemap: true,
    sourcesContent: false,
    plugins: [apart],
  });
  shrinkMap(join(folder, 'cli/run.cjs.map'));
  const charts = await build({ ...common, entryPoints: { charts: 'src/report/html/drawing.ts' } });
  const labelled = await build({ ...common, entryPoints: { labelled: 'src/inputs/labelled/packages.ts' } });
  const ask = await build({ ...common, entryPoints: { ask: 'src/cli/ask.ts' } });
  const look = await build({ ...common, entryPoints: { look: 'src/cli/look.ts' }, plugins: [withoutInputs] });
  const worker = await build({ ...common, entryPoints: { 'record-worker': 'src/cli/record-worker.ts' } });
  const library = await bundleLibrary(folder);
  const bundles = [run, charts, labelled, ask, look, worker];
  const metafiles = [...bundles.map(({ metafile }) => metafile), library];
  writeFileSync(join(folder, LICENCES), licencesOf(bundledPackages(metafiles)));
  return metafiles;
}

/**
 * The library for browsers, as modules that a page can load without a bundler: what is asked of the host is a browser's, and packages are in
 * it, but for ONNX Runtime.
 */
async function bundleLibrary(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: 'src/index.ts' },
    outdir: join(folder, 'browser'),
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: BROWSERS,
    external: EXTERNAL,
    alias: { linkedom: 'linkedom/worker' },
    minify: true,
    legalComments: 'none',
    metafile: true,
    plugins: [forBrowser],
  });
  return metafile;
}

/** Leaves the modules that draw charts, and those that read labels, to bundles of their own. */
const apart: Plugin = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/drawing\.ts$/ }, () => ({ path: './charts.cjs', external: true }));
    onResolve({ filter: /\/packages\.ts$/ }, () => ({ path: './labelled.cjs', external: true }));
  },
};

/** Leaves out what is loaded for inputs and for reports: `look.ts` does not answer calls that have any. */
export const withoutInputs: Plugin = {
  name: 'without-inputs',
  setup({ onResolve, onLoad }) {
    const loaders = /[/\\](jobs[/\\]solve|cli[/\\]session|report[/\\]formats)\.ts$/;
    onResolve({ filter: /./ }, ({ kind, importer, path }) =>
      kind === 'dynamic-import' && loaders.test(importer) ? { path, namespace: 'absent' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
      contents: `throw new Error('${path} is in run.cjs');`,
    }));
  },
};

/** Leaves in a source map what stack traces through src/ need: a place in the code of a package is only said to be none of src/. */
function shrinkMap(file: string): void {
  const map: { sources: string[]; mappings: string; names: string[] } = JSON.parse(readFileSync(file, 'utf8'));
  const isOwn = ([, source]: SourceMapSegment) =>
    source !== undefined && !map.sources[source]?.includes('node_modules/');
  const names = new Map<number, number>();
  const lines = decode(map.mappings).map((line) =>
    line
      .filter((segment, index) => index === 0 || isOwn(segment) || isOwn(line[index - 1] as SourceMapSegment))
      .map((segment): SourceMapSegment => {
        const [column, source = 0, row = 0, from = 0, name] = segment;
        if (!isOwn(segment)) return [column];
        if (name === undefined) return [column, source, row, from];
        if (!names.has(name)) names.set(name, names.size);
        return [column, source, row, from, names.get(name) ?? 0];
      }),
  );
  const kept = [...names.keys()].map((name) => map.names[name]);
  writeFileSync(file, JSON.stringify({ ...map, names: kept, mappings: encode(lines) }));
}

/** Folders of the packages that the bundles hold code of, relative to the root. */
export function bundledPackages(metafiles: readonly Metafile[]): string[] {
  const inputs = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && file.includes('node_modules/'));
  return [...new Set(used.map(([file]) => packageOf(file)))].sort();
}

function packageOf(file: string): string {
  let folder = dirname(file);
  // A package may hold a package.json that only tells modules from scripts.
  while (!isPackage(folder)) folder = dirname(folder);
  return folder;
}

function isPackage(folder: string): boolean {
  const file = join(ROOT, folder, 'package.json');
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name !== undefined;
}
