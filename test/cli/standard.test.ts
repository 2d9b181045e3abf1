import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { callOptions } from '../../src/call/arguments.ts';
import { refuseStandard, standardized, writesToStdout } from '../../src/cli/standard.ts';
import { ended, startCli } from '../support/cli.ts';
import { thrown } from '../support/errors.ts';
import { useScratch } from '../support/scratch.ts';

/** Runs gn-swap, and keeps the bytes that it prints. */
async function piped(args: readonly string[], stdin?: Uint8Array) {
  const child = startCli(args, stdin === undefined ? {} : { stdin });
  const parts: Buffer[] = [];
  child.stdout?.on('data', (part: Buffer | string) => parts.push(Buffer.from(part as string, 'latin1')));
  const end = ended(child);
  // After `ended`, which asks for text.
  child.stdout?.setEncoding('latin1');
  const { status, stderr } = await end;
  return { status, stderr, bytes: Buffer.concat(parts) };
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Folders in the one for temporary files that this or another run made. */
const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('.gn-swap-'));

describe('- for a file', () => {
  const scratch = useScratch();

  it('reads the model from stdin and writes the same bytes to stdout as to a file; messages go to stderr', async () => {
    const model = scratch().fixture('rank-4');
    const { status, stderr, bytes } = await piped(['-'], scratch().read('rank-4.onnx'));
    expect(status, stderr).to.equal(0);
    expect(stderr)
      .to.match(/^stdin: opset/)
      .and.match(/wrote stdout, .*verified/);
    await piped([model, '-o', scratch().path('to-file.onnx'), '-q']);
    expect(digest(bytes)).to.equal(digest(scratch().read('to-file.onnx')));
    expect(scratch().list()).to.deep.equal(['rank-4.onnx', 'to-file.onnx']);
  });

  it('is what the system’s own names of them stand for: a file is not put in the place of such a link', () => {
    expect(standardized({ models: ['/dev/stdin'], output: '/dev/stdout' })).to.deep.equal({
      models: ['-'],
      output: '-',
    });
    expect(standardized({ models: ['a', '/dev/fd/0'] })).to.deep.equal({ models: ['a', '-'] });
    expect(standardized({ models: ['a'], output: '/dev/null' })).to.deep.equal({ models: ['a'], output: '/dev/null' });
  });

  it('takes a file in and stdout out, and stdin in and a folder out', async () => {
    const model = scratch().fixture('rank-4');
    const toStdout = await piped([model, '-o', '-', '-q', '--no-verify']);
    expect([toStdout.status, toStdout.stderr]).to.deep.equal([0, '']);
    const toFolder = await piped(['-', '-o', scratch().path('out/'), '--no-verify'], scratch().read('rank-4.onnx'));
    expect(toFolder.status, toFolder.stderr).to.equal(0);
    expect(scratch().list('out')).to.deep.equal(['stdin.gn.onnx']);
    expect(digest(scratch().read('out/stdin.gn.onnx'))).to.equal(digest(toStdout.bytes));
  });

  it('is taken by inspect, check and compare, which print on stdout', async () => {
    scratch().fixture('rank-4');
    const source = scratch().read('rank-4.onnx');
    const looked = await piped(['inspect', '-', '--json'], source);
    expect(JSON.parse(looked.bytes.toString()).results[0]).to.include({ file: 'stdin', status: 'ok' });
    const { bytes } = await piped(['-', '-q', '--no-verify'], source);
    const checked = await piped(['check', '-', '--no-verify'], bytes);
    expect([checked.status, checked.stderr]).to.deep.equal([0, '']);
    expect(checked.bytes.toString()).to.match(/valid: stdin/);
  });

  it('prints the plan on stdout if nothing is written', async () => {
    scratch().fixture('rank-4');
    const { status, bytes, stderr } = await piped(['-', '--dry-run'], scratch().read('rank-4.onnx'));
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(bytes.toString()).to.match(/would write \d+ site/);
  });

  it('writes nothing to stdout if a check fails, and leaves no file behind', async () => {
    scratch().fixture('rank-4');
    const before = left();
    const { status, bytes, stderr } = await piped(['-', '--max-drift', '0'], scratch().read('rank-4.onnx'));
    expect([status, bytes.length]).to.deep.equal([1, 0]);
    expect(stderr).to.match(/nothing was written/);
    expect(left().filter((name) => !before.includes(name))).to.deep.equal([]);
  });

  it('is refused if nothing comes, if it is no model, and if weights are in other files', async () => {
    const empty = await piped(['-'], new Uint8Array());
    expect([empty.status, empty.bytes.length]).to.deep.equal([2, 0]);
    expect(empty.stderr).to.equal(
      'gn-swap: stdin: it is empty. Send a model: gn-swap - < model.onnx > model.gn.onnx.\n',
    );
    const text = await piped(['-'], Buffer.from('hello'));
    expect(text.status).to.equal(2);
    expect(text.stderr).to.match(/^gn-swap: stdin: /);
    scratch().fixture('external-one-file');
    const external = await piped(['-', '--no-verify'], scratch().read('external-one-file.onnx'));
    expect([external.status, external.bytes.length]).to.deep.equal([2, 0]);
    expect(external.stderr).to.match(
      /its weights are in ".+", which stdin does not bring\. Name the file of the model/,
    );
    const outwards = await piped([scratch().path('external-one-file.onnx'), '-o', '-']);
    expect([outwards.status, outwards.bytes.length]).to.deep.equal([2, 0]);
    expect(outwards.stderr).to.match(/which cannot go to stdout\. Use --output FILE/);
  });

  it('is refused if the model would be printed on a terminal, but not if nothing is written', () => {
    const call = (raw: Record<string, unknown>) => callOptions({ models: ['model.onnx'], ...raw });
    const refused = () => refuseStandard('swap', ['model.onnx'], call({ output: '-' }), true);
    expect(thrown(refused).message).to.equal('the model would be printed on the terminal');
    refuseStandard('swap', ['model.onnx'], call({ output: '-', 'dry-run': true }), true);
    refuseStandard('swap', ['-'], call({ output: 'a.onnx' }), true);
    expect(writesToStdout('swap', ['-'], call({}))).to.equal(true);
    expect(writesToStdout('swap', ['-'], call({ output: 'a.onnx' }))).to.equal(false);
    expect(writesToStdout('inspect', ['-'], call({}))).to.equal(false);
  });
});
