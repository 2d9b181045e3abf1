import { expect } from 'chai';
import { trainingLines } from '../../src/cli/training-lines.ts';
import type { FitEvent, FitPhase } from '../../src/train/fit-types.ts';

const RATE: FitEvent = { kind: 'rate', rate: 1e-4, done: 1, of: 600 };
const TRIED: FitEvent = { kind: 'tried', facts: { rate: 1e-4, loss: 0.5 } };
const LOST: FitEvent = { kind: 'tried', facts: { rate: 3e-2, loss: null } };
const STEP: FitEvent = { kind: 'step', epoch: 1, step: 2, steps: 9, loss: 0.25, rate: 1e-4, perSecond: 4, left: 90 };
const EPOCH: FitEvent = {
  kind: 'epoch',
  facts: { epoch: 1, steps: 9, trainLoss: 0.5, trainScore: null, loss: 0.25, score: 0.75 },
  isBest: true,
};

const begin = (phase: FitPhase, of = 0, epoch = 0): FitEvent => ({ kind: 'phase', phase, done: 0, of, epoch });
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** All that is written of events. */
function written(events: readonly FitEvent[], isTerminal: boolean): string {
  let all = '';
  const lines = trainingLines((text) => {
    all += text;
  }, isTerminal);
  for (const event of events) lines.update(event);
  lines.stop();
  return all;
}

describe('cli/training-lines', () => {
  it('writes whole lines to a file: one for each rate that was tried, and one for each epoch', () => {
    expect(written([RATE, TRIED, LOST, STEP, EPOCH], false).split('\n')).to.deep.equal([
      'tried rate 0.0001: loss 0.5000',
      'tried rate 0.03: the loss was not a finite number',
      'epoch 1: loss 0.5000, held-out loss 0.2500, score 0.7500 (best)',
      '',
    ]);
  });

  it('draws steps over one another on a terminal, and wipes them before a line that stays', () => {
    const text = written([RATE, TRIED, EPOCH], true);
    expect(text.startsWith('trying rate 0.0001: 1 of at most 600 steps\r\x1b[K')).to.equal(true);
    expect(text).to.include('\x1b[Ktried rate 0.0001: loss 0.5000\nepoch 1:');
    expect(written([STEP], true)).to.equal(
      'epoch 1: step 2 of 9, loss 0.2500, rate 1.0e-4, 4.00 samples/s, 2 min left\r\x1b[K',
    );
  });

  it('tells a phase in a file if it takes long, and nothing of those that do not', async () => {
    let all = '';
    const lines = trainingLines((text) => (all += text), false, { phase: 20, silence: 1e9 });
    lines.update(begin('samples'));
    lines.update(begin('gradient'));
    await pause(60);
    lines.update(begin('held', 40));
    lines.update({ kind: 'phase', phase: 'held', done: 1, of: 40, epoch: 0 });
    await pause(60);
    // An epoch is told behind it.
    lines.update(begin('held', 40, 1));
    await pause(60);
    lines.update(begin('file'));
    lines.stop();
    await pause(60);
    expect(all).to.equal('preparing the gradient\nbefore training: measuring on 40 held-out samples\n');
  });

  it('is never silent in a file for longer than a minute while steps are made', async () => {
    let all = '';
    const lines = trainingLines((text) => (all += text), false, { phase: 1e9, silence: 300 });
    for (const event of [RATE, STEP, { kind: 'phase', phase: 'held', done: 3, of: 40, epoch: 1 }] as const) {
      lines.update(event);
      await pause(400);
      lines.update(event);
      lines.update(event);
    }
    expect(all.split('\n')).to.deep.equal([
      'trying rate 0.0001: 1 of at most 600 steps',
      'epoch 1: step 2 of 9, loss 0.2500, rate 1.0e-4, 4.00 samples/s, 2 min left',
      'epoch 1: measuring on 40 held-out samples: 3 done',
      '',
    ]);
  });

  it('draws the begin of every phase on a terminal at once', () => {
    expect(
      written([begin('samples'), begin('gradient'), begin('rate', 600), begin('compare', 1), begin('forgotten')], true),
    ).to.equal(
      [
        'reading the samples',
        'preparing the gradient',
        'searching the rate: at most 600 steps',
        'comparing with the model before training on 1 held-out sample',
        'looking for what was forgotten',
        '',
      ].join('\r\x1b[K'),
    );
  });
});
