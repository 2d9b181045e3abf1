import { expect } from 'chai';
import type { Session } from '../../src/runtime/session.ts';
import { Stopwatch } from '../../src/verify/stopwatch.ts';

/** A session that tells when it is run. */
function told(name: string, runs: string[], milliseconds = 60): Session {
  const run = async () => {
    runs.push(name);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return {};
  };
  return { inputs: [], outputs: [], types: new Map(), run, close: async () => {} };
}

describe('Stopwatch', () => {
  const timed = async (isTimed: boolean, large: boolean) => {
    const runs: string[] = [];
    let starts = 0;
    const watch = new Stopwatch(isTimed, large, () => starts++);
    const [source, written] = [told('source', runs), told('written', runs)];
    await watch.timeSource(source, {});
    runs.push('between');
    const latency = await watch.timeBoth(source, written, {});
    return { runs, starts, latency };
  };

  it('runs models in turn', async () => {
    const { runs, latency } = await timed(true, false);
    expect(runs).to.deep.equal(['between', 'source', 'written']);
    expect(latency?.rounds).to.equal(1);
  });

  it('runs a large source before the other model is there, and each as often', async () => {
    const { runs, latency } = await timed(true, true);
    expect(runs).to.deep.equal(['source', 'between', 'written']);
    expect(latency?.rounds).to.equal(1);
    for (const time of [latency?.source, latency?.written]) expect(time).to.be.within(50, 1000);
  });

  it('takes the runs of a large model that were made anyway, if they took so long that one is enough', async () => {
    const noted = async (milliseconds: number, large = true) => {
      const runs: string[] = [];
      const watch = new Stopwatch(true, large, () => {});
      const [source, written] = [
        watch.noting('source', told('source', runs, milliseconds)),
        watch.noting('written', told('written', runs, milliseconds)),
      ];
      await source.run({});
      await watch.timeSource(source, {});
      await written.run({});
      const latency = await watch.timeBoth(source, written, {});
      return { runs: runs.length, rounds: latency?.rounds, times: [latency?.source, latency?.written] };
    };
    const long = await noted(60);
    expect([long.runs, long.rounds]).to.deep.equal([2, 1]);
    for (const time of long.times) expect(time).to.be.within(50, 1000);
    const { runs, rounds = 0 } = await noted(20);
    expect(rounds).to.be.above(1);
    expect(runs).to.equal(2 + 2 * rounds);
    expect((await noted(60, false)).runs).to.equal(4);
  });

  it('runs nothing where nothing is to be timed', async () => {
    for (const large of [false, true]) {
      expect(await timed(false, large)).to.deep.equal({ runs: ['between'], starts: 0, latency: undefined });
    }
  });
});
