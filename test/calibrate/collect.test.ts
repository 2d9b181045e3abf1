import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { collect, type PassOptions } from '../../src/calibrate/collect.ts';
import { joinStatistics, type SiteStatistics, STATISTICS } from '../../src/calibrate/statistics.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { type Dataset, datasetOf } from '../../src/inputs/dataset.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { plan } from '../../src/plan/index.ts';
import type { Value } from '../../src/runtime/session.ts';
import { madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { searchOf } from '../support/swapped.ts';

function floats(dims: readonly number[], seed = 1): Value {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * seed)) };
}

/** Two norms on pictures of that batch; one that is fixed can't be opened. */
function twoNorms(batch: number | string): Search {
  const net = new Net();
  let x = net.conv(net.input('x', [batch, 3, 4, 4]), 3, 8, { kernel: 3 });
  if (typeof batch === 'number')
    x = net.node('Reshape', [x, net.weight('shape', [4], [batch, 8, 4, 4], DataType.INT64)]);
  x = net.conv(net.relu(net.bn(x, 8)), 8, 8);
  return findSites(net.output(net.bn(x, 8)).model());
}

async function statisticsOf(
  search: Search,
  data: Dataset,
  samples: readonly number[],
  options: Partial<PassOptions> = {},
) {
  const planned = plan(search.sites, 17, {});
  const found = await collect(search.model, planned, data, samples, { memory: 1e9, ...options });
  expect([...found.keys()]).to.deep.equal(planned.sites);
  return [...found.values()];
}

function expectAlike(found: readonly SiteStatistics[], expected: readonly SiteStatistics[]): void {
  expect(found).to.have.length(expected.length);
  for (const [index, it] of found.entries()) {
    for (const field of STATISTICS) {
      const values = expected[index]?.[field] ?? new Float64Array();
      expect(it[field], field).to.have.length(values.length);
      // The same numbers of size 1, of kernels that add them in another order for another batch.
      for (const [at, value] of it[field].entries())
        expect(value, `${field} ${at}`).to.be.closeTo(values[at] as number, 1e-5);
    }
  }
}

