import { expect } from 'chai';
import { cli } from '../../support/cli.ts';
import { WITHOUT_RUNTIME } from '../../support/preload.ts';
import { expectValidReport } from '../../support/report-schema.ts';
import { useScratch } from '../../support/scratch.ts';

describe('gn-swap inspect', () => {
  const scratch = useScratch();

  it('shows what would be done, and writes nothing', async () => {
    const { status, stdout, stderr } = await cli(['inspect', scratch().fixture('rank-4'), '--groups', '8']);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/BatchNormalization_1 +BatchNormalization +float32 +32 +8 +reduce +statistics\n/);
    expect(scratch().list()).to.deep.equal(['rank-4.onnx']);
  });

  it('does not need ONNX Runtime', async () => {
    const { status, stderr } = await cli(['inspect', scratch().fixture('rank-4')], { before: WITHOUT_RUNTIME });
    expect([status, stderr]).to.deep.equal([0, '']);
    const computed = await cli(['inspect', scratch().fixture('parameters-computed')], { before: WITHOUT_RUNTIME });
    expect(computed.status).to.equal(0);
    expect(computed.stdout).to.match(/left: .*: its parameters cannot be computed: onnxruntime-node is not installed/);
  });

  it('is no failure where there is nothing to do: status 0, and what the model has instead', async () => {
    const { status, stdout } = await cli(['inspect', scratch().fixture('folded-conv')]);
    expect(status).to.equal(0);
    expect(stdout).to.match(/would swap 0 sites; 1 Conv layer appears/);
  });

  it('goes on behind a file that it can’t read, and answers with status 2', async () => {
    const bad = scratch().write('bad.onnx', 'not a model');
    const { status, stdout, stderr } = await cli(['inspect', bad, scratch().fixture('rank-4'), '--json']);
    expect(status).to.equal(2);
    expect(stderr).to.match(/^gn-swap: .*bad\.onnx: not an ONNX (file|model).*\n$/);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    expect(document.results.map((result: { status: string }) => result.status)).to.deep.equal(['error', 'ok']);
  });
});
