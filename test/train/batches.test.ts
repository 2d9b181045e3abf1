import { expect } from 'chai';
import { ahead, samplesOf, seedOf, stepsOf } from '../../src/train/batches.ts';
import { points } from '../support/training.ts';

const data = { ...points(11), keyOf: (sample: number) => (sample < 7 ? 'wide' : 'tall') };

describe('train/batches', () => {
  it('every sample is in exactly one step of an epoch, and samples of one run have one shape', () => {
    for (const [batch, accumulate] of [
      [1, 1],
      [2, 1],
      [3, 2],
      [20, 1],
    ] as const) {
      const steps = stepsOf(data, samplesOf(data), { batch, accumulate }, 1);
      expect(steps.flat(2).sort((a, b) => a - b)).to.deep.equal(samplesOf(data));
      for (const run of steps.flat()) expect(new Set(run.map(data.keyOf)).size).to.equal(1);
      for (const run of steps.flat()) expect([1, batch]).to.include(run.length);
      for (const step of steps) expect(step.flat().length).to.be.at.most(batch * accumulate);
    }
  });

  it('one seed gives one order, another seed another', () => {
    const order = (seed: number) => stepsOf(data, samplesOf(data), { batch: 1, accumulate: 1 }, seed).flat(2);
    expect(order(1)).to.deep.equal(order(1));
    expect(order(1)).not.to.deep.equal(order(2));
  });

  it('seeds of neighbours differ in about half of their bits', () => {
    let bits = 0;
    for (let i = 0; i < 200; i++) bits += (seedOf(1, i) ^ seedOf(1, i + 1)).toString(2).replaceAll(/[^1]/g, '').length;
    // toString of a negative number writes its size, so this is a rough count.
    expect(bits / 200).to.be.within(9, 22);
    expect(new Set(Array.from({ length: 5000 }, (_, i) => seedOf(0, i, 7))).size).to.be.above(4990);
  });

  it('hands things over in their order, a few loaded before they are wanted', async () => {
    const begun: number[] = [];
    const got: number[] = [];
    for await (const it of ahead([1, 2, 3, 4, 5, 6], async (n) => {
      begun.push(n);
      return n * 10;
    })) {
      if (got.length === 0) expect(begun).to.deep.equal([1, 2, 3, 4]);
      got.push(it);
    }
    expect(got).to.deep.equal([10, 20, 30, 40, 50, 60]);
  });

  it('a sample that fails to load fails when its turn comes', async () => {
    const got: number[] = [];
    let failed = '';
    try {
      for await (const it of ahead([1, 2, 3], async (n) => {
        if (n === 3) throw new Error('broken');
        return n;
      }))
        got.push(it);
    } catch (error) {
      failed = String(error);
    }
    expect(got).to.deep.equal([1, 2]);
    expect(failed).to.contain('broken');
  });
});
