import { expect } from 'chai';
import type { FinetuneFacts } from '../../../src/jobs/finetune.ts';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { losses } from '../../../src/report/sections/losses.ts';
import { reportOn } from '../../support/reports.ts';

const CALL = reportOn().call;

const epoch = (number: number, loss: number | null) => ({
  epoch: number,
  steps: 4 * number,
  loss,
  score: null,
  trainLoss: 1,
  trainScore: null,
});
const step = (number: number, loss: number) => ({ step: number, loss, rate: 1e-3 });

/** What the chart says in words. */
function told(facts: Partial<FinetuneFacts>): string | undefined {
  const finetune = { history: [], trace: [step(1, 2), step(8, 1)], ...facts } as FinetuneFacts;
  const [block] = losses.blocks({ finetune } as Outcome, CALL);
  return block?.kind === 'chart' ? block.description.replace(/ Training samples are varied.*/, '') : undefined;
}

describe('report/sections/losses', () => {
  it('tells how far the loss fell on what was held out', () => {
    expect(told({ history: [epoch(0, 2), epoch(1, 1.5), epoch(2, 1)] })).to.equal(
      'Held out, from 2 before training to 1 after epoch 2.',
    );
  });

  it('says after which epoch the first figure is where none was finite before', () => {
    expect(told({ history: [epoch(0, null), epoch(1, 1.5), epoch(2, 1)] })).to.equal(
      'Held out, from 1.5 after epoch 1 to 1 after epoch 2.',
    );
  });

  it('has one figure of a run that was stopped before its first epoch ended', () => {
    expect(told({ history: [epoch(0, 2)] })).to.equal('Held out, 2 before training.');
  });

  it('goes by the steps where nothing was held out', () => {
    expect(told({ history: [epoch(0, null), epoch(1, null)] })).to.equal('Over the steps, from 2 to 1.');
    expect(told({})).to.equal('Over the steps, from 2 to 1.');
  });

  it('is left out of a run without a step, and of a swap', () => {
    expect(told({ trace: [] })).to.equal(undefined);
    expect(losses.blocks({} as Outcome, CALL)).to.deep.equal([]);
  });
});
