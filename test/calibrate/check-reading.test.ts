import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { checkReading } from '../../src/calibrate/check-reading.ts';
import { sizeFitsBetter } from '../../src/calibrate/reading-fit.ts';
import { survey } from '../../src/calibrate/survey.ts';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { doubled, reversed } from '../../src/inputs/readings.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { plan } from '../../src/plan/index.ts';
import type { Value } from '../../src/runtime/session.ts';
import { rejection } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';

/** Pictures of cells of a size, each of a random colour: as much of each as `tint` says. */
function pictures(dims: readonly [number, number, number, number], tint: readonly number[], cell = 1): Value {
  const [count, channels, height, width] = dims;
  const random = new Random(5);
  const data = new Float32Array(count * channels * height * width);
  const across = Math.ceil(width / cell);
  for (let plane = 0; plane < count * channels; plane++) {
    const colours = Array.from({ length: Math.ceil(height / cell) * across }, () => random.uniform());
    for (let i = 0; i < height * width; i++) {
      const [y, x] = [Math.floor(i / width), i % width];
      const colour = colours[Math.floor(y / cell) * across + Math.floor(x / cell)] as number;
      data[plane * height * width + i] = (tint[plane % channels] as number) * (0.5 + colour);
    }
  }
  return { type: DataType.FLOAT, dims, data };
}

/** Mean and variance of each channel of a value. */
function statisticsOf({ dims, data }: Value): { mean: number[]; variance: number[] } {
  const [count, channels, height, width] = dims as [number, number, number, number];
  const own = data as Float32Array;
  const area = height * width;
  const columns = Array.from({ length: channels }, (_, c) =>
    Array.from({ length: count }, (_, n) =>
      Array.from(own.subarray((n * channels + c) * area, (n * channels + c + 1) * area)),
    ).flat(),
  );
  const mean = columns.map((it) => it.reduce((sum, value) => sum + value / it.length, 0));
  const variance = columns.map((it, c) =>
    it.reduce((sum, value) => sum + (value - (mean[c] as number)) ** 2 / it.length, 0),
  );
  return { mean, variance };
}

const DIMS = [6, 3, 16, 16] as const;
const TINT = [1, 0.5, 0.2];
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** x → Conv → BN that remembers what it sees on the pictures. */
async function trained(
  value: Value,
  weight: readonly number[],
  dims: readonly number[],
  size?: number,
): Promise<Model> {
  const build = (statistics?: ReturnType<typeof statisticsOf>) => {
    const net = new Net();
    const x = net.input('x', ['N', value.dims[1], size, size]);
    const pads = [0, 0, (dims[2] as number) - 1, (dims[3] as number) - 1];
    const y = net.node('Conv', [x, net.weight('W', dims, weight)], { pads }, { outputs: ['y'] });
    return net.output(statistics === undefined ? y : net.bn(y, dims[0] as number, statistics)).model();
  };
  return build(statisticsOf(valueNamed(await runModel(build(), { x: value }), 'y')));
}

async function check(model: Model, value: Value, { memory = 1e9, samples = [0, 1, 2, 3, 4, 5] } = {}) {
  const { sites } = plan(findSites(model).sites, 17, { groups: 1 });
  const limits = { memory };
  const data = datasetOf({ x: value });
  const { bytes } = await survey(model, data, samples, { ...limits, sites: [], chooseGroups: false });
  const surveyed = { given: model, model, bytes, statistics: new Map() };
  return checkReading(surveyed, sites, data, samples, limits);
}

