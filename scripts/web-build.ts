/**
 * Makes the page: `main.js` for it, `worker.js` with all that computes, ONNX Runtime, and the files that are copied. Modules that are
 * loaded when they are wanted (charts, labels, verification, the runtime) are files of their own.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { bundledPackages, LICENCES } from './bundle.ts';
import { forBrowser, BROWSERS as TARGET } from './for-browser.ts';
import { licencesOf } from './licences.ts';
import { finishPage } from './web-page.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PAGE = join(ROOT, 'src/web/page');

/** Of ONNX Runtime, beside the chunks that load it; the last two are those with WebGPU. */
const RUNTIME = [
  'ort-wasm-simd-threaded.mjs',
  'ort-wasm-simd-threaded.wasm',
  'ort-wasm-simd-threaded.asyncify.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
];

/** What a page reads, not what makes it. */
const COPIED = /\.(html|css|svg|png|webmanifest)$/;

/**
 * Builds into an empty folder.
 *
 * @returns what esbuild says of what it wrote
 */
export async function buildWeb(folder: string): Promise<Metafile> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      worker: 'src/web/worker/worker.ts',
      ...(existsSync(join(PAGE, 'main.ts')) ? { main: 'src/web/page/main.ts' } : {}),
    },
    outdir: folder,
    entryNames: '[name]',
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: TARGET,
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // The runtime's own files stay files.
    conditions: ['onnxruntime-web-use-extern-wasm'],
    alias: { linkedom: 'linkedom/worker' },
    plugins: [forBrowser],
  });
  const runtime = dirname(fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')));
  for (const file of RUNTIME) copyFileSync(join(runtime, file), join(folder, file));
  if (existsSync(PAGE)) {
    for (const file of readdirSync(PAGE)) if (COPIED.test(file)) copyFileSync(join(PAGE, file), join(folder, file));
  }
  writeFileSync(join(folder, LICENCES), licencesOf(bundledPackages([metafile])));
  await finishPage(folder, TARGET);
  return metafile;
}

/** What is loaded with an entry: its file, and those that it imports at once. */
export function loadedWith(entry: string, { outputs }: Metafile): string[] {
  const [first] = Object.keys(outputs).filter((file) => file.endsWith(`/${entry}`));
  const found = new Set(first === undefined ? [] : [first]);
  for (const file of found) {
    for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') found.add(path);
  }
  return [...found];
}

/** Bytes of files together, as a server sends them. */
export function compressed(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(ROOT, file)), { level: 9 }).length, 0);
}
