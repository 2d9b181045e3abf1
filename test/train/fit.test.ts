import { expect } from 'chai';
import type { LabelledData, Target } from '../../src/inputs/labelled/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { runEpochs } from '../../src/train/fit.ts';
import type { FitOptions, FitState } from '../../src/train/fit-types.ts';
import { findRate } from '../../src/train/rate.ts';
import { setUp } from '../../src/train/setup.ts';
import { decodeState, encodeState } from '../../src/train/state.ts';
import { Trainer } from '../../src/train/trainer.ts';
import type { PreparedTask } from '../../src/train/types.ts';
import { line, points } from '../support/training.ts';

const HELD = points(12, 2);
const HOW: FitOptions = { epochs: 5, rate: 0.02, patience: 9, seed: 1, batch: 4, accumulate: 1, held: HELD };
const DATA = points(20);
const KEY = { of: 'test' };
/** A target whose loss is NaN. */
const UNKNOWN: Target = {
  kind: 'values',
  values: { y: { type: DataType.FLOAT, dims: [1, 1], data: Float32Array.of(Number.NaN) } },
};

/** A run on points of a plane, with all states that it gave, as they are read back from bytes. */
async function run(more: Partial<FitOptions> = {}, change: (task: PreparedTask) => PreparedTask = (it) => it) {
  const { task, example } = await setUp(line(), DATA, { task: 'regress' });
  const trainer = await Trainer.open(line(), task.objective, example);
  const states: FitState[] = [];
  const fitted = await runEpochs(trainer, change(task), DATA, {
    ...HOW,
    onEpoch: async (state) => {
      states.push(decodeState(encodeState(state, KEY), 'state', KEY));
    },
    ...more,
  });
  const theta = trainer.parametersNow();
  await trainer.close();
  return { ...fitted, theta, states };
}

/** The same run, with other scores: one for each time that held-out samples were gone through. */
const scored =
  (values: readonly (number | undefined)[]) =>
  (task: PreparedTask): PreparedTask => {
    let turn = 0;
    return {
      ...task,
      scoresSteps: false,
      scorer: () => {
        const value = values[turn++];
        return { add: () => undefined, result: () => ({ value, detail: '', figures: {} }) };
      },
    };
  };

describe('train/fit', () => {
  it('goes on from each epoch to the same bytes as a run that nothing stopped', async () => {
    const whole = await run();
    expect(whole.history).to.have.length(6);
    for (const resume of whole.states) {
      const rest = await run({ resume });
      for (const part of ['theta', 'best', 'history', 'trace', 'bestEpoch', 'steps'] as const) {
        expect(rest[part], `${part} from epoch ${resume.history.length - 1}`).to.deep.equal(whole[part]);
      }
    }
  });

  it('does not train any further when a run goes on whose patience had ended before its file was written', async () => {
    const whole = await run({ rate: 0, patience: 2 });
    expect([whole.stopped, whole.history.length]).to.deep.equal(['patience', 3]);
    const rest = await run({ rate: 0, patience: 2, resume: whole.states.at(-1) as FitState });
    expect([rest.stopped, rest.history.length, rest.steps]).to.deep.equal(['patience', 3, whole.steps]);
    expect(rest.states).to.deep.equal([]);
  });

  it('keeps no epoch whose parameters or losses are not finite, whatever its score', async () => {
    // The only step makes all parameters infinite, and no step behind it could tell.
    const broken = await run({ rate: 1e39, epochs: 1, batch: 20, held: undefined });
    expect([broken.stopped, broken.bestEpoch, broken.steps]).to.deep.equal([{ notFinite: 1 }, 0, 1]);
    expect(broken.best.every(Number.isFinite)).to.equal(true);
    // As large as float32 holds: held-out losses are infinite from then on.
    const large = await run({ rate: 1e30, epochs: 1, batch: 20 }, scored([0.1, 0.9]));
    expect(large.history.map(({ loss }) => loss !== null)).to.deep.equal([true, false]);
    expect(large.bestEpoch).to.equal(0);
    // If no loss was finite before either, scores are all that is known.
    const nan = { ...HELD, load: async (at: number) => ({ ...(await HELD.load(at)), target: UNKNOWN }) };
    expect((await run({ held: nan }, scored([0.1, 0.2, 0.9, 0.3, 0.4, 0.5]))).bestEpoch).to.equal(2);
  });

  it('keeps the epoch of the best score, and of equal scores that of the lowest loss', async () => {
    expect((await run({}, scored([0.1, 0.5, 0.4, 0.5, 0.3, 0.2]))).bestEpoch).to.equal(3);
    const equal = await run({}, scored([]));
    const losses = equal.history.map(({ loss }) => loss ?? Number.NaN);
    expect(equal.bestEpoch).to.equal(losses.indexOf(Math.min(...losses)));
    expect(equal.best).to.deep.equal(equal.states[equal.bestEpoch]?.best);
  });

  it('keeps the last epoch where no samples are held out', async () => {
    const { bestEpoch, best, theta } = await run({ held: undefined });
    expect(bestEpoch).to.equal(5);
    expect(best).to.deep.equal(theta);
  });

  it('takes any number for better than none, and goes on with it as it would have', async () => {
    const { NaN: none, NEGATIVE_INFINITY: least } = Number;
    expect((await run({}, scored([none, -3, none, -2, -2.5, none]))).bestEpoch).to.equal(3);
    const values = [least, least, -5, least, -6, least];
    const whole = await run({}, scored(values));
    expect(whole.bestEpoch).to.equal(2);
    expect(whole.history.map(({ score }) => score)).to.deep.equal([null, null, -5, null, -6, null]);
    const [start] = whole.states as [FitState];
    const rest = await run({ resume: start }, scored(values.slice(1)));
    expect([rest.bestEpoch, rest.best]).to.deep.equal([whole.bestEpoch, whole.best]);
  });

  it('takes a loss that is a number for better than one that is none, if scores are equal', async () => {
    // The model before training answers a sample with what has no loss.
    let turns = 0;
    const held: LabelledData = {
      ...HELD,
      async load(sample) {
        const example = await HELD.load(sample);
        if (turns++ > 0) return example;
        const x = { ...example.inputs.x, data: Float32Array.of(Number.NaN, 0) };
        return { ...example, inputs: { x } as typeof example.inputs };
      },
    };
    const { history, bestEpoch } = await run({ held }, scored([]));
    expect(history[0]?.loss).to.equal(null);
    expect(bestEpoch).to.be.above(0);
  });

  it('finds a rate by losses below 0 as by those above', async () => {
    const { task, example } = await setUp(line(), DATA, { task: 'regress' });
    const trainer = await Trainer.open(line(), task.objective, example);
    const plain = trainer.answer.bind(trainer);
    // A constant that no gradient knows of: the lowest loss stays the lowest.
    trainer.answer = async (batch) => {
      const answered = await plain(batch);
      return { ...answered, loss: answered.loss - 1000 };
    };
    const found = await findRate(trainer, DATA, { ...HOW, rate: 'auto' });
    const losses = found?.tried.map(({ loss }) => loss as number) ?? [];
    // None is better by 2 % of 1000, so it is the smallest.
    expect(found?.rate).to.equal(Math.min(...(found?.tried ?? []).map(({ rate }) => rate)));
    expect(Math.max(...losses) - Math.min(...losses)).to.be.below(20);
    await trainer.close();
  });
});
