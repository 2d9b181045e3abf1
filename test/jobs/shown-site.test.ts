import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import type { Outcome } from '../../src/jobs/outcome.ts';
import { madeInputs } from '../support/calibration.ts';
import { swapOutcome } from '../support/outcomes.ts';
import { useScratch } from '../support/scratch.ts';
import { modelOf } from '../support/swapped.ts';

describe('the site that a report shows', () => {
  const scratch = useScratch();
  const ops = (nodes: NonNullable<Outcome['shown']>['before'] = []) => nodes.map(({ op }) => op);

  it('is the one whose answers differ most; nodes that one side alone has are told from the others', async () => {
    const { shown, verification, error } = await swapOutcome(scratch(), 'two-bn-one-input', { report: ['r.html'] });
    expect(error).to.equal(undefined);
    const seen = verification?.observed?.sites ?? [];
    const most = Math.max(...seen.map(({ relative }) => relative));
    expect(shown?.why).to.equal('differs');
    expect(shown?.site).to.equal(seen.find(({ relative }) => relative === most)?.name);
    expect(ops(shown?.before)).to.include('BatchNormalization');
    expect(ops(shown?.before.filter(({ isOwn }) => isOwn))).to.deep.equal(['BatchNormalization']);
    expect(ops(shown?.after)).to.include('Sqrt').and.not.include('BatchNormalization');
    for (const [index, { reads }] of (shown?.after ?? []).entries())
      for (const from of reads) expect(from).to.be.below(index);
  });

  it('shows the Conv that stays before a folded norm, and the first site if nothing was run', async () => {
    const values = madeInputs(modelOf(fixtureNamed('folded-conv')), 4);
    const inputs = scratch().write('in.npz', writeNpz(new Map(Object.entries(values))));
    const folded = await swapOutcome(scratch(), 'folded-conv', {
      sites: 'folded',
      calibrate: inputs,
      report: ['r.html'],
    });
    expect(folded.error).to.equal(undefined);
    expect(ops(folded.shown?.before.filter(({ isOwn }) => !isOwn))).to.include('Relu');
    expect(ops(folded.shown?.after)).to.include('Conv').and.include('Sqrt');
    const unrun = await swapOutcome(scratch(), 'rank-4', { report: ['r.html'], 'no-verify': true });
    expect(unrun.shown?.why).to.equal('first');
    expect((await swapOutcome(scratch(), 'rank-4', {})).shown).to.equal(undefined);
  });
});
