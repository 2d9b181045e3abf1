/**
 * The documentation does what it says. What is done with a fenced block is told by the words behind its backticks:
 *
 * - `sh run`: each line that begins with gn-swap is run, beside a model.onnx and a folder of photos, and exits with 0.
 * - `sh`: each such line is run where there are no files, and gets as far as to miss them: its options are right.
 * - `text` that begins with `$ gn-swap …`: the command prints that, where … may be anything, and numbers others.
 * - `js`: is run by test/gradient/examples.test.ts, `python` by test/interop/gradient/test_examples.py.
 * - `ts run`: is type-checked against the sources, and run beside the same files.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import ts from 'typescript';
import { MODELS } from '../bench/ocr/models.ts';
import { writeLines } from '../bench/ocr/pictures.ts';
import { NOTES } from '../bench/ocr/styles.ts';
import { Net } from '../fixtures/build.ts';
import { renderOptions } from '../scripts/options.ts';
import { writeNpz } from '../src/inputs/write-npz.ts';
import { swap } from '../src/jobs/swap.ts';
import { DataType } from '../src/onnx/data-type.ts';
import { readModel, writeModel } from '../src/onnx/model.ts';
import { builtSources, ended } from './support/cli.ts';
import { anchorsOf, type Fence, fencesOf, linksOf, PAGES, ROOT, textOf } from './support/docs.ts';
import { type Scratch, useScratch } from './support/scratch.ts';
import { runCommand } from './support/shell.ts';

const fences = PAGES.flatMap(fencesOf);
const place = ({ page, line }: Fence) => `${page}:${line}`;
const ofKind = (info: string) => fences.filter((fence) => fence.info === info);
const commandsOf = ({ code }: Fence, prompt = '') =>
  code
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.startsWith(`${prompt}gn-swap`))
    .map((line) => line.slice(prompt.length));

/** All that a block may be called: a slip of the pen must not turn a test off. */
const KINDS = ['sh', 'sh run', 'text', 'ts run', 'yaml', 'mermaid', 'python', 'js', 'csharp'];

/** The codes of a union of strings in the sources. */
function codesOf(file: string, type: string): string[] {
  const union = new RegExp(`export type ${type} =([^;]+);`).exec(readFileSync(ROOT + file, 'utf8'))?.[1] ?? '';
  return [...union.matchAll(/'([a-z-]+)'/g)].map((match) => match[1] as string);
}

const shell = (scratch: Scratch, line: string) => runCommand(scratch, ['sh', '-c', line]);

/** A loss of the model's output, with a weight for each sample; and samples for both. */
function putLoss(scratch: Scratch): void {
  const { graph } = readModel(scratch.read('model.onnx')).proto;
  const [input = '', output = ''] = [graph.input[0]?.name, graph.output[0]?.name];
  const net = new Net();
  const answer = net.input(output, undefined);
  const [wanted, weight] = [net.input('wanted', ['N', 32]), net.input('weight', ['N', 1])];
  const error = net.node('Sub', [net.node('ReduceMean', [answer], { axes: [2, 3], keepdims: 0 }), wanted]);
  const squares = net.node('Mul', [weight, net.node('Mul', [error, error])]);
  net.node('ReduceMean', [squares], { keepdims: 0 }, { outputs: ['loss'] });
  scratch.write('loss.onnx', writeModel(net.output('loss', []).model()));
  const array = (dims: number[], at: (index: number) => number) => {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, index) => at(index));
    return { type: DataType.FLOAT, dims, data };
  };
  // Far above what the model answers, so that a few steps come nearer.
  const targets = { wanted: array([10, 32], () => 5), weight: array([10, 1], (index) => 1 + (index % 2)) };
  const arrays = { [input]: array([10, 3, 16, 16], Math.sin), ...targets };
  scratch.write('samples.npz', writeNpz(new Map(Object.entries(arrays))));
}

/** Pictures with an array for each further input of that loss. */
async function putRated(scratch: Scratch): Promise<void> {
  for (const folder of ['images', 'targets']) mkdirSync(scratch.path('rated', folder), { recursive: true });
  for (let index = 0; index < 10; index++) {
    const create = { width: 16, height: 16, channels: 3, background: { r: 20 * index, g: 0, b: 0 } } as const;
    await sharp({ create })
      .png()
      .toFile(scratch.path('rated', 'images', `${index}.png`));
    const wanted = { type: DataType.FLOAT, dims: [32], data: new Float32Array(32).fill(5) };
    const weight = { type: DataType.FLOAT, dims: [1], data: Float32Array.of(1) };
    scratch.write(
      join('rated', 'targets', `${index}.npz`),
      writeNpz(
        new Map([
          ['wanted', wanted],
          ['weight', weight],
        ]),
      ),
    );
  }
}

