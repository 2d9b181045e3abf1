import { expect } from 'chai';
import { fixtureNamed } from '../../../fixtures/index.ts';
import { callOptions } from '../../../src/call/arguments.ts';
import { compareFile } from '../../../src/cli/compare.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import type { Compared } from '../../../src/jobs/compare.ts';
import type { OnProgress } from '../../../src/jobs/job.ts';
import { madeInputs } from '../../support/calibration.ts';
import { cli, interrupted } from '../../support/cli.ts';
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
    expect(stdout).to.match(/^norm +groups +sites +relative +cosine +kept +time +trains at batch 1$/m);
    expect(stdout).to.match(/^group +8 +1 /m);
    expect(stdout).to.match(/^batch +– +1 /m);
    expect(stdout).to.match(/^solved on 4 inputs of .*in\.npz, measured on 1 other \(seed 0\)$/m);
    expect(scratch().list()).to.deep.equal(['in.npz', 'rank-4.onnx']);
  });

  it('prints a document that keeps to the schema, with the reason where a norm is refused', async () => {
    const [model, inputs] = files('map-1x1');
    const { status, stdout } = await cli(['compare', model, '--calibrate', inputs, '--json']);
    expect(status).to.equal(0);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    expect(document.results[0].comparedOn).to.deep.equal({
      ...{ path: inputs, pictures: null, skipped: [], seed: 0 },
      ...{ solvedOn: 4, heldOut: 1 },
    });
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

  it('leaves nothing behind on Ctrl-C in the midst of it', async () => {
    const [model, inputs] = files('external-two-files');
    const before = scratch().list();
    // What is made for the runtime lies beside its data.
    const { status, stdout, stderr } = await interrupted(['compare', model, '--calibrate', inputs], scratch().folder);
    expect([status, stdout]).to.deep.equal([130, '']);
    expect(stderr).to.equal('\ngn-swap: interrupted; unfinished files are removed.\n');
    expect(scratch().list()).to.deep.equal(before);
  });

  it('says how far it is', async () => {
    const [model, inputs] = files('map-1x1');
    const told: Parameters<OnProgress>[] = [];
    const { comparison } = await compareFile(model, callOptions({ calibrate: inputs }), (...all) => told.push(all));
    const rows = comparison?.map(({ norm, groups }) => (groups === null ? norm : `${norm} ${groups}`));
    expect(told).to.deep.equal(rows?.map((step, index) => [step, index, rows.length]));
  });

  it('measures the same with little memory', async () => {
    const [model, inputs] = files('rank-4');
    const drifts = async (...options: string[]) => {
      const { status, stdout } = await cli(['compare', model, '--calibrate', inputs, '--json', ...options]);
      expect(status).to.equal(0);
      const rows: Compared[] = JSON.parse(stdout).results[0].comparison;
      return rows.map(({ drift }) => drift[0]?.relative ?? 0);
    };
    const [plenty, little] = await Promise.all([drifts(), drifts('--memory', '1')]);
    expect(plenty).to.have.length.above(8);
    // Sums of float32 in another order, of what is about 1.
    for (const [row, figure] of plenty.entries()) expect(little[row], `row ${row}`).to.be.closeTo(figure, 1e-5);
    const { status, stderr } = await cli(['compare', model, '--calibrate', inputs, '--memory', 'little']);
    expect(status).to.equal(2);
    expect(stderr).to.match(/--memory is "little"\. Use a size such as/);
  });

  it('wants inputs', async () => {
    const { status, stderr } = await cli(['compare', scratch().fixture('rank-4')]);
    expect(status).to.equal(2);
    expect(stderr).to.match(/compare needs inputs to measure on\. Use --calibrate DIR with a few inputs/);
  });
});
