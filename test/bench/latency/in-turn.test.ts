import { expect } from 'chai';
import { inTurn } from '../../../bench/latency/in-turn.ts';
import type { Session } from '../../../src/runtime/session.ts';

describe('bench/latency/in-turn', () => {
  it('runs sessions in turn, some times at least, and does not count the first', async () => {
    const calls: string[] = [];
    const session = (name: string): Session => ({
      inputs: [],
      outputs: [],
      types: new Map(),
      run: async () => {
        calls.push(name);
        return {};
      },
      close: async () => {},
    });
    const sessions = new Map(['a', 'b'].map((name) => [name, session(name)]));
    const { on, milliseconds } = await inTurn('here', sessions, {}, 0);
    expect(calls.join('')).to.equal('ab'.repeat(7));
    expect([on, [...milliseconds.keys()]]).to.deep.equal(['here', ['a', 'b']]);
    for (const time of milliseconds.values()) expect(time).to.be.at.least(0);
  });
});
