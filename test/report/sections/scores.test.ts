import { expect } from 'chai';
import type { FinetuneFacts } from '../../../src/jobs/finetune.ts';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { scores } from '../../../src/report/sections/scores.ts';
import { reportOn } from '../../support/reports.ts';

const CALL = reportOn().call;

const epoch = (number: number, score: number | null, trainScore: number | null = null) => ({
  epoch: number,
  steps: 4 * number,
  loss: 1,
  score,
  trainLoss: 1,
  trainScore,
});

/** What the chart says in words. */
function told(facts: Partial<FinetuneFacts>): string | undefined {
  const finetune = { measure: 'accuracy', trace: [], history: [], bestEpoch: 0, ...facts } as FinetuneFacts;
  const [block] = scores.blocks({ finetune } as Outcome, CALL);
  return block?.kind === 'chart' ? block.description : undefined;
}

describe('report/sections/scores', () => {
  it('tells the score before training and that of the epoch that is kept', () => {
    expect(told({ history: [epoch(0, 0.5), epoch(1, 0.9), epoch(2, 0.8)], bestEpoch: 1 })).to.equal(
      'Held out, 0.5 before training and 0.9 after epoch 1, which is kept.',
    );
  });

  it('says so where no epoch was better, once', () => {
    expect(told({ history: [epoch(0, 0.5), epoch(1, 0.4)] })).to.equal(
      'Held out, 0.5 before training, which no epoch exceeded.',
    );
  });

  it('has one figure of a run that was stopped before its first epoch ended', () => {
    expect(told({ history: [epoch(0, 0.5)] })).to.equal('Held out, 0.5 before training.');
  });

  it('does not call the first epoch the time before training where that has no score', () => {
    expect(told({ history: [epoch(0, null), epoch(1, 0.4), epoch(2, 0.6)], bestEpoch: 2 })).to.equal(
      'Held out, 0.4 after epoch 1 and 0.6 after epoch 2, which is kept.',
    );
  });

  it('says how training samples are scored, also where nothing is held out', () => {
    expect(told({ history: [epoch(0, null), epoch(1, null, 0.7)] })).to.equal(
      'Training samples are scored as they were trained on: varied, and before their step.',
    );
  });

  it('is left out where there is no score, and of a swap', () => {
    expect(told({ history: [epoch(0, null)] })).to.equal(undefined);
    expect(scores.blocks({} as Outcome, CALL)).to.deep.equal([]);
  });
});
