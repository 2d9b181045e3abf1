import { expect } from 'chai';
import { fixtureNamed } from '../../../fixtures/index.ts';
import { writeNpz } from '../../../src/data/npz.ts';
import { madeInputs } from '../../support/calibration.ts';
import { cli } from '../../support/cli.ts';
import { expectValidReport } from '../../support/report-schema.ts';
import { useScratch } from '../../support/scratch.ts';
import { modelOf } from '../../support/swapped.ts';

describe('gn-swap compare', () => {
  const scratch = useScratch();

  function files(name: string): [model: string, inputs: string] {
    const values = madeInputs(modelOf(fixtureNamed(name)), 5);
    return [scratch().fixture(name), scratch().write('in.npz', writeNpz(new Map(Object.entries(values))))];
  }

  it('prints a row for every norm, and writes nothing', async () => {
    const [model, inputs] = files('rank-4');
    const { status, stdout, stderr } = await cli(['compare', model, '--calibrate', inputs]);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/^norm +groups +sites +relative +cosine +agreement +time +trains at batch 1$/m);
    expect(stdout).to.match(/^group +8 +1 /m);
    expect(stdout).to.match(/^batch +– +1 /m);
    expect(scratch().list()).to.deep.equal(['in.npz', 'rank-4.onnx']);
  });

  it('prints a document that keeps to the schema, with the reason where a norm is refused', async () => {
    const [model, inputs] = files('map-1x1');
    const { status, stdout } = await cli(['compare', model, '--calibrate', inputs, '--json']);
    expect(status).to.equal(0);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    const rows: { norm: string; refused: { reason: string } | null }[] = document.results[0].comparison;
    expect(rows.find(({ norm }) => norm === 'instance')?.refused?.reason).to.match(/single number/);
    expect(rows.find(({ norm }) => norm === 'layer')?.refused).to.equal(null);
  });

  it('finds external data beside the model, and leaves nothing there', async () => {
    const [model, inputs] = files('external-one-file');
    const before = scratch().list();
    const { status, stderr } = await cli(['compare', model, '--calibrate', inputs, '--quiet']);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(scratch().list()).to.deep.equal(before);
  });

  it('wants inputs', async () => {
    const { status, stderr } = await cli(['compare', scratch().fixture('rank-4')]);
    expect(status).to.equal(2);
    expect(stderr).to.match(/there are no inputs to compare norms on\. Give them with --calibrate/);
  });
});
