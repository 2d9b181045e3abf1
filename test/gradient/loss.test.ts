import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { LOSSES, type LossName } from '../../src/gradient/losses.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { runModel, valueNamed } from '../support/session.ts';

const [ROWS, CLASSES] = [3, 5];

/** The losses in float64, written apart: z and target as [rows][classes]. */
const REFERENCE: Readonly<Record<LossName, (z: Float64Array, target: Float64Array) => number>> = {
  'cross-entropy': (z, t) => {
    const rows = [...t.keys()].filter((row) => (t[row] as number) >= 0);
    return (
      rows.reduce((sum, row) => sum - (logSoftmax(z, row)[t[row] as number] as number), 0) / Math.max(1, rows.length)
    );
  },
  kl: (z, t) =>
    mean(ROWS, (row) => sumOf(logSoftmax(z, row), (log, c) => at(t, row, c) * (Math.log(at(t, row, c)) - log))),
  bce: (z, t) => mean(z.length, (i) => Math.log1p(Math.exp(z[i] as number)) - (z[i] as number) * (t[i] as number)),
  dice: (z, t) =>
    mean(ROWS, (row) => {
      const p = rowOf(z, row).map((it) => 1 / (1 + Math.exp(-it)));
      const own = rowOf(t, row);
      return (
        1 - (2 * sumOf(p, (it, c) => it * (own[c] as number)) + 1) / (sumOf(p, (it) => it) + sumOf(own, (it) => it) + 1)
      );
    }),
  mse: (z, t) => mean(z.length, (i) => ((z[i] as number) - (t[i] as number)) ** 2),
  l1: (z, t) => mean(z.length, (i) => Math.abs((z[i] as number) - (t[i] as number))),
  huber: (z, t) =>
    mean(z.length, (i) => {
      const e = Math.abs((z[i] as number) - (t[i] as number));
      return e <= 1 ? e ** 2 / 2 : e - 0.5;
    }),
};

function at(values: Float64Array, row: number, column: number): number {
  return values[row * CLASSES + column] as number;
}
function rowOf(values: Float64Array, row: number): Float64Array {
  return values.slice(row * CLASSES, (row + 1) * CLASSES);
}
function sumOf(values: Float64Array, term: (value: number, index: number) => number): number {
  return values.reduce((sum, value, index) => sum + term(value, index), 0);
}
function mean(count: number, term: (index: number) => number): number {
  return Array.from({ length: count }, (_, index) => term(index)).reduce((sum, value) => sum + value, 0) / count;
}
function logSoftmax(z: Float64Array, row: number): Float64Array {
  const own = rowOf(z, row);
  const total = Math.log(sumOf(own, Math.exp));
  return own.map((value) => value - total);
}

function targetOf(name: LossName): Value {
  const random = new Random(3);
  if (name === 'cross-entropy') return { type: DataType.INT64, dims: [ROWS], data: BigInt64Array.of(2n, -1n, 4n) };
  const raw = Float32Array.from({ length: ROWS * CLASSES }, () => random.uniform());
  const data =
    name === 'kl'
      ? raw.map(
          (value, i) =>
            value / sumOf(Float64Array.from(rowOf(Float64Array.from(raw), Math.floor(i / CLASSES))), (it) => it),
        )
      : raw;
  return { type: DataType.FLOAT, dims: [ROWS, CLASSES], data };
}

/** z itself as the output of the model, so that the gradient by the input is that of the loss. */
function passing(): Net {
  const net = new Net({ opset: 17 });
  return net.output(net.node('Identity', [net.input('z', [ROWS, CLASSES])], {}, { outputs: ['y'] }), [ROWS, CLASSES]);
}

describe('gradient/loss', () => {
  for (const name of LOSSES) {
    it(`${name} and its gradient are those of the formula in float64`, async () => {
      const random = new Random(9);
      const z = Float32Array.from({ length: ROWS * CLASSES }, () => 2 * random.normal());
      const target = targetOf(name);
      const { model } = await gradientOf(passing().model(), { wrt: ['inputs'], loss: name });
      const results = await runModel(model, { z: { type: DataType.FLOAT, dims: [ROWS, CLASSES], data: z }, target });
      const t = Float64Array.from(numbersOf(target) ?? []);
      const exact = Float64Array.from(z);
      const reference = REFERENCE[name];
      expect(numbersOf(valueNamed(results, 'loss'))?.[0]).to.be.closeTo(
        reference(exact, t),
        2e-6 * (1 + reference(exact, t)),
      );
      const gradient = numbersOf(valueNamed(results, 'd/z')) ?? [];
      for (const [index, value] of exact.entries()) {
        // Central differences in float64: the error of h = 1e-5 is 1e-10.
        const moved = (by: number) =>
          reference(
            exact.map((it, i) => (i === index ? value + by : it)),
            t,
          );
        expect(gradient[index]).to.be.closeTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 2e-6);
      }
    });
  }

  it('works on the value before a Sigmoid: saturated scores still have a gradient', async () => {
    const net = new Net({ opset: 17 });
    net.output(net.node('Sigmoid', [net.input('z', [1, 2])], {}, { outputs: ['p'] }), [1, 2]);
    const { model, notes } = await gradientOf(net.model(), { wrt: ['inputs'], loss: 'bce' });
    expect(notes[0]).to.match(/before the Sigmoid/);
    const z = { type: DataType.FLOAT, dims: [1, 2], data: Float32Array.of(-40, 40) };
    const results = await runModel(model, { z, target: { ...z, data: Float32Array.of(1, 0) } });
    expect([...(numbersOf(valueNamed(results, 'd/z')) as Float32Array)]).to.deep.equal([-0.5, 0.5]);
  });
});