describe('collect', () => {
  const data = datasetOf({ x: floats([9, 3, 4, 4]) });
  const samples = [0, 1, 2, 4, 5, 6, 8];

  it('has a row a sample, in their order, whatever runs memory allows', async () => {
    const search = twoNorms('N');
    const alone: SiteStatistics[][] = [];
    for (const sample of samples) alone.push(await statisticsOf(search, data, [sample]));
    const joined = [0, 1].map((site) => joinStatistics(alone.map((it) => it[site] as SiteStatistics)));
    const steps: string[] = [];
    const onProgress = (step: string, done: number, of: number) => steps.push(`${step} ${done}/${of}`);
    // Memory for no sample at all: each is a run, and solves for itself.
    expectAlike(await statisticsOf(search, data, samples, { memory: 1, onProgress }), joined);
    expect(steps).to.deep.equal(samples.map((_, index) => `calibrate ${index}/7`));
    // In one run, all are solved together: the first site sees the same, the second does not.
    const together = await statisticsOf(search, data, samples);
    expectAlike(together.slice(0, 1), joined.slice(0, 1));
    expect(together[1]?.meanX).to.not.deep.equal(joined[1]?.meanX);
  });

  it('makes runs as large as memory allows', async () => {
    const search = twoNorms('N');
    const runs: number[] = [];
    const onProgress = (_: string, __: number, of: number) => runs.push(of);
    // Both paths of five values of 128 numbers.
    const perSample = 2 * 4 * 5 * 128;
    for (const [memory, count] of [
      [7 * perSample, 1],
      [7 * perSample - 1, 2],
      [3 * perSample, 3],
    ] as const) {
      runs.length = 0;
      await statisticsOf(search, data, samples, { memory, onProgress });
      expect(runs, String(memory)).to.deep.equal(new Array(count).fill(count));
    }
  });

  it('fills a fixed batch up, and counts no sample twice', async () => {
    const search = twoNorms(4);
    const found = await statisticsOf(search, data, samples);
    expect(found.map(({ meanX }) => meanX.length)).to.deep.equal([7 * 8, 7 * 8]);
    // What reaches the first site hangs on nothing that was solved.
    const open = await statisticsOf(twoNorms('N'), data, samples);
    expectAlike(found.slice(0, 1), open.slice(0, 1));
  });

  it('runs samples of one size together, and those of others apart, all in the order of the samples', async () => {
    const net = new Net();
    const x = net.conv(net.input('x', ['N', 3, 'H', 'W']), 3, 8, { kernel: 3 });
    const search = findSites(net.output(net.bn(x, 8)).model());
    const widths = [4, 6, 4, 6, 5];
    const pictures: Dataset = {
      count: 5,
      keyOf: (sample) => String(widths[sample]),
      load: async (sample) => ({ x: floats([1, 3, 4, widths[sample] as number], sample + 1) }),
    };
    const runs: number[] = [];
    const onProgress = (_: string, __: number, of: number) => runs.push(of);
    const [found] = await statisticsOf(search, pictures, [0, 1, 2, 3, 4], { onProgress });
    expect(runs).to.deep.equal([3, 3, 3]);
    expect(found?.meanX).to.have.length(5 * 8);
    const parts: SiteStatistics[] = [];
    for (const sample of [0, 2, 1, 3, 4]) parts.push(...(await statisticsOf(search, pictures, [sample])));
    expectAlike([found as SiteStatistics], [joinStatistics(parts)]);
  });

  it('keeps every row of a site that sees several a sample, such as the frames of a film', async () => {
    const net = new Net();
    const frames = net.node('Reshape', [
      net.input('x', [2, 3, 4, 5]),
      net.weight('shape', [3], [6, 4, 5], DataType.INT64),
    ]);
    const search = findSites(net.output(net.bn(frames, 4)).model());
    const [found] = await statisticsOf(search, datasetOf({ x: floats([3, 3, 4, 5]) }), [0, 1, 2]);
    // Three samples of three frames, of four channels; the batch of two was filled up with a fourth.
    expect(found?.meanX).to.have.length(3 * 3 * 4);
  });

  it('takes several inputs, and one that is the same for all', async () => {
    const net = new Net();
    const sum = net.node('Add', [net.input('a', ['N', 8, 4, 4]), net.input('b', ['N', 8, 4, 4])]);
    const search = findSites(net.output(net.bn(net.node('Mul', [sum, net.input('gain', [1])]), 8)).model());
    const inputs = { a: floats([4, 8, 4, 4]), b: floats([4, 8, 4, 4], 2), gain: floats([1]) };
    const [found] = await statisticsOf(search, datasetOf(inputs), [0, 1, 2, 3]);
    expect(found?.meanX).to.have.length(4 * 8);
  });

  it('has nothing where there are no samples, or no site can be solved', async () => {
    const search = twoNorms('N');
    expect(await collect(search.model, plan(search.sites, 17, {}), data, [], {})).to.deep.equal(new Map());
    const inner = await searchOf(fixtureNamed('if-own-parameters'));
    const inputs = datasetOf(madeInputs(inner.model, 2));
    expect(await collect(inner.model, plan(inner.sites, 17, {}), inputs, [0, 1], {})).to.deep.equal(new Map());
  });

  it('says so where source and rewritten model do not run side by side', async () => {
    // How many rows the branch answers hangs on the norm's values, which only a look into the branch would tell.
    const branch = (prefix: string) => {
      const inner = new Net({ prefix, opset: 13 });
      const found = inner.node('NonZero', [inner.node('Relu', ['y'])]);
      return inner.output(inner.node('Transpose', [found]), ['rows', 2], DataType.INT64).graph(prefix);
    };
    const net = new Net({ opset: 13 });
    net.bn(net.input('x', ['N', 8]), 8, { name: 'first', outputs: ['y'] });
    const choice = net.weight('choice', [], [1], DataType.BOOL);
    const rows = net.node('If', [choice], {
      then_branch: { graph: branch('yes/') },
      else_branch: { graph: branch('no/') },
    });
    const behind = net.bn(net.node('Cast', [rows], { to: DataType.FLOAT }), 2, { name: 'second' });
    const search = findSites(net.output(behind).model());
    const error = await rejection(statisticsOf(search, datasetOf({ x: floats([16, 8]) }), [...Array(16).keys()]));
    expect(error).to.include({ code: 'runtime-failed' });
    expect(error.message).to.match(/the source runs on the calibration inputs, but the calibration graph does not/);
    expect(error.remedy).to.include('--exclude');
  });
});
