import { expect } from 'chai';
import type { Values } from '../../../src/runtime/session.ts';
import { checkGradient } from '../../../src/train/detect/self-check.ts';
import { setUp } from '../../../src/train/setup.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import type { HostLoss, Objective, PreparedTask } from '../../../src/train/types.ts';
import { line, points } from '../../support/training.ts';

/** Half of y² outside the graph, whose gradient by y is y times `wrong`. */
async function opened(wrong = 1) {
  const data = points(6);
  const { task, example } = await setUp(line(), data, { task: 'regress' });
  const lossOf = (outputs: Values): HostLoss => {
    const y = outputs.y as NonNullable<Values[string]>;
    const value = Number(y.data[0]);
    return { loss: value ** 2 / 2, gradients: { y: { ...y, data: Float32Array.of(wrong * value) } } };
  };
  const objective: Objective = { kind: 'host', lossOf };
  const trainer = await Trainer.open(line(), objective, example);
  const fixed = async () => (outputs: Values) => lossOf(outputs).loss;
  return { trainer, task: { ...task, objective, fixed } as PreparedTask, plain: task, example };
}

describe('train/detect/self-check', () => {
  it('measures the slope that the gradient promises: its norm', async () => {
    const { trainer, task, example } = await opened();
    const [a, b] = [0, 1].map((at) => Number(example.inputs.x?.data[at])) as [number, number];
    const y = 0.5 * a - b + 0.25;
    const check = await checkGradient(trainer, task, example);
    // By w: y · x, by b: y.
    expect(check?.promised).to.be.closeTo(Math.abs(y) * Math.hypot(a, b, 1), 1e-5);
    expect(check?.error).to.be.below(1e-3);
    await trainer.close();
  });

  it('finds a gradient that is twice as large, or of the other sign', async () => {
    for (const [wrong, least] of [
      [2, 0.4],
      [-1, 1.9],
    ] as const) {
      const { trainer, task, example } = await opened(wrong);
      expect((await checkGradient(trainer, task, example))?.error).to.be.within(least, 2.1);
      await trainer.close();
    }
  });

  it('leaves parameters as they were, and the optimizer fresh', async () => {
    const { trainer, task, example } = await opened();
    await trainer.step([[example]], 0.01);
    const { theta } = trainer.state();
    await checkGradient(trainer, task, example);
    const { steps, optimizer, theta: now } = trainer.state();
    expect(now).to.deep.equal(theta);
    expect([steps, ...optimizer.map((it) => Math.max(...it.map(Math.abs)))]).to.deep.equal([0, 0, 0]);
    await trainer.close();
  });

  it('promises nothing where there is no gradient, and says nothing of a loss in the graph', async () => {
    const { trainer, task, plain, example } = await opened(0);
    expect(await checkGradient(trainer, task, example)).to.deep.equal({ promised: 0, measured: 0, error: 0 });
    expect(await checkGradient(trainer, plain, example)).to.equal(undefined);
    await trainer.close();
  });
});
