import { expect } from 'chai';
import { block } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { runModel, valueNamed } from '../support/session.ts';

const random = new Random(2);
const floats = (dims: readonly number[]): Value => {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: count }, () => random.normal()) };
};
const numbers = (value: Value | undefined) => [...((value && numbersOf(value)) as Float32Array)];

describe('gradient/flat', () => {
  for (const optimizer of ['adamw', 'sgd'] as const) {
    it(`one vector of parameters gives the same step as each by itself: ${optimizer}`, async () => {
      const options = { loss: 'mse', optimizer, optimizerOptions: { clip: 0.1, weightDecay: 0.2 } } as const;
      const source = block().model();
      const [apart, flat] = [await gradientOf(source, options), await gradientOf(source, { ...options, flat: true })];
      const feeds: Record<string, Value> = {
        x: floats([2, 3, 4, 4]),
        target: floats([2, 4, 4, 4]),
        lr: { type: DataType.FLOAT, dims: [], data: Float32Array.of(0.1) },
      };
      if (optimizer === 'adamw') feeds.step = { type: DataType.INT64, dims: [], data: BigInt64Array.of(1n) };
      const one = await runModel(apart.model, { ...feeds, ...(await runModel(apart.init, {})) });
      const other = await runModel(flat.model, { ...feeds, ...(await runModel(flat.init, {})) });
      const [theta, gradient] = [valueNamed(other, 'next/theta'), valueNamed(other, 'd/theta')].map(numbers);
      expect(flat.layout?.parts.map(({ name }) => name)).to.have.members([...apart.gradients.keys()]);
      for (const { name, offset, dims } of flat.layout?.parts ?? []) {
        const end = offset + dims.reduce((product, dim) => product * dim, 1);
        const own = [`next/${name}`, `d/${name}`].map((it) => numbers(valueNamed(one, it)));
        for (const [index, all] of [theta, gradient].entries()) {
          // The same arithmetic, in another order where the norm of all gradients is summed.
          for (const [at, value] of (all as number[]).slice(offset, end).entries()) {
            expect(value, `${name} ${at}`).to.be.closeTo((own[index] as number[])[at] as number, 1e-6);
          }
        }
      }
      expect(flat.gradients.get('theta')).to.equal('d/theta');
    });
  }
});
