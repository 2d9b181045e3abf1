import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { numbersOf, type Values } from '../../src/runtime/session.ts';
import { rejection } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';

const [N, C, L] = [3, 4, 5];
const EPSILON = 1e-3;
const SCALE = [1.5, -0.5, 0.7, 1.1];
const BIAS = [0.1, 0.2, -0.3, 0];
/** Channel by channel: near the batch, wide of it, narrow beside it, far from it. */
const MOVING = { mean: [0.1, 0, 0.2, 6], variance: [1.1, 40, 0.02, 0.8] };

/** BatchNormalization alone: [3, 4, 5]. */
function norm(): Model {
  const net = new Net({ opset: 17 });
  const x = net.input('x', [N, C, L]);
  const y = net.bn(x, C, { scale: SCALE, bias: BIAS, ...MOVING, epsilon: EPSILON, outputs: ['y'] });
  return net.output(y, [N, C, L]).model();
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/** The batch's mean and variance of each channel, in float64. */
function momentsOf(x: ArrayLike<number>): Moments[] {
  return SCALE.map((_, channel) => {
    const own = Array.from(x).filter((_it, index) => Math.floor(index / L) % C === channel);
    const mean = own.reduce((sum, it) => sum + it, 0) / own.length;
    return { mean, variance: own.reduce((sum, it) => sum + (it - mean) ** 2, 0) / own.length };
  });
}

/** r and d of each channel, as the paper has them. */
function correctionsOf(x: ArrayLike<number>, rMax: number, dMax: number) {
  return momentsOf(x).map(({ mean, variance }, channel) => {
    const moving = Math.sqrt((MOVING.variance[channel] as number) + EPSILON);
    const r = Math.sqrt(variance + EPSILON) / moving;
    const d = (mean - (MOVING.mean[channel] as number)) / moving;
    return { r: Math.min(Math.max(r, 1 / rMax), rMax), d: Math.min(Math.max(d, -dMax), dMax) };
  });
}

/** y, with r and d from elsewhere, so that they stay as they are while x moves. */
function normalized(x: ArrayLike<number>, scale: readonly number[], bias: readonly number[], held: Corrections) {
  const moments = momentsOf(x);
  return Array.from(x, (value, index) => {
    const channel = Math.floor(index / L) % C;
    const { mean, variance } = moments[channel] as Moments;
    const { r, d } = held[channel] as Corrections[number];
    const own = ((value - mean) / Math.sqrt(variance + EPSILON)) * r + d;
    return own * (scale[channel] as number) + (bias[channel] as number);
  });
}

type Corrections = ReturnType<typeof correctionsOf>;

const dot = (one: readonly number[], other: readonly number[]) =>
  one.reduce((sum, it, index) => sum + it * (other[index] as number), 0);

/** The slope by each entry of a list, by central differences. */
function slopes(values: readonly number[], f: (values: readonly number[]) => number): number[] {
  const h = 1e-5;
  const moved = (at: number, by: number) => values.map((value, index) => (index === at ? value + by : value));
  return values.map((_, at) => (f(moved(at, h)) - f(moved(at, -h))) / (2 * h));
}

describe('gradient/renorm', () => {
  const random = new Random(5);
  const numbers = () => Array.from({ length: N * C * L }, () => Math.fround(random.normal()));
  const [x, dy] = [numbers(), numbers()];
  const float = (data: readonly number[]) => ({ type: DataType.FLOAT, dims: [N, C, L], data: Float32Array.from(data) });
  const read = (values: Values, name: string) => Array.from(numbersOf(valueNamed(values, name)) ?? [], Number);

  async function results(options: Parameters<typeof gradientOf>[1]) {
    const source = norm();
    const made = await gradientOf(source, { ...options, wrt: ['all', 'inputs'], verify: true });
    const first = await runModel(made.init, {});
    const values = await runModel(made.model, { ...first, x: float(x), 'd/y': float(dy) });
    const [, scale = '', bias = '', mean = '', variance = ''] = source.proto.graph.node[0]?.input ?? [];
    return { values, made, scale, bias, mean, variance };
  }

  const near = (values: Values, name: string, wanted: readonly number[]) => {
    const own = read(values, name);
    expect(own, name).to.have.length(wanted.length);
    // float32 sums of 15 numbers, and gains up to 7.
    for (const [at, it] of own.entries()) expect(it, `${name} ${at}`).to.be.closeTo(wanted[at] as number, 3e-5);
  };

  for (const [rMax, dMax] of [
    [3, 5],
    [1.5, 0.5],
  ] as const) {
    it(`answers and differentiates as the paper says, r and d held, with limits of ${rMax} and ${dMax}`, async () => {
      const renormLimits = { rMax, dMax };
      const { values, scale, bias, mean, variance, made } = await results({ batchNorm: 'renorm', renormLimits });
      const held = correctionsOf(x, rMax, dMax);
      expect(held.some(({ r }) => r === rMax) && held.some(({ r }) => r === 1 / rMax)).to.equal(true);
      expect(held.some(({ d }) => d === -dMax)).to.equal(true);
      near(values, 'y', normalized(x, SCALE, BIAS, held));
      const gamma = SCALE.map(Math.fround);
      const beta = BIAS.map(Math.fround);
      const byX = slopes(x, (moved) => dot(dy, normalized(moved, gamma, beta, held)));
      near(values, 'd/x', byX);
      const byScale = slopes(gamma, (moved) => dot(dy, normalized(x, moved, beta, held)));
      near(values, `d/${scale}`, byScale);
      const byBias = slopes(beta, (moved) => dot(dy, normalized(x, gamma, moved, held)));
      near(values, `d/${bias}`, byBias);
      const moments = momentsOf(x);
      const moved = (old: readonly number[], now: keyof Moments) =>
        old.map((it, channel) => 0.9 * it + 0.1 * (moments[channel] as Moments)[now]);
      near(values, `next/${mean}`, moved(MOVING.mean, 'mean'));
      near(values, `next/${variance}`, moved(MOVING.variance, 'variance'));
      expect(made.notes.join()).to.include('BatchNormalization as batch renormalization at 1 node:');
      // The oracle can fail: with r and d that move along, the gradient is another one.
      const along = slopes(x, (it) => dot(dy, normalized(it, gamma, beta, correctionsOf(it, rMax, dMax))));
      expect(Math.max(...along.map((it, at) => Math.abs(it - (byX[at] as number))))).to.be.above(0.05);
    });
  }

  it('is training mode with limits of 1 and 0, and answers as frozen without limits', async () => {
    const training = await results({ batchNorm: 'train' });
    const tight = await results({ batchNorm: 'renorm', renormLimits: { rMax: 1, dMax: 0 } });
    for (const name of ['y', 'd/x', `d/${tight.scale}`]) near(tight.values, name, read(training.values, name));
    const frozen = await results({ batchNorm: 'frozen' });
    const loose = await results({ batchNorm: 'renorm', renormLimits: { rMax: 1e9, dMax: 1e9 } });
    near(loose.values, 'y', read(frozen.values, 'y'));
  });

  it('refuses limits that limit nothing, and a model without such norms', async () => {
    const wrong = (renormLimits: object) => rejection(gradientOf(norm(), { batchNorm: 'renorm', renormLimits }));
    expect((await wrong({ rMax: 0.5 })).message).to.include('--r-max is 0.5');
    expect((await wrong({ dMax: -1 })).message).to.include('--d-max is -1');
    const net = new Net({ opset: 17 });
    const y = net.node('Gemm', [net.input('x', [1, 2]), net.weight('w', [2, 2])], {}, { outputs: ['y'] });
    const none = await rejection(gradientOf(net.output(y, [1, 2]).model(), { batchNorm: 'renorm' }));
    expect(none.message).to.include('it has no BatchNormalization whose running statistics are stored');
  });
});
