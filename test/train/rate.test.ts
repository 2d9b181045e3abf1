import { expect } from 'chai';
import type { FitEvent, TriedRate } from '../../src/train/fit-types.ts';
import { findRate } from '../../src/train/rate.ts';
import { setUp } from '../../src/train/setup.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { classifier, labelledPictures } from '../support/training.ts';

const train = labelledPictures(30, 1);

/** The rate that is found, what was tried, and how many steps each rate got. */
async function found({ epochs, held }: { epochs: number; held?: ReturnType<typeof labelledPictures> }) {
  const { task, example } = await setUp(classifier(), train, { task: 'classify' });
  const trainer = await Trainer.open(classifier(), task.objective, example);
  const steps = new Map<number, number>();
  const told: TriedRate[] = [];
  const onEvent = (event: FitEvent) => {
    if (event.kind === 'tried') told.push(event.facts);
    if (event.kind === 'rate') steps.set(event.rate, (steps.get(event.rate) ?? 0) + 1);
  };
  const start = trainer.parametersNow();
  const searched = await findRate(trainer, train, {
    epochs,
    held,
    batch: 1,
    accumulate: 1,
    rate: 'auto',
    patience: 9,
    seed: 1,
    onEvent,
  });
  const result = searched ?? expect.fail('nothing ended the search');
  expect(trainer.parametersNow(), 'the parameters after the search').to.deep.equal(start);
  expect(trainer.steps).to.equal(0);
  expect(told).to.have.deep.members(result.tried);
  await trainer.close();
  return { ...result, steps };
}

describe('train/rate', () => {
  it('takes a rate that was tried, of the lowest held-out loss or within 2 % of it, the smallest of these', async () => {
    const { rate, tried } = await found({ epochs: 2, held: labelledPictures(30, 2) });
    expect(tried.length).to.be.within(3, 6);
    const losses = tried.map(({ loss }) => loss ?? Number.POSITIVE_INFINITY);
    const least = Math.min(...losses);
    const taken = tried.findIndex((it) => it.rate === rate);
    expect(losses[taken]).to.be.at.most(least / 0.98);
    for (const smaller of losses.slice(0, taken)) expect(smaller).to.be.above(losses[taken] as number);
  });

  it('tries a short run whole, and 200 steps of a long one', async () => {
    const held = labelledPictures(30, 2);
    const short = await found({ epochs: 1, held });
    expect([...short.steps.values()]).to.deep.equal(short.tried.map(() => 30));
    const long = await found({ epochs: 9, held });
    expect([...long.steps.values()]).to.deep.equal(long.tried.map(() => 200));
  });

  it('leaves samples to judge by where none are held out', async () => {
    const { steps, tried } = await found({ epochs: 1 });
    expect([...steps.values()]).to.deep.equal(tried.map(() => 15));
  });

  it('goes on beyond the largest rate while that is the best', async () => {
    const { tried } = await found({ epochs: 1, held: labelledPictures(30, 2) });
    expect(tried.map(({ rate }) => rate)).to.include(3e-3);
  });

  describe('with a loss that each rate leads to', () => {
    /** Which rates are tried, in order, and which one is taken. */
    async function searched(lossAt: (rate: number) => number) {
      let last = 0;
      const trainer = {
        parametersNow: () => new Float32Array(1),
        restore() {
          last = 0;
        },
        async step(_runs: unknown, rate: number) {
          last = Math.max(last, rate);
          return { loss: 1, norm: 1 };
        },
        answer: async () => ({ loss: lossAt(last), outputs: {} }),
      } as unknown as Trainer;
      const tried: number[] = [];
      const onEvent = (event: FitEvent) => void (event.kind === 'tried' && tried.push(event.facts.rate));
      const options = { epochs: 1, held: train, batch: 1, accumulate: 1, rate: 'auto', patience: 9, seed: 1 } as const;
      const found = await findRate(trainer, train, { ...options, onEvent });
      return { tried, rate: found?.rate };
    }
    const FIRST = [1e-4, 3e-4, 1e-3];

    it('goes up where small rates learn hardly anything', async () => {
      const { tried, rate } = await searched((at) => 1.84 - 20 * at);
      expect(tried).to.deep.equal([...FIRST, 3e-3, 1e-2, 3e-2]);
      expect(rate).to.equal(3e-2);
    });

    it('goes down where the smallest ends best', async () => {
      const { tried, rate } = await searched((at) => 1 + 1e3 * at);
      expect(tried).to.deep.equal([...FIRST, 3e-5, 1e-5, 3e-6]);
      expect(rate).to.equal(3e-6);
    });

    it('stays with the smallest of those that are as good, and looks no further if one between is the best', async () => {
      const { tried, rate } = await searched((at) => (Math.abs(at - 3e-4) < 1e-5 ? 0.99 : 1));
      expect([tried, rate]).to.deep.equal([FIRST, 1e-4]);
    });

    it('goes up where no rate changes the loss', async () => {
      const { tried, rate } = await searched(() => 1);
      expect([tried, rate]).to.deep.equal([[...FIRST, 3e-3, 1e-2, 3e-2], 1e-4]);
    });
  });
});