/** What the pages call model.onnx, photos, loss.onnx, samples.npz, rated, and out/model.gn.onnx, which was made of it. */
async function putFiles(scratch: Scratch): Promise<void> {
  scratch.fixture('dynamic-unnamed', 'model.onnx');
  mkdirSync(scratch.path('out'));
  const { model } = await swap(scratch.read('model.onnx'), { verify: false });
  scratch.write(join('out', 'model.gn.onnx'), model);
  putLoss(scratch);
  await putRated(scratch);
  mkdirSync(scratch.path('photos'));
  for (let index = 0; index < 5; index++) {
    const noise = { type: 'gaussian', mean: 100 + 10 * index, sigma: 40 } as const;
    const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: 'black', noise } });
    await picture.png().toFile(scratch.path('photos', `${index}.png`));
  }
}

/** What TypeScript has to say of examples, by any names, that import the library; nothing where all is well. */
function typeErrors(codes: ReadonlyMap<string, string>): string {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const settings = { ...options, paths: { 'gn-swap': [join(ROOT, 'src/index.ts')] } };
  // In the package, so that the types of Node are found.
  const files = new Map([...codes].map(([name, code]) => [`${ROOT}test/${name.replace(/\W/g, '-')}.ts`, code]));
  const host = ts.createCompilerHost(settings);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.getSourceFile = (file, version, ...rest) => {
    const code = files.get(file);
    return code === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, code, version);
  };
  const program = ts.createProgram([...files.keys()], settings, host);
  const found = [...files.keys()].flatMap((file) => program.getSemanticDiagnostics(program.getSourceFile(file)));
  return ts.formatDiagnostics(found, host);
}

/** Output with … for anything → an expression for it, with any numbers. */
function expressionFor(output: string): RegExp {
  const literal = output.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const numbers = literal.replace(/\d+(\\\.\d+)?(e-?\d+)?/g, '\\d+(\\.\\d+)?(e[-+]?\\d+)?');
  // Where a run takes long, as on a busy machine, few are timed, and the line says how many.
  const timed = numbers.replaceAll(' per run on', '(?: per run|, \\d+ runs? each) on');
  return new RegExp(`^${timed.replace(/\s*…\s*/g, '[\\s\\S]*').replace(/\s+/g, '\\s+')}\\s*$`);
}

