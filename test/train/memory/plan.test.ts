import { expect } from 'chai';
import { type FinetuneOptions, finetune } from '../../../src/jobs/finetune.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { valuesOf } from '../../../src/onnx/tensor.ts';
import { planMemory } from '../../../src/train/memory/plan.ts';
import { setUp } from '../../../src/train/setup.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { rejection } from '../../support/errors.ts';
import { classifier, labelledPictures } from '../../support/training.ts';

const train = labelledPictures(24, 1);
const options: FinetuneOptions = {
  task: 'classify',
  held: labelledPictures(12, 2),
  epochs: 1,
  rate: 0.01,
  batch: 8,
  accumulate: 2,
};
const model = classifier();

/** What a run is expected to take at a batch. */
async function needs(batch: number): Promise<number> {
  const { facts } = await finetune(model, train, { ...options, batch, accumulate: 1 });
  return facts.memory;
}

async function plan(memory: number | undefined, more = {}) {
  const { task, example } = await setUp(model, train, { task: 'classify' });
  const trainer = await Trainer.open(model, task.objective, example, { wrt: ['all'] });
  const asked = {
    batch: 8,
    accumulate: 2,
    batchNorm: 'frozen' as const,
    memory,
    available: 8e9,
    file: 0,
    held: undefined,
    model,
  };
  try {
    return await planMemory(trainer, train, { ...asked, ...more });
  } finally {
    await trainer.close();
  }
}

describe('train/memory/plan', () => {
  it('a larger batch takes more, and a run that fits is left as it was asked for', async () => {
    expect(await needs(8)).to.be.above(await needs(1));
    expect(await plan(8e9)).to.include({ batch: 8, accumulate: 2, ahead: 3 });
  });

  it('first fewer samples wait, then fewer of a step run at a time; the samples of a step stay as many', async () => {
    const { bytes } = await plan(undefined);
    expect(await plan(bytes)).to.include({ batch: 8, ahead: 3 });
    expect(await plan(bytes - 1)).to.include({ batch: 8, accumulate: 2, ahead: 0 });
    const least = (await plan(bytes - 1)).bytes;
    const cut = await plan(least - 1);
    expect(cut).to.include({ batch: 4, accumulate: 4, ahead: 0 });
    expect(cut.bytes).to.be.below(least);
    expect(cut.notes[0]).to.match(/^4 of the 8 samples of a step run at a time, to stay in 21\d MB/);
  });

  it('a run that was cut ends in the weights of a whole one, but for rounding', async () => {
    const least = (await plan((await plan(undefined)).bytes - 1)).bytes;
    const whole = await finetune(model, train, options);
    const cut = await finetune(model, train, { ...options, memory: least - 1 });
    expect(cut.facts).to.include({ batch: 4, accumulate: 4, steps: whole.facts.steps });
    const weights = ({ proto }: Model) => proto.graph.initializer.flatMap((it) => [...valuesOf(it)]);
    const [a, b] = [weights(whole.model as Model), weights(cut.model as Model)];
    // Sums of float32 gradients in another order, over two steps of AdamW.
    for (const [index, value] of a.entries()) expect(b[index]).to.be.closeTo(value, 1e-4);
  });

  it('a run that cannot fit is refused before it starts, with the command that fits', async () => {
    const error = await rejection(finetune(model, train, { ...options, memory: 1e8 }));
    expect(error).to.include({ code: 'invalid-arguments', node: '--memory' });
    expect(error.message).to.match(/^training takes about 21\d MB, and --memory is 100 MB$/);
    expect(error.next).to.deep.equal({ set: { memory: '220MB' } });
    const { facts } = await finetune(model, train, { ...options, memory: 2.2e8 });
    expect(facts.memory).to.be.at.most(2.2e8);
  });

  it('with no limit typed, a batch that is more than what is free is refused with one that fits', async () => {
    const { bytes } = await plan(undefined);
    const least = (await plan(bytes - 1)).bytes;
    const error = await rejection(plan(undefined, { available: least - 1 }));
    expect(error.message).to.match(/ is free$/);
    expect(error.next).to.deep.equal({ set: { batch: '4', accumulate: '4' } });
  });

  it('statistics of the batch forbid to cut it', async () => {
    const least = (await plan((await plan(undefined)).bytes - 1)).bytes;
    const error = await rejection(plan(least - 1, { batchNorm: 'train' }));
    expect(error.next?.set).to.have.keys('train');
  });

  it('arrays that stay in memory count once for both parts of one data set', async () => {
    const arrays = { ...train, resident: 1e9 };
    const { facts } = await finetune(model, arrays, { ...options, held: { ...train, resident: 1e9 } });
    const { facts: without } = await finetune(model, train, { ...options, held: train });
    expect(facts.memory - without.memory).to.equal(1e9);
  });
});
