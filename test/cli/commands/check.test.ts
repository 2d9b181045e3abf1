import { copyFileSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { expect } from 'chai';
import { readModel, withGraph, writeModel } from '../../../src/onnx/model.ts';
import { cli } from '../../support/cli.ts';
import { setValues } from '../../support/damage.ts';
import { expectValidReport } from '../../support/report-schema.ts';
import { type Scratch, useScratch } from '../../support/scratch.ts';

/** Swaps a fixture without running it, and gives the path of what was written. */
async function swapped(scratch: Scratch, name: string): Promise<string> {
  const { status, stderr } = await cli([scratch.fixture(name), '--no-verify', '--quiet']);
  expect([status, stderr]).to.deep.equal([0, '']);
  return scratch.path(`${name}.gn.onnx`);
}

describe('gn-swap check', () => {
  const scratch = useScratch();
  const check = (...args: string[]) => cli(['check', ...args], { cwd: scratch().folder });

  it('proves what was written, alone and against its source', async () => {
    await swapped(scratch(), 'opset-17');
    const { status, stdout, stderr } = await check('opset-17.gn.onnx', '--against', 'opset-17.onnx');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/^ {2}✓ unchanged +3 nodes and 2 tensors match the source$/m);
    expect(stdout).to.match(/^valid: opset-17.gn.onnx: 1 norm, against opset-17.onnx \(/m);
    expect(scratch().list()).to.deep.equal(['opset-17.gn.onnx', 'opset-17.onnx']);
  });

  it('exits with 1 where something is wrong, says what and where, and goes on with other files', async () => {
    const file = await swapped(scratch(), 'opset-17');
    copyFileSync(file, scratch().path('cut.onnx'));
    truncateSync(scratch().path('cut.onnx'), 4000);
    const model = readModel(readFileSync(file));
    const damaged = setValues(model, 'bn1.weight', (all) => all.toReversed());
    scratch().write('permuted.onnx', writeModel(damaged));
    const { status, stdout } = await check('cut.onnx', 'permuted.onnx', file, '--no-verify');
    expect(status).to.equal(1);
    expect(stdout).to.match(/^error unreadable: not an ONNX file, or a damaged one/m);
    expect(stdout).to.match(/^error channels-permuted: bn1.weight: the channels of γ of BatchNormalization_1 are/m);
    expect(stdout).to.match(/^ {2}✗ parameters /m);
    expect(stdout).to.match(/^valid: /m);
    const quiet = await check('cut.onnx', 'permuted.onnx', file, '--no-verify', '--quiet');
    expect([quiet.status, quiet.stdout]).to.deep.equal([1, '']);
    expect(quiet.stderr).to.match(
      /^gn-swap: cut.onnx: [^\n]+ \(unreadable\)\. [^\n]+\ngn-swap: permuted.onnx: bn1.weight: /,
    );
  });

  it('exits with 2 where a file or the source is not there, or what was typed makes no sense', async () => {
    const file = await swapped(scratch(), 'opset-17');
    for (const [args, says] of [
      [['gone.onnx'], /gone.onnx: no such file/],
      [[file, '--against', 'gone.onnx'], /gone.onnx: no such file/],
      [[file, '--against', ''], /--against is empty/],
      [[file, '--inputs', 'gone.npz'], /gone.npz: no such file or folder/],
      [[], /no model given/],
      [[file, '--groups', '4'], /--groups is not an option of gn-swap check/],
    ] as const) {
      const { status, stderr } = await check(...args);
      expect(status, stderr).to.equal(2);
      expect(stderr).to.match(says);
    }
  });

  it('writes its reports, replaces earlier ones, and puts Markdown behind what is there', async () => {
    const file = await swapped(scratch(), 'opset-17');
    const reports = ['--junit', 'j.xml', '--sarif', 's.json', '--markdown', 'm.md', '--quiet', '--no-verify'];
    scratch().write('m.md', '# Before\n');
    for (const _ of [1, 2]) expect((await check(file, ...reports)).status).to.equal(0);
    expect(String(scratch().read('m.md'))).to.match(/^# Before\n### ✅ [^\n]+\n[\s\S]+\n### ✅ /);
    expect(String(scratch().read('j.xml')).match(/<testsuite /g)).to.have.lengthOf(1);
    expect(JSON.parse(String(scratch().read('s.json'))).runs).to.have.lengthOf(1);
    expect(scratch().list()).to.deep.equal(['j.xml', 'm.md', 'opset-17.gn.onnx', 'opset-17.onnx', 's.json']);
  });

  it('leaves a file alone that is no such report', async () => {
    const file = await swapped(scratch(), 'opset-17');
    const before = readFileSync(file);
    for (const option of ['--junit', '--sarif', '--markdown']) {
      const { status, stderr } = await check(file, '--no-verify', '--quiet', option, file);
      expect(status).to.equal(2);
      expect(stderr).to.match(new RegExp(`the file exists and is not such a report. Use another name with ${option}`));
    }
    expect(readFileSync(file)).to.deep.equal(before);
    const { stderr } = await check(file, '--no-verify', '--quiet', '--junit', 'no/such/j.xml');
    expect(stderr).to.match(/j.xml: cannot write the file: .*--junit/);
  });

  it('prints one document with --json, and annotations beside it', async () => {
    const file = await swapped(scratch(), 'opset-17');
    const source = scratch().path('opset-17.onnx');
    const { status, stdout, stderr } = await check(file, source, '--against', source, '--json', '--github');
    expect(status).to.equal(0);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    const [first, second] = document.results;
    expect(first).to.deep.include({ command: 'check', status: 'ok', error: null });
    expect(first.check.sites[0]).to.include({ form: 'reduce', groups: 1, recorded: true, parameters: 'unchanged' });
    expect(first.check.sites[0].verification.failed).to.deep.equal([]);
    expect(first.verification.drift).to.have.lengthOf(1);
    expect(second.check.checks.find(({ name }: { name: string }) => name === 'record').findings).to.have.lengthOf(1);
    expect(stderr).to.match(/^::notice file=[^\n]+opset-17.onnx,title=gn-swap%3A no-record::[^\n]+\n$/);
  });

  it('finds external data beside the files, changes nothing there, and tells what is missing', async () => {
    const file = await swapped(scratch(), 'external-one-file');
    const source = scratch().path('external-one-file.onnx');
    const before = scratch().list();
    const { status, stderr } = await check(file, '--against', source);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(scratch().list()).to.deep.equal(before);
    mkdirSync(scratch().path('alone'));
    copyFileSync(file, scratch().path('alone', 'model.onnx'));
    const alone = await check('alone/model.onnx', '--no-verify');
    expect(alone.status).to.equal(1);
    expect(alone.stdout).to.match(/^error data-missing: /m);
  });

  it('lets no name of a model give commands to the program that runs the job', async () => {
    const file = await swapped(scratch(), 'opset-17');
    const model = readModel(readFileSync(file));
    const { graph } = model.proto;
    const hostile = '::error::fake\n::add-mask::x\u001b[31m';
    const node = graph.node.map((it) => (it.opType === 'Relu' ? { ...it, name: hostile, opType: 'Sigmoid' } : it));
    scratch().write('hostile.onnx', writeModel(withGraph(model, { ...graph, node })));
    const { stdout } = await check('hostile.onnx', '--no-verify', '--github');
    expect(stdout).not.to.contain('\u001b');
    const commands = stdout.split('\n').filter((line) => line.trimStart().startsWith('::'));
    expect(commands).to.have.lengthOf(1);
    expect(commands[0]).to.match(/^::error file=hostile.onnx,title=gn-swap%3A node-changed::/);
  });
});

describe('gn-swap, for CI', () => {
  const scratch = useScratch();

  it('reports a swap in the same formats', async () => {
    const file = scratch().fixture('opset-17');
    const { status, stdout } = await cli(
      [file, '--max-drift', '1e-9', '--junit', 'j.xml', '--sarif', 's.json', '--github'],
      { cwd: scratch().folder },
    );
    expect(status).to.equal(1);
    expect(stdout).to.match(/^::error file=[^\n]+,title=gn-swap%3A drift::/m);
    expect(String(scratch().read('j.xml'))).to.match(/<testcase name="reference: BatchNormalization_1"[^>]*\/>/);
    expect(String(scratch().read('j.xml'))).to.match(/<failure type="drift"/);
    expect(JSON.parse(String(scratch().read('s.json'))).runs[0].results).to.have.lengthOf(1);
  });
});
