import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { compareFinetune } from '../../../src/jobs/compare-finetune/index.ts';
import { USUAL_ROWS } from '../../../src/jobs/compare-finetune/rows.ts';
import type { CompareFinetuneOptions, TrainingRun } from '../../../src/jobs/compare-finetune/types.ts';
import { finetune } from '../../../src/jobs/finetune.ts';
import type { TrainingFacts } from '../../../src/jobs/outcome.ts';
import { ROW_NAMES } from '../../../src/options/rows.ts';
import { trainingRefusals } from '../../../src/report/training.ts';
import { rejection } from '../../support/errors.ts';
import { classifier, labelledPictures, line, points } from '../../support/training.ts';

const train = labelledPictures(24, 1);
const held = labelledPictures(24, 2);
const test = labelledPictures(30, 3);
const options: CompareFinetuneOptions = { task: 'classify', held, test, epochs: 2, rate: 0.03, seeds: 2, seed: 1 };

describe('jobs/compare-finetune', () => {
  it('trains every row on the same samples, and measures on samples that choose nothing', async () => {
    const told: string[] = [];
    const compared = await compareFinetune(classifier(), train, {
      ...options,
      rows: ROW_NAMES,
      batches: [1, 4],
      seeds: 1,
      onProgress: (step) => told.push(step),
    });
    const { rows, runs, samples, measure, advice, interrupted } = compared;
    expect([measure, interrupted]).to.deep.equal(['accuracy', false]);
    expect(samples).to.deep.equal({ train: 24, choose: 24, measure: 30, calibrate: 24 });
    expect(rows.map(({ name, batch }) => `${name} ${batch}`)).to.deep.equal(
      [1, 4].flatMap((batch) => ROW_NAMES.map((name) => `${name} ${batch}`)),
    );
    expect(rows.filter(({ refused }) => refused !== null)).to.deep.equal([]);
    for (const { scores, before } of rows) {
      expect(scores).to.have.length(1);
      expect(before).to.be.within(0, 1);
    }
    expect(runs).to.have.length(2 * (ROW_NAMES.length - 1));
    // Two epochs of 24 samples: as many steps as there are batches in them.
    for (const { batch, steps } of runs) expect(steps).to.equal(48 / batch);
    expect(advice.map(({ batch }) => batch)).to.deep.equal([1, 4]);
    expect(told).to.include('GN calibrated, batch 4, seed 1, epoch 2');
  });

  it('scores a row as finetune scores its model, and the model as it is without training', async () => {
    const rows = ['none', 'bn-frozen'] as const;
    const { rows: compared } = await compareFinetune(classifier(), train, { ...options, rows, seeds: 1 });
    const { facts } = await finetune(classifier(), train, { ...options, test, patience: 2 });
    expect(compared[0]?.scores).to.deep.equal([facts.test?.before.value]);
    expect(compared[1]?.scores).to.deep.equal([facts.test?.after.value]);
    expect(compared[1]?.before).to.equal(facts.test?.before.value);
  });

  it('measures on half of what is held out if nothing else is given, and refuses too few', async () => {
    const rows = ['bn-frozen'] as const;
    const { samples } = await compareFinetune(classifier(), train, { ...options, test: undefined, rows, seeds: 1 });
    expect([samples.choose, samples.measure]).to.deep.equal([12, 12]);
    const few = { ...options, test: undefined, held: labelledPictures(3, 2) };
    expect(await rejection(compareFinetune(classifier(), train, few))).to.include({ code: 'invalid-data' });
  });

  it('absorbs what is multiplied and added around a norm before it trains, if that is asked for', async () => {
    const net = new Net({ seed: 3 });
    const map = net.bn(net.conv(net.input('x', ['N', 3, 8, 8]), 3, 4, { kernel: 3 }), 4);
    const scaled = net.relu(net.node('Mul', [map, net.weight('gain', [4, 1, 1])]));
    const row = net.node('Flatten', [net.node('GlobalAveragePool', [scaled])]);
    net.node('Gemm', [row, net.weight('w', [4, 3]), net.weight('b', [3])], {}, { outputs: ['p'] });
    const model = net.output('p', ['N', 3]).model();
    const only = { ...options, rows: ['gn-statistics'] as const, seeds: 1, epochs: 1, train: ['gain'] };
    expect((await compareFinetune(model, train, only)).rows[0]?.refused).to.equal(null);
    const absorbed = compareFinetune(model, train, { ...only, absorbAffine: true });
    expect((await rejection(absorbed)).message).to.equal('"gain" matches no parameter');
  });

  it('searches a rate with the first seed, and uses it with the others', async () => {
    const searched: TrainingRun[] = [];
    await compareFinetune(classifier(), train, {
      ...options,
      rate: 'auto',
      rows: ['bn-frozen', 'gn-statistics'],
      onRun: (run) => searched.push(run),
    });
    const rates = searched.map(({ rate }) => rate);
    expect(rates[0]).to.equal(rates[1]);
    expect(rates[2]).to.equal(rates[3]);
  });

  it('does not repeat runs that are known, and ends in the same result', async () => {
    const rows = ['none', 'bn-frozen', 'bn-train', 'gn-calibrated'] as const;
    const whole = await compareFinetune(classifier(), train, { ...options, rows });
    const again: TrainingRun[] = [];
    const known = whole.runs.slice(0, 3);
    const resumed = await compareFinetune(classifier(), train, {
      ...options,
      rows,
      known,
      onRun: (run) => again.push(run),
    });
    expect(again.map(({ row, seed }) => `${row} ${seed}`)).to.deep.equal([
      'bn-train 2',
      'gn-calibrated 1',
      'gn-calibrated 2',
    ]);
    expect(resumed.rows).to.deep.equal(whole.rows);
    expect(resumed.advice).to.deep.equal(whole.advice);
  });

  it('gives rows with group norm the groups that are asked for, and other norms their own', async () => {
    const rows = ['gn-calibrated', 'gn-8', 'layer', 'instance'] as const;
    const runsWith = async (groups: number) =>
      (await compareFinetune(classifier(), train, { ...options, rows, groups, seeds: 1 })).runs;
    const [one, four] = [await runsWith(1), await runsWith(4)];
    // Of four channels, four groups are instance norm, eight become four, and one group is layer norm.
    const scores = (runs: readonly TrainingRun[]) => runs.map(({ before, after, row }) => [row, before, after]);
    expect(scores(one).slice(1)).to.deep.equal(scores(four).slice(1));
    expect(scores(one)[0]?.slice(1)).to.deep.equal(scores(one)[2]?.slice(1));
    expect(scores(four)[0]?.slice(1)).to.deep.equal(scores(four)[1]?.slice(1));
    expect(scores(four)[0]?.slice(1)).to.deep.equal(scores(four)[3]?.slice(1));
    expect(scores(four)[0]).to.not.deep.equal(scores(one)[0]);
  });

  it('a signal ends it with the runs so far, and without advice', async () => {
    const abort = new AbortController();
    const compared = await compareFinetune(classifier(), train, {
      ...options,
      onRun: () => abort.abort(),
      signal: abort.signal,
    });
    expect(compared.runs).to.have.length(1);
    expect([compared.interrupted, compared.advice]).to.deep.equal([true, []]);
  });

  it('a signal ends it in the middle of a search, with the runs so far', async () => {
    const abort = new AbortController();
    let told = 0;
    const compared = await compareFinetune(classifier(), train, {
      ...options,
      rate: 'auto',
      onProgress: () => {
        if (++told === 3) setTimeout(() => abort.abort(), 20);
      },
      signal: abort.signal,
    });
    expect([compared.interrupted, compared.advice]).to.deep.equal([true, []]);
  });

  it('says why rows of norms can’t be made of a model without norms, and trains it as it is', async () => {
    const { rows, advice } = await compareFinetune(line(), points(20), {
      ...options,
      task: 'regress',
      held: points(20, 2),
      test: points(20, 3),
      seeds: 1,
    });
    const made = rows.filter(({ refused }) => refused === null).map(({ name }) => name);
    expect(made).to.deep.equal(['none', 'bn-frozen']);
    const reasons = rows.flatMap(({ name, refused }) => (refused === null ? [] : [[name, refused.reason]]));
    expect(reasons.map(([name]) => name)).to.deep.equal(USUAL_ROWS.slice(2));
    expect(reasons[0]?.[1]).to.match(/no BatchNormalization whose running statistics are stored/);
    expect(reasons[1]?.[1]).to.match(/BatchNormalization/);
    expect(advice[0]?.do).to.not.equal('swap');
  });

  it('trains the other batches where one is refused, and says of which the refusal is', async () => {
    // A batch of 0 is refused as one that does not fit into memory is.
    const rows = ['none', 'bn-frozen', 'bn-train'] as const;
    const compared = await compareFinetune(classifier(), train, { ...options, rows, batches: [0, 4], seeds: 1 });
    const found = compared.rows.map(({ name, batch, scores, refused }) => [
      name,
      batch,
      scores.length,
      refused === null,
    ]);
    expect(found).to.deep.equal([
      ['none', 0, 0, false],
      ['bn-frozen', 0, 0, false],
      ['bn-train', 0, 0, false],
      ['none', 4, 1, true],
      ['bn-frozen', 4, 1, true],
      ['bn-train', 4, 1, true],
    ]);
    expect(compared.advice.map(({ batch }) => batch)).to.deep.equal([4]);
    const [refused, ...others] = trainingRefusals({
      ...compared,
      skipped: [],
      commands: [],
    } as unknown as TrainingFacts);
    expect(others).to.deep.equal([]);
    const [, , title] = compared.rows.map((row) => row.title);
    expect(refused).to.include(`${title} at batch 0: `);
  });

  it('throws what is wrong if no row can be trained', async () => {
    const wrong = compareFinetune(line(), train, { ...options, seeds: 1 });
    expect(await rejection(wrong))
      .to.have.property('code')
      .that.is.oneOf(['invalid-data', 'invalid-arguments', 'runtime-failed']);
  });
});
