/** What the page is built to: how much a first visit loads, and what is left for later. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Metafile } from 'esbuild';
import { buildWeb, compressed, loadedWith } from '../../scripts/web-build.ts';
import { Scratch } from '../support/scratch.ts';

/** Bytes of JavaScript that a first visit may take, compressed. */
const MOST = 250_000;

describe('the built page', function () {
  this.timeout(60_000);
  const scratch = new Scratch();
  let metafile: Metafile;
  let folder: string;

  before(async () => {
    folder = scratch.path('web');
    metafile = await buildWeb(folder);
  });
  after(() => scratch.remove());

  const loadedAtOnce = () => [...new Set(['main.js', 'worker.js'].flatMap((entry) => loadedWith(entry, metafile)))];
  const inputsOf = (files: readonly string[]) =>
    files.flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));

  it('takes less than 250 kB of JavaScript at once', () => {
    const files = loadedAtOnce();
    expect(files.length).to.be.greaterThan(0);
    expect(compressed(files)).to.be.within(50_000, MOST);
  });

  it('leaves ONNX Runtime, training, charts and labels to when they are wanted', () => {
    const late =
      /onnxruntime-web|observablehq|linkedom|fast-png|src\/train\/trainer|src\/verify\/proof|src\/calibrate\/index/;
    expect(inputsOf(loadedAtOnce()).filter((file) => late.test(file))).to.deep.equal([]);
    const all = inputsOf(Object.keys(metafile.outputs));
    for (const part of ['onnxruntime-web', 'observablehq', 'src/train/trainer', 'src/verify/proof']) {
      expect(
        all.some((file) => file.includes(part)),
        part,
      ).to.equal(true);
    }
  });

  it('holds all that it loads, the runtime included, and names nothing elsewhere', () => {
    for (const file of ['worker.js', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
      expect(existsSync(join(folder, file)), file).to.equal(true);
    }
    const scripts = readdirSync(folder).filter((file) => /\.m?js$/.test(file));
    const far = scripts.flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(
        /(?:from|import\(|fetch\(|importScripts\()\s*["'`]https?:[^"'`]*/g,
      ),
    ]);
    expect(far.map(([it]) => it)).to.deep.equal([]);
  });
});
