import { expect } from 'chai';
import { type LossFunction, type OwnSample, OwnTrainer } from '../../src/jobs/own-trainer.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { rejection, thrown } from '../support/errors.ts';
import { line } from '../support/training.ts';

const floats = (...data: number[]) => ({ type: DataType.FLOAT, dims: [1, data.length], data: Float32Array.from(data) });
const SAMPLES: readonly OwnSample[] = [
  { inputs: { x: floats(1, 2) }, targets: { target: floats(3) } },
  { inputs: { x: floats(-1, 0.5) }, targets: { target: floats(-2) } },
];
const [sample] = SAMPLES as readonly [OwnSample];

/** y = x · w + b with w = (0.5, −1), b = 0.25: SGD with momentum 0.9 on the mean of squares, in float64. */
function sgdByHand(steps: number, rate: number): number[] {
  const theta = [0.5, -1, 0.25];
  const velocity = [0, 0, 0];
  for (let step = 0; step < steps; step++) {
    const gradient = [0, 0, 0];
    for (const [x, y, wanted] of [
      [1, 2, 3],
      [-1, 0.5, -2],
    ] as const) {
      const error = (theta[0] as number) * x + (theta[1] as number) * y + (theta[2] as number) - wanted;
      for (const [i, by] of [x, y, 1].entries()) gradient[i] = (gradient[i] as number) + error * by;
    }
    for (const i of [0, 1, 2]) {
      velocity[i] = 0.9 * (velocity[i] as number) + (gradient[i] as number);
      theta[i] = (theta[i] as number) - rate * (velocity[i] as number);
    }
  }
  return theta;
}

/** The mean of squares, as a function of one's own. */
const squares: LossFunction = (outputs, samples) => {
  const y = outputs.y as NonNullable<typeof outputs.y>;
  const errors = samples.map(({ targets }, at) => Number(y.data[at]) - Number(targets?.target?.data[0]));
  const gradient = Float32Array.from(errors, (it) => (2 * it) / errors.length);
  const loss = errors.reduce((sum, it) => sum + it ** 2 / errors.length, 0);
  return { loss, gradients: { y: { type: DataType.FLOAT, dims: y.dims, data: gradient } } };
};

describe('jobs/own-trainer', () => {
  it('steps as worked out by hand, with a loss by name and with a function that is told the samples it was given', async () => {
    for (const loss of ['mse', squares] as const) {
      const trainer = await OwnTrainer.open(line(), { sample, loss, optimizer: 'sgd', weightDecay: 0, clip: 1e9 });
      const first = await trainer.step(SAMPLES, 0.02);
      // Errors are −4.25 and 1.25.
      expect(first.loss).to.be.closeTo((4.25 ** 2 + 1.25 ** 2) / 2, 1e-5);
      for (let step = 1; step < 4; step++) await trainer.step(SAMPLES, 0.02);
      const [w, b, c] = sgdByHand(4, 0.02) as [number, number, number];
      const { y } = await trainer.run(SAMPLES);
      expect(numbersIn(y)[0]).to.be.closeTo(w + 2 * b + c, 1e-5);
      expect(numbersIn(y)[1]).to.be.closeTo(-w + 0.5 * b + c, 1e-5);
      await trainer.close();
    }
  });

  it('goes on from a state to the same bits, and refuses that of another optimizer or of other parameters', async () => {
    const open = (more = {}) => OwnTrainer.open(line(), { sample, loss: 'mse', ...more });
    const [one, other, sgd, head] = [
      await open(),
      await open(),
      await open({ optimizer: 'sgd' }),
      await open({ wrt: ['^w$'] }),
    ];
    for (let step = 0; step < 3; step++) await one.step(SAMPLES, 0.01);
    const state = one.state();
    await one.step(SAMPLES, 0.01);
    // A state is a copy.
    expect(state.steps).to.equal(3);
    other.restore(state);
    await other.step(SAMPLES, 0.01);
    expect(other.state()).to.deep.equal(one.state());
    for (const wrong of [sgd, head]) {
      const before = wrong.state();
      expect(thrown(() => wrong.restore(state)).code).to.equal('invalid-arguments');
      expect(wrong.state(), 'nothing was changed').to.deep.equal(before);
    }
    for (const trainer of [one, other, sgd, head]) await trainer.close();
  });

  it('does not step over a loss that is not a number, and names a target that is missing', async () => {
    const trainer = await OwnTrainer.open(line(), { sample, loss: 'mse' });
    const before = trainer.state();
    const wrong = { inputs: { x: floats(Number.NaN, 0) }, targets: { target: floats(1) } };
    expect((await trainer.step([wrong], 0.1)).loss).to.satisfy(Number.isNaN);
    expect(trainer.state()).to.deep.equal(before);
    const error = await rejection(trainer.step([{ inputs: { x: floats(1, 2) } }], 0.1));
    expect(error).to.include({ code: 'invalid-arguments', message: 'a sample has no "target" among its targets' });
    await trainer.close();
  });
});
