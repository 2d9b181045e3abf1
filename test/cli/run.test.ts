import { expect } from 'chai';
import { cli, ended, startCli } from '../support/cli.ts';
import { useScratch } from '../support/scratch.ts';

describe('a reader that has seen enough', () => {
  const scratch = useScratch();

  for (const stream of ['stdout', 'stderr'] as const) {
    it(`of ${stream} is no error, and no reason to leave models undone`, async () => {
      const models = ['a.onnx', 'b.onnx', 'c.onnx'].map((name) => scratch().fixture('rank-4', name));
      const missing = stream === 'stderr' ? [scratch().path('gone-1.onnx'), scratch().path('gone-2.onnx')] : [];
      const child = startCli([...missing, ...models, '--no-verify', '-o', scratch().path('out')]);
      child[stream]?.destroy();
      const { status, stderr } = await ended(child);
      expect([status, stderr]).to.deep.equal([stream === 'stdout' ? 0 : 2, '']);
      expect(scratch().list('out')).to.deep.equal(['a.gn.onnx', 'b.gn.onnx', 'c.gn.onnx']);
    });
  }
});

describe('--threads', () => {
  const scratch = useScratch();

  it("limits Node's own pool as well, in which pictures are decoded", async () => {
    const before = "process.on('exit', () => process.stderr.write('pool of ' + process.env.UV_THREADPOOL_SIZE));";
    const model = scratch().fixture('rank-4', 'a.onnx');
    const run = (...more: string[]) =>
      cli([model, '-o', scratch().path('b.onnx'), '--force', '--quiet', ...more], { before });
    expect((await run('--threads', '2')).stderr).to.include('pool of 2');
    expect((await run()).stderr).to.include('pool of undefined');
  });
});