describe('the documentation', () => {
  const scratch = useScratch();

  it('has blocks of known kinds alone', () => {
    for (const fence of fences) expect(KINDS, place(fence)).to.include(fence.info);
    for (const kind of ['sh run', 'text', 'ts run']) expect(ofKind(kind), kind).not.to.be.empty;
  });

  for (const page of PAGES) {
    it(`${page}: its links lead somewhere`, () => {
      for (const link of linksOf(page)) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : normalize(join(dirname(page), path));
        expect(existsSync(ROOT + target), link).to.equal(true);
        if (anchor !== undefined) expect(anchorsOf(target), link).to.include(anchor);
      }
    });
  }

  it('shows the pictures of the README on npm, too: their addresses are whole, and of files that are here', () => {
    const pictures = [...textOf('README.md').matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, address = '']) => address);
    const own = pictures.filter((address) => !address.startsWith('https://img.shields.io/'));
    expect(own.length).to.be.above(1);
    for (const address of own) {
      const [, path] = /^https:\/\/raw\.githubusercontent\.com\/[^/]+\/gn-swap\/main\/(.+)$/.exec(address) ?? [];
      expect(existsSync(ROOT + (path ?? '?')), address).to.equal(true);
    }
  });

  it('can be read from the README on: every page is linked from another one that can', () => {
    const seen = new Set(['README.md']);
    for (const page of seen) {
      for (const link of linksOf(page)) {
        const target = normalize(join(dirname(page), link.replace(/#.*/, '')));
        if (PAGES.includes(target)) seen.add(target);
      }
    }
    expect([...seen].sort()).to.include.members([...PAGES]);
  });

  it('has the options that the command line has: `npm run docs:options` was not forgotten', () => {
    expect(textOf('docs/options.md')).to.equal(renderOptions());
  });

  it('explains every refusal in the guide, and nothing that is none', () => {
    const rows = [...textOf('docs/guide.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
    expect(rows).to.have.members(codesOf('src/find/types.ts', 'RefusalCode'));
  });

  it('explains every error on the page of the library, and nothing that is none', () => {
    const rows = [...textOf('docs/library.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
    expect(rows).to.have.members(codesOf('src/errors.ts', 'ErrorCode'));
  });

  for (const fence of ofKind('sh run')) {
    for (const command of commandsOf(fence)) {
      it(`${place(fence)}: runs \`${command}\``, async () => {
        await putFiles(scratch());
        const { status, stderr } = await shell(scratch(), command);
        expect([status, stderr]).to.deep.equal([0, '']);
      });
    }
  }

  for (const fence of ofKind('sh')) {
    for (const command of commandsOf(fence)) {
      it(`${place(fence)}: has an option right, each, in \`${command}\``, async () => {
        const { status, stderr } = await shell(scratch(), command);
        expect(stderr).to.match(/^gn-swap: [^\n]+: no such file or folder\. [^\n]+\n$/);
        expect(status).to.equal(2);
      });
    }
  }

  for (const fence of ofKind('text').filter(({ code }) => code.startsWith('$ gn-swap'))) {
    const [command] = commandsOf(fence, '$ ') as [string];
    it(`${place(fence)}: is what \`${command}\` prints`, async function () {
      // One of them trains 512 steps.
      this.timeout(300_000);
      await putFiles(scratch());
      copyFileSync(MODELS.classifier, scratch().path('out/orientation-classifier.onnx'));
      if (command.includes('out/lines')) {
        mkdirSync(scratch().path('out/lines'));
        await writeLines(scratch().path('out/lines'), 64, 1);
      }
      if (command.includes('out/handwriting')) {
        // What the demo does before, without calibration: the figures are others in any case.
        const { model } = await swap(scratch().read('out/orientation-classifier.onnx'), { verify: false });
        scratch().write('out/orientation-classifier.calibrated.onnx', model);
        await writeLines(scratch().path('out/handwriting'), 320, 2, { style: NOTES, labelled: true });
      }
      const { status, stdout } = await shell(scratch(), command);
      expect(status).to.equal(0);
      expect(stdout).to.match(expressionFor(fence.code.split('\n').slice(1).join('\n')));
    });
  }

  it('finds fault with output that is another', () => {
    const said = expressionFor('wrote model.gn.onnx, 636 kB: 35 sites\n…\nverified (seed 0)');
    expect('wrote model.gn.onnx, 2.1 kB: 1 site\n\nverified (seed 0)').not.to.match(said);
    expect('wrote model.gn.onnx, 2 kB: 1 sites\nso\nverified (seed 3)').to.match(said);
    expect('wrote model.gn.onnx, 2 kB: 1 sites\n\nverified').not.to.match(said);
  });
});

describe('the examples of the library', () => {
  const scratch = useScratch();
  const examples = ofKind('ts run');

  it('are well typed', () => {
    const codes = new Map(examples.map((fence) => [place(fence), fence.code]));
    expect(typeErrors(codes)).to.equal('');
  });

  it('would be found to be wrong', () => {
    const code = "import { readModel, swapp } from 'gn-swap';\nreadModel('model.onnx');\n";
    expect(typeErrors(new Map([['wrong', code]]))).to.match(/no exported member named 'swapp'[\s\S]*not assignable/);
  });

  for (const fence of examples) {
    it(`${place(fence)}: runs`, async () => {
      await putFiles(scratch());
      const own = scratch().path('node_modules', 'gn-swap');
      mkdirSync(own, { recursive: true });
      copyFileSync(join(ROOT, 'package.json'), join(own, 'package.json'));
      symlinkSync(builtSources(), join(own, 'dist'), 'junction');
      const { module, target } = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 };
      const { outputText } = ts.transpileModule(fence.code, { compilerOptions: { module, target } });
      const file = scratch().write('example.mjs', outputText);
      const child = spawn(process.execPath, [file], { cwd: scratch().folder, stdio: ['ignore', 'pipe', 'pipe'] });
      const { status, stderr } = await ended(child);
      expect([status, stderr]).to.deep.equal([0, '']);
    });
  }
});
