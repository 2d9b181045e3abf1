import * as path from 'node:path';
import { expect } from 'chai';
import { RunState } from '../../src/cli/run-state.ts';
import type { FitState } from '../../src/train/fit-types.ts';
import { useScratch } from '../support/scratch.ts';

/** A state behind so many epochs. */
function behind(epochs: number): FitState {
  const facts = { steps: 0, trainLoss: null, trainScore: null, loss: null, score: null };
  return {
    trainer: { steps: 0, theta: new Float32Array(), optimizer: [] },
    best: new Float32Array(),
    bestEpoch: 0,
    history: Array.from({ length: epochs + 1 }, (_, epoch) => ({ ...facts, epoch })),
    trace: [],
    rate: 1e-3,
    tried: [],
  };
}

describe('cli/run-state', () => {
  const scratch = useScratch();
  const open = (epochs = 0, file = path.join(scratch().folder, 'm.state')) =>
    new RunState(file, epochs, ({ history }) => Uint8Array.of(history.length));

  it('leaves nothing of a run that failed before its first epoch ended, so that another way can be tried', async () => {
    const states = open();
    await states.save(behind(0));
    expect(scratch().list()).to.deep.equal(['m.state']);
    states.failed();
    expect(scratch().list()).to.deep.equal([]);
  });

  it('keeps the epochs of one that failed later, or that went on from others', async () => {
    const states = open();
    await states.save(behind(0));
    await states.save(behind(1));
    states.failed();
    expect([...scratch().read('m.state')]).to.deep.equal([2]);
    open(1).failed();
    expect(scratch().list()).to.deep.equal(['m.state']);
  });

  it('notes a state that the disk did not take, and no more once it took one', async () => {
    const gone = open(0, path.join(scratch().folder, 'gone', 'm.state'));
    await gone.save(behind(1));
    expect(gone.notes().join()).to.match(/^the state of the run could not be saved \(.*\), so --resume can't go on/);
    const states = open();
    await states.save(behind(1));
    expect(states.notes()).to.deep.equal([]);
  });
});
