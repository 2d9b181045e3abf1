import { expect } from 'chai';
import { fixtureNamed } from '../../../fixtures/index.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { madeInputs } from '../../support/calibration.ts';
import { cli } from '../../support/cli.ts';
import { WITHOUT_NATIVE_RUNTIME, WITHOUT_RUNTIME } from '../../support/preload.ts';
import { useScratch } from '../../support/scratch.ts';
import { modelOf } from '../../support/swapped.ts';

const NOTE =
  /^gn-swap: onnxruntime-node is missing, so onnxruntime-web ran the model, which is slower\. To mend it: [^\n]+\n$/;

describe('without onnxruntime-node, with onnxruntime-web', () => {
  const scratch = useScratch();
  const before = WITHOUT_NATIVE_RUNTIME;

  it('a swap is verified all the same, writes the same bytes, and says on stderr that it was slower', async () => {
    const model = scratch().fixture('rank-4');
    const { status, stdout, stderr } = await cli([model], { before });
    expect(status, stderr).to.equal(0);
    expect(stderr).to.match(NOTE);
    expect(stdout).to.match(/✓ Correct: 1 norm matches/);
    await cli([model, '-o', scratch().path('native.onnx')]);
    expect(scratch().read('rank-4.gn.onnx').equals(scratch().read('native.onnx'))).to.equal(true);
  });

  it('weights in other files are handed over with the model, and calibration runs', async () => {
    const model = scratch().fixture('external-two-files');
    const values = madeInputs(modelOf(fixtureNamed('external-two-files')), 3);
    const inputs = scratch().write('in.npz', writeNpz(new Map(Object.entries(values))));
    const { status, stdout, stderr } = await cli([model, '--calibrate', inputs], { before });
    expect(status, stderr).to.equal(0);
    expect(stderr).to.match(NOTE);
    expect(stdout)
      .to.match(/calibrated on 2 inputs/)
      .and.match(/✓ loads/);
  });

  it('nothing is said if nothing was run, or with --quiet', async () => {
    const model = scratch().fixture('rank-4');
    for (const args of [
      ['inspect', model],
      [model, '--no-verify'],
      [model, '--quiet', '--force'],
    ]) {
      expect((await cli(args, { before })).stderr, args.join(' ')).to.equal('');
    }
  });

  it('the report names the runtime that took part', async () => {
    const model = scratch().fixture('rank-4');
    await cli([model, '--report', scratch().path('r.md')], { before });
    expect(scratch().read('r.md').toString()).to.match(/- ONNX Runtime: [\d.]+ \(WebAssembly\)/);
  });

  it('neither installed is an error that names both', async () => {
    const { status, stderr } = await cli([scratch().fixture('rank-4')], { before: WITHOUT_RUNTIME });
    expect(status).to.equal(2);
    expect(stderr)
      .to.match(/onnxruntime-node is not installed/)
      .and.match(/npm install -g onnxruntime-web/);
  });
});