describe('checkReading', () => {
  const right = pictures(DIMS, TINT);
  const wrong = reversed(right, undefined) as Value;

  it('confirms the order that the norms remember, and tells the other', async () => {
    const model = await trained(right, IDENTITY, [3, 3, 1, 1], 16);
    const { order, size } = await check(model, right);
    expect(order?.given).to.be.closeTo(0, 0.05);
    expect(order?.reversed).to.be.above(0.5);
    expect([order?.samples, order?.agreement, size]).to.deep.equal([4, undefined, undefined]);
    const other = (await check(model, wrong)).order;
    expect([other?.given, other?.reversed]).to.deep.equal([order?.reversed, order?.given]);
  });

  it('looks at the answers where norms don’t tell', async () => {
    const grey = await trained(right, new Array<number>(12).fill(1 / 3), [4, 3, 1, 1], 16);
    const alike = (await check(grey, right)).order;
    expect(alike?.given).to.be.closeTo(alike?.reversed as number, 1e-6);
    expect(alike?.agreement).to.be.closeTo(1, 1e-6);

    const net = new Net();
    const x = net.input('x', [1, 3, 16, 16]);
    const y = net.node('Conv', [x, net.weight('W', [3, 3, 1, 1], IDENTITY)]);
    const folded = (await check(net.output(net.node('Softmax', [y], { axis: 1 })).model(), right)).order;
    expect([folded?.given, folded?.reversed]).to.deep.equal([Number.NaN, Number.NaN]);
    expect(folded?.agreement).to.be.below(0.5);
  });

  it('blames a source that does not load', async () => {
    const net = new Net();
    const x = net.input('x', [1, 3, 16, 16]);
    const y = net.node('Softmax', [net.relu(x)], { axis: 1 }, { name: 'Relu_0' });
    const model = net.output(y).model();
    const surveyed = { given: model, model, bytes: new Map(), statistics: new Map() };
    const error = await rejection(checkReading(surveyed, [], datasetOf({ x: right }), [0, 1], {}));
    expect(error.message).to.match(/^the source itself fails: .*same node name/);
  });

  describe('of another size', () => {
    // What a pixel differs from its neighbour, which it does less in larger pictures.
    const EDGES = [1, -1];
    const texture = pictures([4, 1, 32, 32], [1]);

    it('is told where the norms remember one, and the model takes both', async () => {
      const model = await trained(texture, EDGES, [1, 1, 1, 2]);
      expect(await check(model, texture, { samples: [0, 1, 2, 3] })).to.deep.equal({});
      const { size, order } = await check(model, doubled(texture, undefined) as Value, { samples: [0, 1, 2, 3] });
      expect(order).to.equal(undefined);
      expect(sizeFitsBetter(size?.half as number, size?.given as number)).to.equal(true);
      expect(size?.double).to.be.above(size?.given as number);
    });

    it('is not tried where memory does not reach, or the model takes one size', async () => {
      const large = doubled(texture, undefined) as Value;
      const model = await trained(texture, EDGES, [1, 1, 1, 2]);
      expect((await check(model, large, { memory: 1e4, samples: [0, 1] })).size).to.have.all.keys('given', 'half');
      const fixed = await trained(large, EDGES, [1, 1, 1, 2], 64);
      expect(await check(fixed, pictures([2, 1, 64, 64], [9]), { samples: [0, 1] })).to.deep.equal({});
    });

    it('is passed over where the model does not run on it', async () => {
      const net = new Net();
      const x = net.input('x', ['N', 1, undefined, undefined]);
      const rows = net.node('Reshape', [x, net.weight('shape', [4], [-1, 1, 32, 32], DataType.INT64)]);
      const all = net.node('Add', [rows, net.weight('c', [2, 1, 32, 32])]);
      const model = net.output(net.bn(all, 1, { mean: [50], variance: [1] })).model();
      const { size } = await check(model, texture, { samples: [0, 1] });
      expect(size?.given).to.be.above(1);
      expect(size?.double).to.equal(undefined);
    });
  });

  it('says nothing of what is no picture', async () => {
    const net = new Net();
    const model = net.output(net.bn(net.input('x', ['N', 8]), 8)).model();
    const value = { type: DataType.FLOAT, dims: [2, 8], data: new Float32Array(16) };
    expect(await check(model, value, { samples: [0, 1] })).to.deep.equal({});
    expect(await check(await trained(right, IDENTITY, [3, 3, 1, 1]), right, { samples: [] })).to.deep.equal({});
  });
});
