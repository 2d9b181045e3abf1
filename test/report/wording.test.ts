import { expect } from 'chai';
import type { CalibrationFacts } from '../../src/jobs/outcome.ts';
import {
  comparedOn,
  countLeft,
  driftedOn,
  earlyNote,
  fedOn,
  foldedNote,
  movedText,
  notesOf,
  planWarnings,
  trainingNote,
  trainsNote,
} from '../../src/report/wording.ts';
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

  it('a norm without statistics is named, others are counted, and what follows depends on the norm', async () => {
    const { plan } = await inspectOutcome(scratch(), 'variance-all-zero');
    if (plan === undefined) throw new RangeError('not planned');
    const lost = plan.sites.filter(({ site }) => site.statistics.variance.every((it) => it === 0));
    const [first] = lost;
    const [warning] = planWarnings({ ...plan, sites: [...lost, ...lost] });
    expect(warning).to.include(`in every channel of ${first?.site.name} and 1 other site: never trained, or lost`);
    const solved = lost.map((it) => ({ ...it, init: 'calibrate' as const }));
    expect(planWarnings({ ...plan, sites: solved })[0]).to.match(
      /γ and β were solved from the data, to match a source/,
    );
    // The statistics that a batch norm has of its own come from data in any case.
    expect(planWarnings({ ...plan, norm: 'batch', sites: lost })[0]).to.match(/are meaningless$/);
  });

  it('nodes that read too early are counted', async () => {
    const { plan } = await inspectOutcome(scratch(), 'rank-4');
    if (plan === undefined) throw new RangeError('not planned');
    expect(earlyNote(plan)).to.equal(undefined);
    expect(earlyNote({ ...plan, early: 1 })).to.match(/^1 node of the source reads a value/);
    expect(earlyNote({ ...plan, early: 2 })).to.match(/^2 nodes of the source read a value/);
  });

  it('what trains in the program that a file is for is counted, and three of what does not are named', async () => {
    const { plan } = await inspectOutcome(scratch(), 'rank-4');
    if (plan === undefined) throw new RangeError('not planned');
    const note = (buffers: readonly string[], sites = plan.sites) =>
      trainsNote({ ...plan, sites, trains: { reader: 'PyTorch', parameters: ['w', 'v'], buffers } });
    const count = plan.sites.length === 1 ? '1 norm' : `${plan.sites.length} norms`;
    expect(trainsNote(plan)).to.equal(undefined);
    expect(note([])).to.equal(`in PyTorch, γ and β of ${count}, and 2 other tensors of Conv, Gemm and norms train`);
    expect(note(['a', 'b', 'c'])).to.match(/which become buffers: a, b, c$/);
    expect(note(['a', 'b', 'c', 'd'])).to.match(/not 4 tensors .* which become buffers: a, b, c, …$/);
    const folded = plan.sites.map((it) => ({ ...it, form: 'fold' }));
    expect(note([], folded)).to.equal('in PyTorch, 2 other tensors of Conv, Gemm and norms train');
    expect(note([], [])).to.equal(undefined);
  });

  it('Conv that took a norm in are told of once, with the data that was given already', async () => {
    const outcome = await inspectOutcome(scratch(), 'rank-4');
    const told = (foldedConv: number, typed: readonly string[] = []) =>
      foldedNote({ ...outcome, command: 'swap', foldedConv, typed });
    expect(told(0)).to.equal(undefined);
    expect(told(1)).to.match(/^1 Conv layer appears .* To add a norm there too: --sites all --calibrate DIR$/);
    expect(told(2, ['model.onnx', '--calibrate'])).to.match(/^2 Conv layers appear .* norms there too: --sites all$/);
    expect(foldedNote({ ...outcome, command: 'inspect', foldedConv: 2 })).to.equal(undefined);
  });

  it('drift says on what it was measured', async () => {
    const { plan, calibration } = await inspectOutcome(scratch(), 'rank-4');
    const facts = (more: object) => ({ ...calibration, ...more }) as unknown as CalibrationFacts;
    expect(driftedOn(facts({ measured: false }), 'made')).to.match(/random input .* --inputs FILE\.npz/);
    expect(driftedOn(undefined, 'made', plan && { ...plan, norm: 'frozen' })).to.equal(
      ' (random input; --inputs FILE.npz uses real input)',
    );
    expect(driftedOn(facts({ measured: true, heldOut: 0 }), 'given')).to.match(/also used for solving$/);
    expect(driftedOn(facts({ measured: true, heldOut: 3 }), 'given')).to.equal(' on 3 held-out inputs');
    expect([comparedOn('made'), comparedOn('given')].map((it) => it.includes('random'))).to.deep.equal([true, false]);
    expect(movedText(facts({}))).to.equal(undefined);
    expect(movedText(facts({ moved: { shift: 0.25, spread: 1.5 } }))).to.equal(
      'μ moved by 0.25 σ and σ changed by a factor of 1.50 (medians over channels)',
    );
  });
});
