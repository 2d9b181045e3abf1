import { expect } from 'chai';
import picocolors from 'picocolors';
import { GnSwapError } from '../../src/errors.ts';
import type { CalibrationFacts, Outcome } from '../../src/jobs/outcome.ts';
import { renderText } from '../../src/report/text.ts';
import { inspectOutcome, swapOutcome } from '../support/outcomes.ts';
import { useScratch } from '../support/scratch.ts';

const plain = { colors: picocolors.createColors(false), verbose: false };
const coloured = { colors: picocolors.createColors(true), verbose: false };
const text = (outcome: Outcome, verbose = false) => renderText(outcome, { ...plain, verbose });

describe('renderText', () => {
  const scratch = useScratch();

  it('shows the file, a table of sites, the checks, the drift and what was written', async () => {
    const outcome = await swapOutcome(scratch(), 'rank-4');
    const lines = text(outcome).split('\n');
    expect(lines[0]).to.match(/rank-4\.onnx: opset 17, 4\.\d kB, from gn-swap fixtures$/);
    expect(lines[1]).to.equal('✓ Correct: 1 norm matches its float64 reference in ONNX Runtime');
    expect(lines[2]).to.match(
      /^! Behaviour kept: not measured; random input .* gn-swap .*rank-4\.onnx --calibrate DIR$/,
    );
    expect(lines[3]).to.match(/^– Latency: × [\d.]+ \([\d.]+ ms → [\d.]+ ms per run on this machine\)$/);
    expect(lines[5]).to.match(/^site +op +type +channels +groups +form +init +error +bound$/);
    expect(lines[6]).to.match(
      /^BatchNormalization_1 +BatchNormalization +float32 +32 +\d+ +reduce +statistics +\d\.\de-\d +\d\.\de-\d$/,
    );
    expect(lines[8]).to.equal('verified in ONNX Runtime on random input (seed 0): x [2, 3, 4, 4]');
    const checks = lines.filter((line) => line.startsWith('  ✓')).map((line) => line.split(/ +/)[2]);
    expect(checks).to.deep.equal(['interface', 'loads', 'runs', 'reference', 'independence', 'forms']);
    expect(text(outcome)).not.to.contain('drift from the source');
    expect(lines.at(-1)).to.match(
      /^wrote .*rank-4\.gn\.onnx, \d+(\.\d)? kB: 1 site, verified \(read \d+ ms, .*verify .*\)$/,
    );
  });

  it('shows the figures of every check where asked to', async () => {
    const outcome = await swapOutcome(scratch(), 'if-own-parameters');
    expect(text(outcome)).not.to.contain('other forms');
    const verbose = text(outcome, true);
    expect(verbose).to.match(/error +bound +alone +other forms/);
    expect(verbose).to.match(/instance \d\.\de[-+]\d, instance-conv \d\.\de[-+]\d \(random input\)/);
  });

  it('marks what failed, in red where there are colours, and says that nothing was written', async () => {
    const outcome = await swapOutcome(scratch(), 'rank-4', { 'max-drift': 1e-9 });
    expect(text(outcome)).to.match(/\n {2}✗ drift +output "Relu_2_out" drifts by /);
    expect(text(outcome)).to.contain('1 site: a check failed, so nothing was written');
    expect(renderText(outcome, coloured)).to.contain('\u001b[31m  ✗ drift');
  });

  it('reddens the row of a site that failed', async () => {
    const outcome = await swapOutcome(scratch(), 'rank-4', { 'max-drift': 9 });
    const { verification } = outcome;
    if (verification === undefined) throw new RangeError('not verified');
    const sites = verification.sites.map((it) => ({ ...it, failed: ['reference'] as const }));
    const shown = renderText({ ...outcome, verification: { ...verification, sites } }, coloured);
    expect(shown).to.contain('\u001b[31mBatchNormalization_1 ');
  });

  it('says what was left, why, and what to do; and only that it was where the user wanted it', async () => {
    const refused = text(await inspectOutcome(scratch(), 'spatial-0'));
    expect(refused).to.contain(
      'left: BatchNormalization_1: spatial=0, and its parameters have the shape [32,4,4]: one per position. It stays as it is',
    );
    expect(refused).to.match(/would swap 0 sites, 1 left as it is \(/);
    const excluded = text(await swapOutcome(scratch(), 'two-bn-one-input', { exclude: ['_1$'], 'no-verify': true }));
    expect(excluded).to.match(/left: BatchNormalization_1: left out by --include or --exclude\n/);
    expect(excluded).to.match(/: 1 site, 1 left as it is, not verified \(/);
  });

  it('notes groups that were not as asked once for all sites, and training mode', async () => {
    const rounded = text(await swapOutcome(scratch(), 'two-bn-one-input', { groups: '7', 'no-verify': true }));
    expect(rounded).to.contain('note: 32 channels cannot be split into 7 groups; using 4 (2 sites)');
    const training = text(await swapOutcome(scratch(), 'training-unused-outputs', { 'no-verify': true }));
    expect(training).to.contain('note: 1 site used batch statistics (training_mode=1)');
  });

  it('tells a look from a job, and counts Conv that a norm was folded into', async () => {
    const look = text(await inspectOutcome(scratch(), 'rank-4'));
    expect(look).to.match(/would swap 1 site \(read \d+ ms, find \d+ ms\)$/);
    expect(text(await inspectOutcome(scratch(), 'folded-conv'))).to.match(
      /would swap 0 sites; 1 Conv layer appears to have absorbed a BatchNormalization/,
    );
    expect(text(await swapOutcome(scratch(), 'rank-4', { 'dry-run': true }))).to.match(/would write 1 site \(/);
  });

  it('says that norms were folded in elsewhere, where they are not rewritten and could be', async () => {
    const outcome = (options: object) => swapOutcome(scratch(), 'folded-beside-bn', { 'no-verify': true, ...options });
    expect(text(await outcome({}))).to.contain(
      'note: 1 Conv layer appears to have absorbed a BatchNormalization. To add a norm there too: ',
    );
    expect(text(await outcome({ to: 'frozen', force: true }))).not.to.contain('absorbed');
    expect(text(await swapOutcome(scratch(), 'rank-4', { 'no-verify': true }))).not.to.contain('absorbed');
  });

  it('says what became of external data', async () => {
    const outcome = await swapOutcome(scratch(), 'external-two-files');
    expect(text(outcome)).to.contain(', verified; 2 files of external data left in place (');
  });

  it('escapes names, of files, sites, inputs, outputs and in reasons', async () => {
    const evil = 'a\u001b[2J\nb';
    const outcome = await swapOutcome(scratch(), 'two-bn-one-input', { exclude: ['_1$'] });
    const { plan, verification, model } = outcome;
    if (plan === undefined || verification === undefined || model === undefined) throw new RangeError('not done');
    const sites = plan.sites.map((it) => ({ ...it, notes: ['note'], site: { ...it.site, name: evil, path: evil } }));
    const refusals = plan.refusals.flatMap((it) => [
      { ...it, name: evil, path: evil, reason: evil, remedy: evil },
      { ...it, name: evil, code: 'rank' as const, reason: evil, remedy: evil },
    ]);
    const shown = text({
      ...outcome,
      file: evil,
      output: evil,
      model: { ...model, producer: evil },
      plan: { ...plan, sites, refusals },
      verification: {
        ...verification,
        inputDims: { [evil]: [1] },
        checks: verification.checks.map((it) => ({ ...it, detail: evil })),
        drift: verification.drift.map((it) => ({ ...it, output: evil })),
      },
    });
    expect(shown).not.to.contain('\u001b');
    for (const line of shown.split('\n')) expect(line).not.to.match(/^b/);
    expect(shown.split('a\\u{1b}[2J\\u{a}b').length).to.be.above(12);
  });

  it('shows drift that is not finite, none at all, classes and maps', async () => {
    const outcome = await swapOutcome(scratch(), 'rank-4', { 'max-drift': 9 });
    const { verification } = outcome;
    if (verification === undefined) throw new RangeError('not verified');
    const [drift] = verification.drift;
    if (drift === undefined) throw new RangeError('no drift');
    const with_ = (changes: Partial<typeof drift>) =>
      text({ ...outcome, verification: { ...verification, drift: [{ ...drift, ...changes }] } });
    expect(with_({ max: Number.NaN, relative: Number.POSITIVE_INFINITY })).to.match(
      /Relu_2_out +not finite .*not finite/,
    );
    expect(with_({ sqnr: null })).to.contain('none differs');
    expect(with_({ argmax: 0.985, overlap: 0.5 })).to.match(/98\.5 % +50\.0 %/);
    expect(with_({ argmax: null, overlap: null })).to.match(/– +–/);
    expect(text({ ...outcome, verification: { ...verification, drift: [] } })).not.to.contain('drift from the source');
  });

  it('shows what was calibrated on, what was skipped, and advice', async () => {
    const outcome = await swapOutcome(scratch(), 'rank-4', { 'no-verify': true });
    const calibration: CalibrationFacts = {
      path: 'photos\u0007',
      pictures: 'their own size',
      solvedOn: 4,
      heldOut: 1,
      measured: false,
      seed: 0,
      fits: [
        {
          name: 'BatchNormalization_1',
          r2: 0.75,
          fallbacks: 20,
          channels: 32,
          groups: [
            { groups: 1, r2: 0.7 },
            { groups: 2, r2: 0.75 },
          ],
        },
      ],
      mismatch: { shift: 3, spread: 1 },
      reading: { order: { given: 0.1, reversed: 0.4, samples: 3 } },
      skipped: ['a', 'b', 'c', 'd'].map((file) => ({ file, reason: 'no picture' })),
    };
    const shown = text({ ...outcome, calibration });
    expect(shown).to.contain(
      'calibrated on 4 inputs of photos\\u{7}, 1 held out (seed 0): mean R² 0.750; of 32 channels, 20 could not be fitted and use running statistics',
    );
    expect(shown).to.contain('pictures read as their own size\nthe channel order fits the training data');
    expect(shown).to.contain('skipped: 4 files (a: no picture; b: no picture; c: no picture; …)');
    expect(shown.match(/^warning: /gm)).to.have.length(2);
    expect(shown).to.match(/BatchNormalization_1 .* 0\.750$/m);
    const verbose = text({ ...outcome, calibration }, true);
    expect(verbose).to.contain('R² by groups at BatchNormalization_1: 1: 0.700, 2: 0.750');
    expect(verbose).to.contain('d: no picture)');
  });

  it('shows what is known of a job that failed: the file alone', () => {
    const error = new GnSwapError('unreadable', 'it is gone');
    expect(text({ file: 'a.onnx', command: 'swap', timings: {}, error })).to.equal('a.onnx');
  });
});
