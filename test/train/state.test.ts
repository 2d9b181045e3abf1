import { expect } from 'chai';
import type { FitState } from '../../src/train/fit-types.ts';
import { decodeState, encodeState } from '../../src/train/state.ts';
import { thrown } from '../support/errors.ts';

const state: FitState = {
  trainer: {
    steps: 12,
    theta: Float32Array.of(1, -0, 1e-40),
    optimizer: [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)],
  },
  best: Float32Array.of(7, 8, 9),
  bestEpoch: 2,
  history: [{ epoch: 0, steps: 0, trainLoss: null, trainScore: null, loss: 0.5, score: null }],
  trace: [{ step: 3, loss: 0.5, rate: 1e-4 }],
  rate: 3e-4,
  tried: [{ rate: 1e-4, loss: null }],
};
const key = { model: 'sha256:1', batch: 1, augment: undefined };

describe('train/state', () => {
  it('comes back as it was, to the bit', () => {
    const read = decodeState(encodeState(state, key), 'm.state', key);
    expect(read).to.deep.equal(state);
    expect(Object.is(read.trainer.theta[1], -0)).to.equal(true);
  });

  it('equal states are equal bytes', () => {
    expect(encodeState(state, key)).to.deep.equal(encodeState(state, key));
  });

  it('is refused for a run with other options, which are named', () => {
    const error = thrown(() =>
      decodeState(encodeState(state, key), 'm.state', { ...key, batch: 2, model: 'sha256:2' }),
    );
    expect(error.code).to.equal('invalid-arguments');
    expect(error.message).to.equal('the unfinished run in it is another one: it had another model, --batch 1');
    expect(error.file).to.equal('m.state');
  });

  it('is refused if it is damaged, cut, or something else', () => {
    const bytes = encodeState(state, key);
    const flipped = bytes.slice();
    flipped[200] = (flipped[200] as number) ^ 1;
    for (const broken of [flipped, bytes.subarray(0, 300), new Uint8Array(40), new TextEncoder().encode('{}')]) {
      expect(thrown(() => decodeState(broken, 'm.state', key)).code).to.equal('invalid-data');
    }
  });
});
