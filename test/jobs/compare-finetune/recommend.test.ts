import { expect } from 'chai';
import { recommend, type Scored, untrainedNote } from '../../../src/jobs/compare-finetune/recommend.ts';
import { ROWS } from '../../../src/jobs/compare-finetune/rows.ts';
import { ROW_NAMES } from '../../../src/options/rows.ts';

/** Enough samples that their chance is small: at 0.8, half a standard error is 0.002. */
const MANY = 10_000;

function advice(scores: Readonly<Record<string, readonly number[]>>, samples = MANY) {
  const rows = Object.entries(scores).map(([name, list]) => ({ name, scores: list }) as Scored);
  return recommend(rows, 'accuracy', samples);
}

describe('jobs/compare-finetune/recommend', () => {
  it('has a row for every name, from the simplest on', () => {
    expect(ROWS.map(({ name }) => name)).to.deep.equal(ROW_NAMES);
  });

  it('advises a swap that is better by more than the ranges, and names the best without one', () => {
    const told = advice({
      none: [0.5, 0.5],
      'bn-frozen': [0.7, 0.72],
      'gn-calibrated': [0.8, 0.82],
      'gn-statistics': [0.6, 0.62],
    });
    expect(told).to.include({ do: 'swap', row: 'gn-calibrated', isClear: true });
    expect(told?.sentence).to.equal('Swap and train: GN calibrated (accuracy 0.810, BN frozen 0.710).');
  });

  it('advises not to swap if frozen BatchNormalization is best, and says by how much', () => {
    const told = advice({ none: [0.5, 0.5], 'bn-frozen': [0.9, 0.92], 'gn-calibrated': [0.8, 0.82] });
    expect(told).to.include({ do: 'file', row: 'bn-frozen', isClear: true });
    expect(told?.sentence).to.equal(
      'Do not swap: train the file as it is, BN frozen (accuracy 0.910, GN calibrated 0.810).',
    );
  });

  it('advises nothing where only one row has a score, and says what to compare it with', () => {
    const told = advice({ 'gn-calibrated': [0.8, 0.82] });
    expect(told).to.include({ do: 'swap', row: 'gn-calibrated', isClear: false });
    expect(told?.sentence).to.equal(
      'Only GN calibrated has a score (accuracy 0.810), so nothing says whether it pays. Compare it: --rows none,bn-frozen,gn-calibrated.',
    );
    expect(advice({ 'bn-frozen': [0.8] })?.sentence).to.match(/--rows none,bn-frozen\.$/);
    expect(advice({ none: [0.8, 0.8] })?.sentence).to.match(/^Do not train/);
  });

  it('advises not to train if nothing is better than the model as it is', () => {
    const told = advice({ none: [0.9, 0.9], 'bn-frozen': [0.8, 0.85], 'gn-calibrated': [0.7, 0.8] });
    expect(told).to.include({ do: 'none', row: 'none', isClear: true });
    expect(told?.sentence).to.match(
      /^Do not train: no row scores above the model as it is \(accuracy 0\.900, BN frozen/,
    );
  });

  it('advises to re-estimate statistics, and training mode, as what they are', () => {
    expect(advice({ 'bn-frozen': [0.7, 0.7], 'bn-re-estimated': [0.9, 0.9] })?.sentence).to.match(
      /^Do not swap: re-est/,
    );
    expect(advice({ 'bn-frozen': [0.7, 0.7], 'bn-train': [0.9, 0.9] })?.sentence).to.match(
      /as it is, BN in training mode/,
    );
  });

  it('can’t tell rows whose ranges overlap, and uses the simplest', () => {
    const told = advice({ none: [0.5, 0.5], 'bn-frozen': [0.79, 0.82], 'gn-calibrated': [0.81, 0.84] });
    expect(told).to.deep.include({ do: 'file', row: 'bn-frozen', isClear: false, tied: ['bn-frozen'] });
    expect(told?.sentence).to.equal(
      'Can’t tell BN frozen from GN calibrated: their ranges overlap (accuracy 0.805, 0.825), so do not swap; use BN frozen.',
    );
    expect(advice({ none: [0.8, 0.8], 'bn-frozen': [0.79, 0.82] })?.sentence).to.match(/so do not train\.$/);
    expect(advice({ 'gn-statistics': [0.7, 0.8], 'gn-calibrated': [0.75, 0.85] })?.sentence).to.match(
      /use the simpler one, GN from statistics\.$/,
    );
  });

  it('takes the simplest of equal rows, and is clear about it', () => {
    const told = advice({ 'gn-calibrated': [0.8, 0.8], 'bn-frozen': [0.8, 0.8], instance: [0.8, 0.8] });
    expect(told).to.deep.include({ row: 'bn-frozen', isClear: true, tied: ['gn-calibrated', 'instance'] });
  });

  it('counts the chance of few samples: 10 can’t tell what 10,000 can', () => {
    const scores = { 'bn-frozen': [0.7, 0.7], 'gn-calibrated': [0.8, 0.8] };
    expect(advice(scores, 10)).to.include({ row: 'bn-frozen', isClear: false });
    expect(advice(scores, MANY)).to.include({ row: 'gn-calibrated', isClear: true });
  });

  it('counts that chance twice with one seed, and asks for more', () => {
    // √(0.8·0.2/400) = 0.02, √(0.75·0.25/400) = 0.022: a gap of 0.03 is more than half of each, and less than both.
    const told = advice({ 'bn-frozen': [0.75], 'gn-calibrated': [0.78] }, 400);
    expect(told).to.include({ row: 'bn-frozen', isClear: false });
    expect(told?.sentence).to.match(/One seed tells little: use --seeds 3\.$/);
    expect(advice({ 'bn-frozen': [0.749, 0.75], 'gn-calibrated': [0.78, 0.781] }, 400)).to.include({
      row: 'gn-calibrated',
    });
  });

  it('does not take seeds that all score the same for a score without chance', () => {
    // No epoch was better than none, so each seed delivered the file as it was.
    expect(advice({ none: [0.5, 0.5], 'gn-adapted': [0.5275, 0.5275] }, 400)).to.include({
      row: 'none',
      isClear: false,
    });
    expect(advice({ none: [0.5, 0.5], 'gn-adapted': [0.5275, 0.5275] }, 4000)).to.include({ row: 'gn-adapted' });
  });

  it('leaves out rows without scores, takes scores below 0, and says nothing if there are none', () => {
    expect(advice({ 'bn-frozen': [], 'gn-calibrated': [0.5, 0.6] })).to.include({ row: 'gn-calibrated' });
    expect(advice({ none: [-3, -3], 'bn-frozen': [0.2, 0.3] })).to.include({ row: 'bn-frozen', isClear: true });
    expect(advice({ 'bn-frozen': [] })).to.equal(undefined);
    expect(advice({})).to.equal(undefined);
  });

  it('tells if a rewrite alone scores as much as any row after training', () => {
    const rows = [
      { name: 'none', before: 0.335, scores: [0.335, 0.335] },
      { name: 'bn-frozen', before: 0.335, scores: [0.36, 0.37] },
      { name: 'bn-re-estimated', before: 0.443, scores: [0.38, 0.44] },
      { name: 'gn-calibrated', before: 0.32, scores: [0.33, 0.35] },
    ] as const;
    expect(untrainedNote(rows, 'accuracy')).to.equal(
      'BN re-estimated, then frozen: accuracy 0.443 before training (the file as it is 0.335), and no row scores more after it. The rewrite alone may be enough',
    );
    const better = { name: 'gn-adapted', before: 0.3, scores: [0.5, 0.5] } as const;
    expect(untrainedNote([...rows, better], 'accuracy'), 'a row is better after training').to.equal(undefined);
    const [none, frozen] = rows;
    const same = { name: 'bn-re-estimated', before: 0.335, scores: [0.335] } as const;
    expect(untrainedNote([none, same], 'accuracy'), 'the file scores as much').to.equal(undefined);
    expect(untrainedNote([none, frozen], 'accuracy'), 'nothing was rewritten').to.equal(undefined);
    expect(untrainedNote([rows[2]], 'accuracy'), 'the source was not scored').to.equal(undefined);
  });
});
