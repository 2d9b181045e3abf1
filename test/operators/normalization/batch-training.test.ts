import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { numbersOf } from '../../../src/runtime/session.ts';
import { runModel, valueNamed } from '../../support/session.ts';
import { type Case, differenceCases, make } from '../support/cases.ts';

const norm = (title: string, dims: readonly number[], more: Partial<Case> = {}): Case => {
  const channel = [dims[1] as number];
  return {
    title: `in training mode, ${title}`,
    op: 'BatchNormalization',
    inputs: [
      { dims },
      { dims: channel, range: [0.5, 1.5] },
      { dims: channel },
      { dims: channel, constant: true },
      { dims: channel, range: [0.3, 2], constant: true },
    ],
    attributes: { training_mode: 1 },
    // The running statistics are outputs as well, and their gradients go back too.
    outputs: 3,
    opset: 15,
    ...more,
  };
};

describe('operators/normalization: BatchNormalization in training mode', () => {
  differenceCases([
    norm('maps', [2, 3, 4, 5]),
    norm('rank 2', [5, 3]),
    norm('a weight as one sample', [1, 4, 18]),
    norm('opset 14', [2, 3, 4], { opset: 14 }),
    norm('ε', [2, 3, 4], { attributes: { training_mode: 1, epsilon: { float: 0.1 } } }),
    norm('3-D', [2, 2, 2, 3, 2]),
    norm('momentum', [2, 3, 4], { attributes: { training_mode: 1, momentum: { float: 0.6 } } }),
  ]);

  it('gives the running statistics that the operator gives', async () => {
    const { model, feeds, wrt } = make(
      norm('', [2, 3, 4], { attributes: { training_mode: 1, momentum: { float: 0.75 } } }),
    );
    const wanted = await runModel(model, feeds);
    const made = await gradientOf(model, { wrt });
    const seeds = Object.fromEntries(
      [...made.seeds].map(([output, seed]) => [seed, { ...valueNamed(wanted, output) }]),
    );
    const values = await runModel(made.model, { ...feeds, ...seeds });
    for (const name of ['y0', 'y1', 'y2']) {
      const got = numbersOf(valueNamed(values, name)) ?? [];
      const want = Array.from(numbersOf(valueNamed(wanted, name)) ?? []);
      // Rounding of sums over 24 numbers of about 1.
      for (const [index, value] of want.entries()) expect(got[index], name).to.be.closeTo(value, 1e-5);
    }
  });
});
