import { expect } from 'chai';
import { trainingLines } from '../../src/cli/training-lines.ts';
import type { FitEvent } from '../../src/train/fit-types.ts';

const RATE: FitEvent = { kind: 'rate', rate: 1e-4, done: 1, of: 600 };
const TRIED: FitEvent = { kind: 'tried', facts: { rate: 1e-4, loss: 0.5 } };
const LOST: FitEvent = { kind: 'tried', facts: { rate: 3e-2, loss: null } };
const STEP: FitEvent = { kind: 'step', epoch: 1, step: 2, steps: 9, loss: 0.25, rate: 1e-4, perSecond: 4, left: 90 };
const EPOCH: FitEvent = {
  kind: 'epoch',
  facts: { epoch: 1, steps: 9, trainLoss: 0.5, trainScore: null, loss: 0.25, score: 0.75 },
  isBest: true,
};

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
});
