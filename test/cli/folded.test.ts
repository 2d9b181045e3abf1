import { expect } from 'chai';
import { cli } from '../support/cli.ts';
import { writeImages } from '../support/folded.ts';
import { useScratch } from '../support/scratch.ts';

describe('gn-swap --sites', () => {
  const scratch = useScratch();

  it('needs data for what was folded: status 2, the site, and what to give; nothing is written', async () => {
    for (const [name, sites] of [
      ['folded-conv', 'folded'],
      ['folded-beside-bn', 'all'],
    ] as const) {
      const model = scratch().fixture(name);
      const { status, stderr } = await cli([model, '--sites', sites]);
      expect(status).to.equal(2);
      expect(stderr).to.match(/Conv_0: folded norms can only be rebuilt from data/);
      expect(stderr).to.match(/Use --calibrate DIR with a few inputs/);
    }
    expect(scratch().list()).to.deep.equal(['folded-beside-bn.onnx', 'folded-conv.onnx']);
  });

  it('names --sites folded where a model has nothing else', async () => {
    const { status, stderr } = await cli([scratch().fixture('folded-mobile')]);
    expect(status).to.equal(2);
    expect(stderr).to.match(/0 BatchNormalization nodes; 3 Conv layers appear to have absorbed a BatchNormalization/);
    expect(stderr).to.match(/Use --sites folded --calibrate DIR, or export the model without folding its norms/);
  });

  it('folded rewrites and verifies; a second time there is nothing to swap', async () => {
    const calibrate = writeImages(scratch(), 5);
    const options = ['--sites', 'folded', '--calibrate', calibrate];
    const first = await cli([scratch().fixture('folded-mobile'), ...options]);
    expect([first.status, first.stdout]).to.deep.equal([0, first.stdout]);
    expect(first.stdout).to.match(/: 3 sites, verified/);
    const second = await cli([scratch().path('folded-mobile.gn.onnx'), ...options]);
    expect(second.status).to.equal(2);
    expect(second.stderr).to.match(/none of the \d+ Conv layers appears to have absorbed a norm/);
  });

  it('folded goes with --include and --exclude', async () => {
    const options = ['--sites', 'folded', '--calibrate', writeImages(scratch(), 5), '--no-verify'];
    const { status, stdout } = await cli([scratch().fixture('folded-mobile'), ...options, '--exclude', '^Conv_0$']);
    expect(status).to.equal(0);
    expect(stdout).to.match(/^left: Conv_0: left out by --include or --exclude$/m);
    expect(stdout).to.match(/: 2 sites, 1 left as it is/);
  });
});
