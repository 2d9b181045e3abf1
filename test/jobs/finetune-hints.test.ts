import { expect } from 'chai';
import { type Hinted, hintsOf } from '../../src/jobs/finetune-hints.ts';
import type { Score } from '../../src/train/types.ts';
import { classifier, line } from '../support/training.ts';

const score = (value: number | undefined, confusion?: number[][]): Score => ({
  value,
  detail: '',
  figures: {},
  confusion,
});
const run = (more: Partial<Hinted> = {}): Hinted => ({
  before: score(0.2),
  after: score(0.6),
  model: classifier(),
  isRebuilt: false,
  task: 'classify',
  data: { classes: ['a', 'b', 'c'] },
  batchNorm: 'frozen',
  batch: 1,
  accumulate: 1,
  ...more,
});

describe('jobs/finetune-hints', () => {
  it('name the norms that learned most where a classifier had lost its accuracy, at one sample a step', () => {
    const [told, ...more] = hintsOf(run());
    expect(more).to.deep.equal([]);
    expect(told).to.match(/^accuracy was 0\.200 before training\./);
    expect(told).to.include('gn-swap MODEL --calibrate PICTURES --reference adapted --groups 32');
    expect(hintsOf(run({ isRebuilt: true })), 'a new last layer').to.have.length(1);
  });

  it('say nothing where the comparisons say something else, or nothing is left to gain', () => {
    for (const [what, more] of Object.entries({
      'a file that fits': { before: score(0.5) },
      'a file that learned': { after: score(0.95) },
      'two samples a step': { batch: 2 },
      'two runs a step': { accumulate: 2 },
      'training mode': { batchNorm: 'train' },
      'other tasks': { task: 'segment' },
      'a model without BatchNormalization': { model: line() },
      'nothing held out': { before: null, after: null },
    } satisfies Record<string, Partial<Hinted>>)) {
      expect(hintsOf(run(more)), what).to.deep.equal([]);
    }
  });

  it('tell of classes in another order first: that explains a low score', () => {
    const swapped = score(0.1, [
      [1, 40, 0],
      [39, 2, 0],
      [0, 0, 41],
    ]);
    const told = hintsOf(run({ before: swapped }));
    expect(told).to.have.length(1);
    expect(told[0]).to.include('--classes b,a,c');
    expect(hintsOf(run({ before: swapped, isRebuilt: true }))[0]).to.match(/^accuracy was/);
  });
});
