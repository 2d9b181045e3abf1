import { expect } from 'chai';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { leastLoss, termsFor } from '../../../src/train/refine/objective.ts';

function value(dims: readonly number[], data: readonly number[]): Value {
  return { type: DataType.FLOAT, dims, data: Float32Array.from(data) };
}

describe('train/refine/objective', () => {
  it('weighs squared differences so that they begin at 1', () => {
    const pair = { source: { y: value([1, 4], [0, 2, 4, 6]) }, rewritten: { y: value([1, 4], [1, 3, 5, 7]) } };
    const [term] = termsFor([{ value: 'y', loss: 'mse' }], [pair]) ?? [];
    // Every number is off by 1, so the mean squared difference is 1.
    expect(term?.weight).to.be.closeTo(1, 1e-9);
  });

  it('weighs cross-entropy by what it has beyond its least', () => {
    const pair = { source: { p: value([1, 2], [0.5, 1]) }, rewritten: { p: value([1, 2], [0.25, 1]) } };
    const [term] = termsFor([{ value: 'p', loss: 'bce' }], [pair]) ?? [];
    const beyond = (0.5 * Math.log(2) + 0.5 * Math.log(0.5 / 0.75)) / 2;
    expect(term?.weight).to.be.closeTo(1 / beyond, 1e-6 / beyond);
  });

  it('counts kinds alike, and values of a kind by their size', () => {
    const numbers = (off: number) => ({
      small: value([1, 2], [0 + off, 1 + off]),
      large: value(
        [1, 6],
        [0, 1, 0, 1, 0, 1].map((it) => it + off),
      ),
      rows: value([1, 2], off === 0 ? [0.9, 0.1] : [0.6, 0.4]),
    });
    const terms = termsFor(
      [
        { value: 'small', loss: 'mse' },
        { value: 'large', loss: 'mse' },
        { value: 'rows', loss: 'kl' },
      ],
      [{ source: numbers(0), rewritten: numbers(1) }],
    );
    const weight = (name: string) => terms?.find(({ output }) => output === name)?.weight ?? 0;
    expect(weight('large') / weight('small')).to.be.closeTo(3, 1e-9);
    // Each is off by 1, which both of the kind begin with: 1 together.
    expect(weight('small') + weight('large')).to.be.closeTo(1, 1e-9);
    const beyond = 0.9 * Math.log(0.9 / 0.6) + 0.1 * Math.log(0.1 / 0.4);
    expect(weight('rows') * beyond).to.be.closeTo(1, 1e-6);
  });

  it('has nothing to minimise if both models answer alike', () => {
    const same = { y: value([1, 2], [3, 5]) };
    expect(termsFor([{ value: 'y', loss: 'mse' }], [{ source: same, rewritten: same }])).to.equal(undefined);
  });

  it('knows what a cross-entropy can not fall below', () => {
    const terms = [
      { output: 'p', loss: 'bce', weight: 2 },
      { output: 'y', loss: 'mse', weight: 5 },
    ] as const;
    // ln 2 for an even chance, nothing for a certain answer.
    expect(leastLoss(terms, [value([1, 2], [0.5, 1]), value([1, 1], [3])])).to.be.closeTo(Math.log(2), 1e-9);
  });
});
