import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { STATISTICS } from '../../src/calibrate/statistics.ts';
import { type SurveyOptions, survey } from '../../src/calibrate/survey.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { batchOf } from '../../src/inputs/batch.ts';
import { type Dataset, datasetOf } from '../../src/inputs/dataset.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { plan, type SitePlan } from '../../src/plan/index.ts';
import { numbersOf, type Value, type Values } from '../../src/runtime/session.ts';
import { madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { searchOf } from '../support/swapped.ts';

const all = (data: Dataset) => Array.from({ length: data.count }, (_, index) => index);

function look(search: Search, data: Dataset, more: Partial<SurveyOptions> = {}) {
  const { sites } = plan(search.sites, 17, {});
  return survey(search.model, data, all(data), { sites, chooseGroups: false, ...more });
}

function floats(dims: readonly number[]): Value {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1)) };
}

/** Conv → BN on pictures of that batch. */
function block(batch: number | string): Net {
  const net = new Net();
  return net.output(net.bn(net.conv(net.input('x', [batch, 3, 4, 4]), 3, 8, { kernel: 3 }), 8));
}

describe('survey', () => {
  describe('of a fixed batch', () => {
    for (const batch of [1, 4]) {
      it(`opens one of ${batch} where two samples are answered together as each alone`, async () => {
        const search = findSites(block(batch).model());
        const { model } = await look(search, datasetOf({ x: floats([5, 3, 4, 4]) }));
        expect(batchOf(model).size).to.equal(undefined);
        expect(model.proto.graph.node).to.equal(search.model.proto.graph.node);
      });
    }

    const CLOSED: readonly (readonly [string, (net: Net, x: string) => string])[] = [
      [
        'a Reshape states it',
        (net, x) => net.node('Reshape', [x, net.weight('shape', [4], [1, 8, 8, 2], DataType.INT64)]),
      ],
      [
        'the samples are mixed',
        (net, x) => net.node('Sub', [x, net.node('ReduceMax', [x], { axes: [0], keepdims: 1 })]),
      ],
      [
        'the samples end up in one',
        (net, x) => net.node('Reshape', [x, net.weight('shape', [4], [1, 8, -1, 2], DataType.INT64)]),
      ],
    ];
    for (const [what, layer] of CLOSED) {
      it(`leaves it where ${what}`, async () => {
        const net = new Net();
        const x = layer(net, net.conv(net.input('x', [1, 3, 4, 4]), 3, 8, { kernel: 3 }));
        const search = findSites(net.output(net.bn(x, 8)).model());
        const { model } = await look(search, datasetOf({ x: floats([5, 3, 4, 4]) }));
        expect(model).to.equal(search.model);
      });
    }

    it('leaves it where there is one sample, no two of one shape, or no site to tell', async () => {
      const search = findSites(block(1).model());
      expect((await look(search, datasetOf({ x: floats([1, 3, 4, 4]) }))).model).to.equal(search.model);
      const data = datasetOf({ x: floats([5, 3, 4, 4]) });
      expect((await look(search, data, { sites: [] })).model).to.equal(search.model);
      const apart = { ...data, keyOf: (sample: number) => String(sample) };
      expect((await look(search, apart)).model).to.equal(search.model);
    });
  });

  it('leaves an open batch as it is', async () => {
    const search = findSites(block('N').model());
    expect((await look(search, datasetOf({ x: floats([5, 3, 4, 4]) }))).model).to.equal(search.model);
  });

  describe('of memory', () => {
    const BYTES = 4 * 2 * (8 * 16);

    it('counts the values of one sample, of an open batch and of a fixed one', async () => {
      const data = datasetOf({ x: floats([5, 3, 4, 4]) });
      for (const batch of ['N', 1, 4]) {
        const { bytes } = await look(findSites(block(batch).model()), data);
        expect([...bytes], String(batch)).to.deep.equal([['', BYTES]]);
        const closed = await look(findSites(block(batch).model()), data, { sites: [] });
        expect([...closed.bytes], String(batch)).to.deep.equal([['', BYTES]]);
      }
    });

    it('counts each size of inputs that may share a run, or the first', async () => {
      const net = new Net();
      net.output(net.bn(net.conv(net.input('x', ['N', 3, 'H', 'W']), 3, 8, { kernel: 3 }), 8));
      const sizes = [4, 8, 4, 6, 8];
      const data: Dataset = {
        count: 5,
        keyOf: (sample) => `of ${sizes[sample]}`,
        load: async (sample) => ({ x: floats([1, 3, sizes[sample] as number, 4]) }),
      };
      const { bytes } = await look(findSites(net.model()), data);
      expect([...bytes]).to.deep.equal([
        ['of 4', BYTES],
        ['of 8', 2 * BYTES],
      ]);
      const apart = { ...data, keyOf: (sample: number) => String(sample) };
      expect([...(await look(findSites(net.model()), apart)).bytes]).to.deep.equal([['0', BYTES]]);
    });

    it('counts eight bytes a number in float64', async () => {
      const net = new Net({ type: DataType.DOUBLE });
      const search = findSites(net.output(net.bn(net.input('x', ['N', 8, 4, 4]), 8)).model());
      const { bytes } = await look(search, datasetOf({ x: floats([2, 8, 4, 4]) }), { chooseGroups: true });
      expect([...bytes]).to.deep.equal([['', 8 * 8 * 16]]);
    });

    it('runs the source for sizes that nothing else tells', async () => {
      const net = new Net();
      const x = net.input('x', ['N', 8]);
      const found = net.node('NonZero', [x]);
      const search = findSites(net.output(net.bn(x, 8)).output(found, undefined, DataType.INT64).model());
      const { bytes } = await look(search, datasetOf({ x: floats([3, 8]) }));
      // 8 of the norm, and a row and a column of each of 8 numbers that are not 0.
      expect([...bytes]).to.deep.equal([['', 4 * (8 + 16)]]);
    });
  });

  describe('of statistics', () => {
    it('has those of x and y per sample and channel, of a few samples from all over', async () => {
      const search = findSites(block('N').model());
      const x = floats([20, 3, 4, 4]);
      const loaded: number[] = [];
      const whole = datasetOf({ x });
      const data: Dataset = {
        ...whole,
        load: async (sample) => {
          loaded.push(sample);
          return whole.load(sample);
        },
      };
      const [it] = plan(search.sites, 17, {}).sites as [SitePlan];
      const { statistics } = await look(search, data, { chooseGroups: true, sites: [it] });
      // The first one is looked at for its size.
      expect(loaded[0]).to.equal(0);
      const chosen = [...new Set(loaded.slice(1))];
      expect(chosen).to.deep.equal([4, 9, 14, 19]);
      const found = statistics.get(it);
      const values = await runModel(withOutputs(search.model, [it.site.input, it.site.output]), { x });
      const rowsOf = (name: string) => rows(valueNamed(values, name), chosen);
      const [xs, ys] = [rowsOf(it.site.input), rowsOf(it.site.output)];
      const expected = xs.map((row, index) => moments(row, ys[index] as number[]));
      for (const [index, field] of STATISTICS.entries()) {
        expect(found?.[field]).to.have.length(4 * 8);
        for (const [at, value] of (found?.[field] ?? new Float64Array()).entries()) {
          // Sums of 16 numbers of size 1 in float32.
          expect(value, `${field} ${at}`).to.be.closeTo(expected[at]?.[index] as number, 1e-5);
        }
      }
    });

    it('runs samples together, also where a run had to tell their sizes first', async () => {
      const net = new Net();
      const x = net.conv(net.input('x', ['N', 3, 4, 4]), 3, 8, { kernel: 3 });
      net.output(net.node('NonZero', [x]), undefined, DataType.INT64);
      const search = findSites(net.output(net.bn(x, 8)).model());
      const whole = datasetOf({ x: floats([20, 3, 4, 4]) });
      let [loading, most] = [0, 0];
      const load = async (sample: number) => {
        most = Math.max(most, ++loading);
        const value = await whole.load(sample);
        loading--;
        return value;
      };
      const together = await look(search, { ...whole, load }, { chooseGroups: true });
      expect(most).to.equal(4);
      most = 0;
      const alone = await look(search, { ...whole, load }, { chooseGroups: true, memory: 1 });
      expect(most).to.equal(1);
      const meansOf = ({ statistics }: typeof alone) => [...statistics.values()].map(({ meanX }) => [...meanX]);
      expect(meansOf(together)).to.deep.equal(meansOf(alone));
    });

    it('has them of folded sites too, whose y is x', async () => {
      const search = findSites((await searchOf(fixtureNamed('folded-conv'))).model, undefined, 'folded');
      const inputs = madeInputs(search.model, 4);
      const sites = plan(search.sites, 17, {}).sites;
      const { statistics } = await look(search, datasetOf(inputs), { chooseGroups: true, sites });
      const [found] = [...statistics.values()];
      expect(found?.meanY).to.deep.equal(found?.meanX);
      expect(found?.covariance).to.deep.equal(found?.varianceX);
      expect(found?.varianceX.some((value) => value > 0)).to.equal(true);
    });

    it('has none where none are wanted', async () => {
      const search = findSites(block(1).model());
      const { statistics } = await look(search, datasetOf({ x: floats([5, 3, 4, 4]) }));
      expect([...statistics.values()].every(({ meanX }) => meanX.length === 0)).to.equal(true);
    });
  });

  it('runs a source that was left in training mode in inference mode, as it is solved', async () => {
    const two = (training: boolean) => {
      const net = new Net({ opset: 15 });
      const attributes = { training_mode: 1 };
      const outputs = ['norm', 'mean', 'variance'];
      const first = net.bn(
        net.input('x', ['N', 8, 4, 4]),
        8,
        training ? { attributes, outputs } : { outputs: ['norm'] },
      );
      return findSites(net.output(net.bn(net.node('Relu', [first]), 8)).model());
    };
    const data = datasetOf({ x: floats([5, 8, 4, 4]) });
    const [trained, plain] = await Promise.all(
      [true, false].map((training) => look(two(training), data, { chooseGroups: true })),
    );
    const of = (found: typeof plain) => [...(found?.statistics.values() ?? [])];
    expect(of(trained).length).to.equal(2);
    expect(of(trained)).to.deep.equal(of(plain));
  });

  it('lets errors of the data through', async () => {
    const broken: Dataset = { count: 2, keyOf: () => '', load: async () => ({}) as Values };
    expect(await rejection(look(findSites(block(1).model()), broken))).to.include({ code: 'invalid-data', node: 'x' });
  });
});

/** The numbers of each of those samples and each channel. */
function rows(value: Value, samples: readonly number[]): number[][] {
  const [, channels = 0, ...spatial] = value.dims;
  const area = spatial.reduce((product, dim) => product * dim, 1);
  const numbers = Array.from(numbersOf(value) ?? []);
  return samples.flatMap((sample) =>
    Array.from({ length: channels }, (_, c) =>
      numbers.slice((sample * channels + c) * area, (sample * channels + c + 1) * area),
    ),
  );
}

/** In the order of STATISTICS. */
function moments(x: readonly number[], y: readonly number[]): number[] {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    mean(a.map((value, i) => (value - ma) * ((b[i] as number) - mb)));
  return [mx, product(x, mx, x, mx), my, product(y, my, y, my), product(x, mx, y, my)];
}
