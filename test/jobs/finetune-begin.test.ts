import { expect } from 'chai';
import { labelledOf } from '../../src/inputs/labelled/memory.ts';
import { Random } from '../../src/inputs/random.ts';
import { type FinetuneOptions, finetune } from '../../src/jobs/finetune.ts';
import { begin, isGained } from '../../src/jobs/finetune-begin.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { writeModel } from '../../src/onnx/model.ts';
import type { EpochFacts, FitState, Fitted } from '../../src/train/fit-types.ts';
import type { Trainer } from '../../src/train/trainer.ts';
import type { PreparedTask } from '../../src/train/types.ts';
import { line } from '../support/training.ts';

/** Points on a plane whose heights are of any size. */
function heights(count: number, seed: number, unit: number, mean: number) {
  const random = new Random(seed);
  const x = Float32Array.from({ length: 2 * count }, () => random.normal());
  const y = Float32Array.from({ length: count }, (_, i) => {
    return mean + unit * ((x[2 * i] as number) - 2 * (x[2 * i + 1] as number) + 0.3 * random.normal());
  });
  return labelledOf(
    { x: { type: DataType.FLOAT, dims: [count, 2], data: x } },
    { kind: 'values', values: { y: { type: DataType.FLOAT, dims: [count, 1], data: y } } },
  );
}

const run = (unit: number, mean: number, options: Partial<FinetuneOptions> = {}) =>
  finetune(line(), heights(60, 1, unit, mean), {
    task: 'regress',
    held: heights(40, 2, unit, mean),
    epochs: 3,
    rate: 1e-3,
    seed: 1,
    ...options,
  });

describe('jobs/finetune-begin', () => {
  it('ages, prices and thousandths are learned alike, from one epoch on', async () => {
    for (const [unit, mean] of [
      [15, 50],
      [1e5, 3e5],
      [1e-3, 2e-3],
    ] as const) {
      const { facts, model } = await run(unit, mean);
      expect(facts.before?.value, `${unit}`).to.be.below(0);
      for (const { score } of facts.history) expect(score, `${unit}`).to.be.above(0.95);
      expect(facts.notes.join()).to.include('the last layer of y begins at a least-squares fit');
      expect(model).to.not.equal(undefined);
    }
  });

  it('writes the beginning if no epoch is better, and measures the file as it was', async () => {
    // Steps so long that they can only lose.
    const { facts, model } = await run(15, 50, { rate: 30 });
    expect(facts.bestEpoch).to.equal(0);
    expect(facts.proof?.changed).to.equal(2);
    expect(facts.after?.value).to.be.closeTo(Number(facts.history[0]?.score), 1e-6);
    expect(Number(facts.before?.value)).to.be.below(0);
    expect(facts.gain?.low).to.be.above(0);
    expect(model).to.not.equal(undefined);
  });

  it('a run that goes on from its state ends as it would have', async () => {
    const states: FitState[] = [];
    const whole = await run(15, 50, { onEpoch: async (state) => void states.push(structuredClone(state)) });
    const rest = await run(15, 50, { resume: states[1] });
    expect(writeModel(rest.model as Model)).to.deep.equal(writeModel(whole.model as Model));
  });

  it('begins nothing for tasks without distances, or for a run that goes on', async () => {
    const none = undefined as unknown as Trainer;
    const data = heights(20, 1, 1, 0);
    expect(await begin(none, {} as PreparedTask, data, { seed: 1 })).to.deep.equal([]);
    const task = { distances: [{ output: 'y', unit: 1 }] } as unknown as PreparedTask;
    expect(await begin(none, task, data, { seed: 1, resume: {} as FitState })).to.deep.equal([]);
  });

  it('there is something to write if an epoch was better, or the beginning was kept to the end', () => {
    const first = Float32Array.of(1, 2);
    const of = (fitted: Partial<Fitted>) =>
      isGained({ bestEpoch: 0, best: Float32Array.of(1, 3), history: [{}, {}] as EpochFacts[], ...fitted } as Fitted, {
        first,
      });
    expect(of({})).to.equal(true);
    expect(of({ bestEpoch: 1, best: first })).to.equal(true);
    expect(of({ best: first.slice() })).to.equal(false);
    expect(of({ history: [{} as EpochFacts] })).to.equal(false);
    expect(of({ stopped: { notFinite: 3 } })).to.equal(false);
    expect(of({ stopped: 'patience' })).to.equal(true);
  });
});
