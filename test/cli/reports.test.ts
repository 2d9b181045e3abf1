import { linkSync } from 'node:fs';
import { expect } from 'chai';
import { cli } from '../support/cli.ts';
import { WITHOUT_CHARTS } from '../support/preload.ts';
import { useScratch } from '../support/scratch.ts';

describe('--report', () => {
  const scratch = useScratch();
  const run = (...args: string[]) => cli(args, { cwd: scratch().folder });

  it('writes a page and its Markdown twin, and says so', async () => {
    scratch().fixture('rank-4');
    const { status, stdout, stderr } = await run('rank-4.onnx', '--report', 'r.html', '--report', 'r.md');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/\nwrote r\.html, \d+ kB\nwrote r\.md, [\d.]+ kB\n$/);
    expect(scratch().list()).to.deep.equal(['r.html', 'r.md', 'rank-4.gn.onnx', 'rank-4.onnx']);
    expect(scratch().read('r.html').toString()).to.match(/<dt>Command<\/dt><dd>gn-swap rank-4\.onnx --report r\.html /);
    const text = scratch().read('r.md').toString();
    for (const part of ['### Latency', '### Drift of the sites', '- ONNX Runtime: 1.', '| --seed | 0 |']) {
      expect(text).to.contain(part);
    }
  });

  it('prints the same JSON, and nothing more, where that is asked for', async () => {
    scratch().fixture('rank-4');
    const { stdout } = await run('rank-4.onnx', '--report', 'r.md', '--json', '--force');
    expect(JSON.parse(stdout).results).to.have.length(1);
    expect((await run('rank-4.onnx', '--report', 'r.md', '--quiet', '--force')).stdout).to.equal('');
  });

  it('tells of failures and of errors too, one page for all models', async () => {
    for (const name of ['rank-4', 'no-bn']) scratch().fixture(name);
    const options = ['--max-drift', '1e-9', '-o', 'out', '--report', 'r.html', '--report', 'r.md', '--quiet'];
    const { status, stderr } = await run('rank-4.onnx', 'no-bn.onnx', ...options);
    expect([status, stderr.match(/^gn-swap: /gm)?.length]).to.deep.equal([2, 2]);
    const text = scratch().read('r.md').toString();
    expect(text).to.match(/^\*\*✗ Behaviour: output .Relu\\?_2\\?_out. drifts by .*; nothing was written\*\*$/m);
    expect(text.match(/^\*\*✗ Error.*\*\*$/gm)).to.deep.equal(['**✗ Error: nothing was written**']);
    expect(scratch().read('r.html').toString()).to.contain('<nav class="models" aria-label="Models">');
    expect(scratch().list()).not.to.include('out');
  });

  it('replaces nothing without --force, and finds that out before any work', async () => {
    scratch().fixture('rank-4');
    scratch().write('r.html', 'mine');
    const { status, stderr } = await run('rank-4.onnx', '--report', 'r.html');
    expect([status, stderr]).to.deep.equal([
      2,
      'gn-swap: r.html: the file exists already. Use --force to replace it, or another name with --report.\n',
    ]);
    expect(scratch().list()).to.deep.equal(['r.html', 'rank-4.onnx']);
    expect((await run('rank-4.onnx', '--report', 'r.html', '--force', '--no-verify')).status).to.equal(0);
    expect(scratch().read('r.html').toString()).to.match(/^<!doctype html>/);
  });

  it('never writes over what is read or else written, also with --force', async () => {
    const model = scratch().fixture('rank-4', 'model.html');
    linkSync(model, scratch().path('link.html'));
    for (const [report, what] of [
      ['model.html', 'it is an input'],
      ['link.html', 'it is an input'],
      ['out.html', 'another output has the same name'],
      ['twice.md', 'another output has the same name'],
    ] as const) {
      const more = ['-o', 'out.html', '--report', report, '--report', report === 'twice.md' ? './twice.md' : 'b.md'];
      const { status, stderr } = await run('model.html', '--force', ...more);
      expect([status, stderr.split(/: |,/)[2]?.trim().replace(/\..*/, '')]).to.deep.equal([2, what]);
    }
    expect(scratch().list()).to.deep.equal(['link.html', 'model.html']);
  });

  it('refuses names that are no format, and none at all', async () => {
    scratch().fixture('rank-4');
    for (const name of ['report.pdf', 'report']) {
      const { status, stderr } = await run('rank-4.onnx', '--report', name);
      expect([status, stderr]).to.deep.equal([
        2,
        `gn-swap: --report is "${name}". Use a name that ends in .html, .md or .json.\nTry: gn-swap rank-4.onnx --report report.html\n`,
      ]);
    }
    expect((await run('rank-4.onnx', '--report', '')).stderr).to.equal(
      'gn-swap: --report is "". Use a name that ends in .html, .md or .json.\nTry: gn-swap rank-4.onnx --report report.html\n',
    );
  });

  it('is written in a dry run, and without verification', async () => {
    scratch().fixture('rank-4');
    expect((await run('rank-4.onnx', '--dry-run', '--report', 'a.md')).status).to.equal(0);
    expect(scratch().read('a.md').toString()).to.contain('**Dry run: 1 norm would be swapped**');
    expect((await run('rank-4.onnx', '--no-verify', '--report', 'b.html')).status).to.equal(0);
    expect(scratch().list()).to.deep.equal(['a.md', 'b.html', 'rank-4.gn.onnx', 'rank-4.onnx']);
  });

  it('draws with what no other call loads', async () => {
    scratch().fixture('rank-4');
    const options = { cwd: scratch().folder, before: WITHOUT_CHARTS };
    expect((await cli(['rank-4.onnx', '--report', 'r.md'], options)).status).to.equal(0);
    const drawn = await cli(['rank-4.onnx', '--force', '--report', 'r.html'], options);
    expect(drawn.status).to.equal(2);
    expect(drawn.stderr).to.contain('not found: ');
  });

  it('tells what a check found, against the source', async () => {
    scratch().fixture('bn-after-bn');
    scratch().fixture('rank-4');
    await run('bn-after-bn.onnx');
    const options = ['--report', 'r.md', '--report', 'r.html', '--force'];
    const { status, stdout } = await run('check', 'bn-after-bn.gn.onnx', '--against', 'bn-after-bn.onnx', ...options);
    expect(status).to.equal(0);
    expect(stdout).to.match(/\nwrote r\.md, [^\n]+\nwrote r\.html, [^\n]+\n$/);
    const text = scratch().read('r.md').toString();
    for (const part of [
      '**✓ Valid: 2 norms**',
      '- Against: bn-after-bn.onnx',
      '### Drift of the sites',
      '### Latency',
    ]) {
      expect(text).to.contain(part);
    }
    expect(text).not.to.contain('### Findings');
    expect((await run('check', 'bn-after-bn.gn.onnx', '--against', 'rank-4.onnx', ...options)).status).to.equal(1);
    const failed = scratch().read('r.md').toString();
    expect(failed).to.match(/\*\*✗ Failed: source, .*\*\*/);
    expect(failed).to.match(/### Findings\n\n\d+ findings:\n\n.*\n.*\n\| rank-4\.onnx \| error \| other-source \|/);
    expect(scratch().read('r.html').toString()).to.contain('<section id="findings"');
  });

  it('of a check is written over nothing that it reads or else writes', async () => {
    scratch().fixture('rank-4', 'model.md');
    for (const more of [
      ['model.md', '--report', 'model.md'],
      ['model.md', '--junit', 'r.md', '--report', 'r.md'],
    ]) {
      expect((await run('check', ...more, '--force')).status).to.equal(2);
    }
    expect((await run('model.md', '--sarif', 'r.md', '--report', 'r.md', '--force')).status).to.equal(2);
    expect(scratch().list()).to.deep.equal(['model.md']);
  });
});
