import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { numbersOf, type Values } from '../../src/runtime/session.ts';
import { rejection } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';

const [N, C, L] = [3, 2, 4];
const EPSILON = 1e-3;
const STATISTICS = { mean: [0.5, -1], variance: [2, 0.3] };

/** BatchNormalization alone: [3, 2, 4]. */
function norm(): Net {
  const net = new Net({ opset: 17 });
  const x = net.input('x', [N, C, L]);
  const y = net.bn(x, C, { scale: [1.5, -0.5], bias: [0.1, 0.2], ...STATISTICS, epsilon: EPSILON, outputs: ['y'] });
  return net.output(y, [N, C, L]);
}

/** The batch's mean and variance of each channel, in float64. */
function statisticsOf(x: ArrayLike<number>): { mean: number[]; variance: number[] } {
  const of = (channel: number) => Array.from(x).filter((_, index) => Math.floor(index / L) % C === channel);
  const mean = [0, 1].map((channel) => of(channel).reduce((sum, it) => sum + it, 0) / (N * L));
  const variance = [0, 1].map(
    (channel) => of(channel).reduce((sum, it) => sum + (it - (mean[channel] as number)) ** 2, 0) / (N * L),
  );
  return { mean, variance };
}

/** Σ dy·y with the statistics of the batch, written apart. */
function weighted(
  x: ArrayLike<number>,
  scale: readonly number[],
  bias: readonly number[],
  dy: ArrayLike<number>,
): number {
  const { mean, variance } = statisticsOf(x);
  let sum = 0;
  for (let index = 0; index < x.length; index++) {
    const channel = Math.floor(index / L) % C;
    const centred = (x[index] as number) - (mean[channel] as number);
    const y =
      (centred / Math.sqrt((variance[channel] as number) + EPSILON)) * (scale[channel] as number) +
      (bias[channel] as number);
    sum += (dy[index] as number) * y;
  }
  return sum;
}

/** The slope by each entry of a list, by central differences. */
function slopes(values: readonly number[], f: (values: readonly number[]) => number): number[] {
  const h = 1e-5;
  const moved = (at: number, by: number) => values.map((value, index) => (index === at ? value + by : value));
  return values.map((_, at) => (f(moved(at, h)) - f(moved(at, -h))) / (2 * h));
}

describe('gradient: BatchNormalization in training mode', () => {
  const random = new Random(3);
  const numbers = () => Array.from({ length: N * C * L }, () => Math.fround(random.normal()));
  const [x, dy] = [numbers(), numbers()];
  const float = (data: readonly number[]) => ({ type: DataType.FLOAT, dims: [N, C, L], data: Float32Array.from(data) });

  it('differentiates through the statistics of the batch, and moves the running ones', async () => {
    const source = norm().model();
    const { model, init, updates, parameters } = await gradientOf(source, {
      batchNorm: 'train',
      wrt: ['all', 'inputs'],
      verify: true,
    });
    const first = await runModel(init, {});
    const [, scale = '', bias = '', mean = '', variance = ''] = source.proto.graph.node[0]?.input ?? [];
    const read = (values: Values, name: string) => Array.from(numbersOf(valueNamed(values, name)) ?? [], Number);
    const [gamma, beta] = [read(first, scale), read(first, bias)];
    expect(read(first, mean)).to.deep.equal(STATISTICS.mean);
    const results = await runModel(model, { ...first, x: float(x), 'd/y': float(dy) });
    const near = (name: string, wanted: readonly number[]) => {
      for (const [index, value] of read(results, name).entries())
        expect(value, `${name} ${index}`).to.be.closeTo(wanted[index] as number, 2e-5);
    };
    near(
      'd/x',
      slopes(x, (moved) => weighted(moved, gamma, beta, dy)),
    );
    near(
      `d/${scale}`,
      slopes(gamma, (moved) => weighted(x, moved, beta, dy)),
    );
    near(
      `d/${bias}`,
      slopes(beta, (moved) => weighted(x, gamma, moved, dy)),
    );
    const own = statisticsOf(x);
    near(
      `next/${mean}`,
      own.mean.map((it, channel) => 0.9 * (STATISTICS.mean[channel] as number) + 0.1 * it),
    );
    near(
      `next/${variance}`,
      own.variance.map((it, channel) => 0.9 * (STATISTICS.variance[channel] as number) + 0.1 * it),
    );
    expect(updates.map(({ input, output }) => [input, output])).to.deep.equal([
      [mean, `next/${mean}`],
      [variance, `next/${variance}`],
    ]);
    expect(parameters.filter(({ taken }) => taken).map(({ name }) => name)).to.deep.equal([scale, bias]);
  });

  it('goes with a loss, an optimizer and one vector of parameters', async () => {
    const { model, updates, notes } = await gradientOf(norm().model(), {
      batchNorm: 'train',
      loss: 'mse',
      optimizer: 'adamw',
      flat: true,
      verify: true,
    });
    expect(updates.map(({ input }) => input).slice(0, 3)).to.have.members(['theta', 'm/theta', 'v/theta']);
    expect(updates).to.have.length(5);
    expect(notes.join()).to.include('training mode at 1 node:');
    expect(model.proto.graph.output.map(({ name }) => name)).to.include.members(updates.map(({ output }) => output));
  });

  it('says at how many nodes the running statistics do not move, or become those of the last batch', async () => {
    const noted = async (momenta: readonly (number | undefined)[], batchNorm: 'train' | 'renorm') => {
      const net = new Net({ opset: 17 });
      const y = momenta.reduce<string>(
        (x, momentum) => {
          const attributes: Record<string, { float: number }> =
            momentum === undefined ? {} : { momentum: { float: momentum } };
          return net.relu(net.bn(x, C, { attributes }));
        },
        net.input('x', [N, C, L]),
      );
      const { notes } = await gradientOf(net.output(net.bn(y, C, { outputs: ['y'] }), [N, C, L]).model(), {
        batchNorm,
      });
      return notes.filter((note) => note.startsWith('running statistics'));
    };
    expect(await noted([1, 0.9, 1], 'train')).to.deep.equal([
      'running statistics of BatchNormalization do not move at 2 of 4 nodes (momentum 1): exporters write 1 for momentum=None of PyTorch; 0.9 is usual',
    ]);
    const [both] = await noted([0, 1], 'renorm');
    expect(both).to.include(
      'do not move at 1 of 3 nodes (momentum 1), and become those of the last batch at 1 of 3 nodes (momentum 0)',
    );
    expect(await noted([0.9, undefined], 'train')).to.deep.equal([]);
  });

  it('refuses a model without such norms, and norms that share their statistics', async () => {
    const bare = new Net({ opset: 17 });
    const y = bare.node(
      'Conv',
      [bare.input('x', [1, 2, 4, 4]), bare.weight('w', [2, 2, 1, 1])],
      {},
      { outputs: ['y'] },
    );
    const none = await rejection(gradientOf(bare.output(y, [1, 2, 4, 4]).model(), { batchNorm: 'train' }));
    expect(none.message).to.include('it has no BatchNormalization whose running statistics are stored');
    const net = new Net({ opset: 17 });
    const [mean, variance] = [net.weight('mean', [2]), net.weight('variance', [2], [1, 2])];
    const once = net.bn(net.input('x', [2, 2, 4]), 2, { mean, variance });
    const twice = net.bn(net.relu(once), 2, { mean, variance, outputs: ['y'] });
    const shared = await rejection(gradientOf(net.output(twice, [2, 2, 4]).model(), { batchNorm: 'train' }));
    expect(shared.message).to.include('is read by another norm, too');
  });
});
