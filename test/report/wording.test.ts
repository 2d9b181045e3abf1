import { expect } from 'chai';
import { countLeft, driftedOn, fedOn, notesOf, planWarnings, trainingNote } from '../../src/report/wording.ts';
import { inspectOutcome, swapOutcome } from '../support/outcomes.ts';
import { useScratch } from '../support/scratch.ts';

describe('what reports say in the same words', () => {
  const scratch = useScratch();

  it('a note is told once, with the sites that it is on', async () => {
    const { plan } = await inspectOutcome(scratch(), 'two-bn-one-input', { groups: '7' });
    if (plan === undefined) throw new RangeError('not planned');
    expect(notesOf(plan)).to.deep.equal([
      { note: '32 channels cannot be split into 7 groups; using 4', names: plan.sites.map(({ site }) => site.name) },
    ]);
    expect(trainingNote(plan)).to.equal(undefined);
  });

  it('sites that answered by their batch are counted', async () => {
    const { plan } = await inspectOutcome(scratch(), 'training-unused-outputs');
    expect(plan && trainingNote(plan)).to.match(/^1 site used batch statistics/);
  });

  it('statistics that are 0 everywhere are warned of once, with what to do', async () => {
    const warning = async (name: string, raw = {}) => {
      const { plan } = await inspectOutcome(scratch(), name, raw);
      return plan && planWarnings(plan)[0];
    };
    expect(await warning('variance-all-zero')).to.match(
      /^the running variance is 0 in every channel of BatchNormalization_1: .* Solve γ and β from data: --calibrate DIR/,
    );
    expect(await warning('variance-zero')).to.equal(undefined);
    // A fixed norm computes what the source does: data change nothing.
    expect(await warning('variance-all-zero', { to: 'frozen' })).not.to.contain('--calibrate');
  });

  it('Conv that are no candidates are not left', async () => {
    const { plan } = await inspectOutcome(scratch(), 'folded-mobile', { sites: 'all' });
    expect(plan?.refusals.some(({ code }) => code === 'not-folded')).to.equal(true);
    expect(plan && countLeft(plan)).to.equal(plan?.refusals.filter(({ code }) => code !== 'not-folded').length);
  });

  it('inputs are made, given, or those of the calibration', async () => {
    const { verification } = await swapOutcome(scratch(), 'rank-4');
    if (verification === undefined) throw new RangeError('not verified');
    expect(fedOn(verification, undefined)).to.equal('random input (seed 0): x [2, 3, 4, 4]');
    expect(fedOn({ ...verification, inputs: 'given' }, undefined)).to.equal('the given inputs: x [2, 3, 4, 4]');
    expect(driftedOn(undefined, 'made')).to.contain('--calibrate');
    expect(driftedOn(undefined, 'given')).to.equal(' on the given inputs');
  });
});
