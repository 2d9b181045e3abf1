import { expect } from 'chai';
import { callOptions } from '../../src/call/arguments.ts';
import { checkFile } from '../../src/cli/check.ts';
import { driftOf, proofOf, siteNames } from '../../src/report/proof.ts';
import { swapOutcome } from '../support/outcomes.ts';
import { useScratch } from '../support/scratch.ts';

describe('what a report shows of a file that was run', () => {
  const scratch = useScratch();

  it('is that of the swap, or of the check', async () => {
    const swapped = await swapOutcome(scratch(), 'two-bn-one-input');
    expect(proofOf(swapped)).to.equal(swapped.verification);
    // On random input it means nothing, unless a limit was set.
    expect(driftOf(swapped)).to.deep.equal([]);
    const limited = await swapOutcome(scratch(), 'two-bn-one-input', { 'max-drift': 9, force: true });
    expect(driftOf(limited)).to.equal(limited.verification?.drift);
    const names = swapped.plan?.sites.map(({ site }) => site.name) ?? [];
    expect(siteNames(swapped)).to.deep.equal(names);
    const checked = await checkFile(scratch().path('two-bn-one-input.gn.onnx'), callOptions({}), undefined, () => {});
    expect(proofOf(checked)).to.equal(checked.check?.verification);
    expect(siteNames(checked)).to.have.members(names);
    // Without a source there is nothing to drift from.
    expect(driftOf(checked)).to.deep.equal([]);
  });

  it('is nothing where nothing was', () => {
    const nothing = { file: 'a.onnx', command: 'swap', timings: {} } as const;
    expect([proofOf(nothing), driftOf(nothing), siteNames(nothing)]).to.deep.equal([undefined, [], []]);
  });
});
