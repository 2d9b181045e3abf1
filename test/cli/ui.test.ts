import { expect } from 'chai';
import { cli } from '../support/cli.ts';
import { ON_A_TERMINAL } from '../support/preload.ts';
import { useScratch } from '../support/scratch.ts';

const ESCAPE = '\u001b[';
const BOLD = `${ESCAPE}1m`;

describe('output', () => {
  const scratch = useScratch();
  const inspect = (options: Parameters<typeof cli>[1] = {}, ...more: string[]) =>
    cli(['inspect', scratch().fixture('rank-4'), ...more], options);

  it('is coloured on a terminal alone, and not where NO_COLOR is set', async () => {
    const plain = await inspect();
    expect(plain.stdout).not.to.contain(ESCAPE);
    const terminal = { before: ON_A_TERMINAL, env: { TERM: 'xterm' } };
    expect((await inspect(terminal)).stdout).to.contain(BOLD);
    const without = await inspect({ ...terminal, env: { TERM: 'xterm', NO_COLOR: '1' } });
    const sameButForTimes = (text: string) => text.replace(/\d+(\.\d+)? m?s/g, 'T');
    expect(sameButForTimes(without.stdout)).to.equal(sameButForTimes(plain.stdout));
  });

  it('is JSON alone with --json, coloured never, and errors are in it and on stderr', async () => {
    const { stdout, stderr } = await inspect({ before: ON_A_TERMINAL, env: { TERM: 'xterm' } }, '--json');
    expect(JSON.parse(stdout).results).to.have.length(1);
    expect(stderr).to.equal('');
    const failed = await cli(['inspect', scratch().path('gone.onnx'), '--json']);
    expect(failed.status).to.equal(2);
    expect(JSON.parse(failed.stdout).results[0].error.code).to.equal('unreadable');
    expect(failed.stderr).to.match(/gone\.onnx: no such file/);
  });

  it('is nothing with --quiet, but for errors and failed checks', async () => {
    const model = scratch().fixture('rank-4');
    expect(await cli([model, '-q', '-o', scratch().path('a.onnx')])).to.deep.equal({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const failed = await cli([model, '--quiet', '--max-drift', '0', '-o', scratch().path('b.onnx')]);
    expect([failed.status, failed.stdout]).to.deep.equal([1, '']);
    expect(failed.stderr).to.match(
      /^gn-swap: .*rank-4\.onnx: drift: output "Relu_2_out" drifts by .*more than 0\. Nothing was written\. Drop --quiet/,
    );
    expect(scratch().list()).to.deep.equal(['a.onnx', 'rank-4.onnx']);
    const error = await cli([scratch().path('gone.onnx'), '-q']);
    expect([error.status, error.stdout]).to.deep.equal([2, '']);
    expect(error.stderr).to.match(/gone\.onnx/);
  });

  it('has an empty line between models', async () => {
    const models = ['a.onnx', 'b.onnx'].map((name) => scratch().fixture('rank-4', name));
    const { stdout } = await cli(['inspect', ...models]);
    expect(stdout).to.match(/\n\n\S*b\.onnx: opset/);
    expect(stdout).to.match(/[^\n]\n$/);
  });
});
