import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { type BatchMoments, mergeMoments } from '../../src/calibrate/batch-moments.ts';
import { type ReEstimated, reEstimate } from '../../src/calibrate/re-estimate.ts';
import { reEstimatedPlan } from '../../src/calibrate/re-estimated.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { float32Twin } from '../../src/graph/float32.ts';
import { type Dataset, datasetOf } from '../../src/inputs/dataset.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, opsetVersion } from '../../src/onnx/model.ts';
import { type Plan, plan } from '../../src/plan/index.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import { numbersOf, type Value, type Values } from '../../src/runtime/session.ts';
import { madeInputs, runAlone } from '../support/calibration.ts';
import { besideFiles } from '../support/home.ts';
import { valueNamed } from '../support/session.ts';
import { searchOf } from '../support/swapped.ts';
import { twoSites } from '../support/two-sites.ts';

const SAMPLES = 5;

/** A split of its first input goes with none of its other, or it is fed by none; a node that no runtime knows. */
const APART = new Set(['rank-unknown-reshape', 'bn-on-constant', 'domain-foreign']);

/**
 * How far a mean may be off, in σ and shares of its own size. Else 1e-5, for float32 means of up to some thousand numbers;
 * float64 has 2⁻²⁹ of that. A float16 Conv is rounded elsewhere in another graph, by 2⁻¹¹.
 */
const UNITS: ReadonlyMap<DataType, number> = new Map([
  [DataType.DOUBLE, 2e-14],
  [DataType.FLOAT16, 2 ** -11],
]);

function planOf({ model, sites, refusals }: Search): Plan {
  return plan(sites, opsetVersion(model.proto) ?? 0, { to: 'batch' }, refusals);
}

interface Estimate extends ReEstimated {
  readonly planned: Plan;
  readonly inputs: Values;
}

async function estimate(
  search: Search,
  options: { memory?: number; partly?: boolean; inputs?: Values } = {},
): Promise<Estimate> {
  const { inputs = madeInputs(search.model, SAMPLES), ...more } = options;
  const planned = planOf(search);
  const data = datasetOf(inputs);
  const settings = { data, memory: 1e9, ...more };
  return { ...(await reEstimate(search.model, planned, allOf(data), settings)), planned, inputs };
}

function allOf({ count }: Dataset): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** How far apart, in standard deviations. */
function apart(one: Estimate, other: Estimate): number {
  const [a, b] = [[...one.moments], [...other.moments.values()]];
  return Math.max(
    ...a.flatMap(([it, { mean, variance }], site) =>
      Array.from(mean, (value, c) => {
        const deviation = Math.sqrt((variance[c] as number) + it.epsilon);
        return Math.abs(value - (b[site]?.mean[c] as number)) / deviation;
      }),
    ),
  );
}

/** A norm, and behind it a head that three levels share: each level is made from the one before, so that the last lies deepest. */
function tiedHead() {
  const net = new Net({ opset: 16, seed: 8 });
  const [w, g, b] = [net.weight('w', [8, 4, 1, 1]), net.weight('g', [8]), net.weight('b', [8])];
  const [m, v] = [net.weight('m', [8]), net.weight('v', [8], new Array(8).fill(1.5))];
  let level = net.relu(net.bn(net.conv(net.input('x', ['n', 3, 16, 16]), 3, 4), 4));
  const heads = [1, 2, 4].map(() => {
    const y = net.node('BatchNormalization', [net.node('Conv', [level, w]), g, b, m, v]);
    level = net.relu(net.bn(net.node('MaxPool', [level], { kernel_shape: [2, 2], strides: [2, 2] }), 4));
    return net.node('GlobalAveragePool', [net.relu(y)]);
  });
  const model = net.output(net.node('Concat', heads, { axis: 1 })).model();
  return { search: findSites(model), options: { inputs: madeInputs(model, SAMPLES) } };
}

/** Of values of several sizes, as if they were one batch. */
function momentsOfAll(values: readonly Value[]): [mean: number, variance: number][] {
  const [first] = values;
  return Array.from({ length: first?.dims[1] ?? 0 }, (_, channel) => {
    const own = values.flatMap((value) => {
      const [rows = 1, channels = 1] = value.dims;
      const numbers = numbersOf(value) ?? [];
      const area = numbers.length / rows / channels;
      return Array.from(
        { length: rows * area },
        (_, i) => numbers[(Math.floor(i / area) * channels + channel) * area + (i % area)] as number,
      );
    });
    const mean = own.reduce((sum, it) => sum + it, 0) / own.length;
    return [mean, own.reduce((sum, it) => sum + (it - mean) ** 2, 0) / own.length];
  });
}

describe('reEstimate', () => {
  const readable = FIXTURES.filter(({ name, sites }) => sites > 0 && !APART.has(name));
  for (const fixture of readable) {
    it(`${fixture.name}: every site has the statistics of its input in the rewritten model`, async () => {
      const files = fixture.files?.() ?? new Map();
      const inMemory = await searchOf(fixture);
      const search = { ...inMemory, model: { ...inMemory.model, home: besideFiles(files) } };
      const planned = planOf(search);
      // What stands in subgraphs is refused; norms/batch.test.ts has it.
      if (planned.sites.length === 0) {
        expect(planned.refusals.map(({ code }) => code)).to.include('no-statistics');
        return;
      }
      const twin = fixture.notRunnable === undefined ? (it: Model) => it : float32Twin;
      const inputs = fixture.inputs?.() ?? madeInputs(twin(search.model), SAMPLES);
      // One sample a run: each site in turn.
      const found = await estimate(search, { memory: 1, inputs });
      const { plan: solved } = reEstimatedPlan(found.planned, found.moments);
      const names = [...new Set(solved.sites.map(({ site }) => site.input))];
      const rewritten = twin(rewrite(search.model, solved).model);
      const values = await runAlone(rewritten, names, inputs, allOf(datasetOf(inputs)), files);
      for (const { site, epsilon, more } of solved.sites) {
        for (const [c, [mean, variance]] of momentsOfAll([valueNamed(values, site.input)]).entries()) {
          const deviation = Math.sqrt(variance + epsilon);
          const unit = UNITS.get(site.elementType) ?? 1e-5;
          const bound = unit * (1 + Math.abs(mean) / deviation);
          expect(Math.abs((more?.mean?.[c] as number) - mean) / deviation, `μ of ${site.name}`).to.be.at.most(bound);
          const off = Math.abs((more?.variance?.[c] as number) - variance) / (variance + epsilon);
          expect(off, `σ² of ${site.name}`).to.be.at.most(3 * bound);
        }
      }
    });
  }

  it('is the same in one run as site by site, and another run by run', async () => {
    const search = twoSites();
    const [whole, steps, runs] = [
      await estimate(search),
      await estimate(search, { memory: 1 }),
      await estimate(search, { memory: 1, partly: true }),
    ];
    expect(whole.passes).to.equal(1);
    expect(steps.passes).to.equal(2);
    expect(runs.passes).to.equal(1);
    // Both are exact but for float32's rounding.
    expect(apart(whole, steps)).to.be.below(1e-5);
    expect(apart(whole, runs)).to.be.above(1e-3);
  });

  it('is one for all levels that a head is applied to, however they are run', async () => {
    const { search, options } = tiedHead();
    const [run, steps, shards] = [
      await estimate(search, options),
      await estimate(search, { ...options, memory: 1 }),
      await estimate(search, { ...options, memory: 1, partly: true }),
    ];
    for (const { planned, moments } of [run, steps]) {
      const { plan: solved } = reEstimatedPlan(planned, moments);
      const rewritten = rewrite(search.model, solved).model;
      const names = solved.sites.map(({ site }) => site.input);
      const values = await runAlone(rewritten, names, options.inputs, allOf(datasetOf(options.inputs)));
      const levels = solved.sites.filter(({ site }) => site.tied !== undefined);
      const expected = momentsOfAll(levels.map(({ site }) => valueNamed(values, site.input)));
      expect([levels.length, solved.sites.length]).to.deep.equal([3, 7]);
      for (const { more } of levels) {
        for (const [c, [mean, variance]] of expected.entries()) {
          expect((more?.mean?.[c] as number) - mean).to.be.closeTo(0, 1e-5 * Math.sqrt(variance));
          expect((more?.variance?.[c] as number) / variance).to.be.closeTo(1, 1e-5);
        }
      }
      // One μ and one σ² in the file, too.
      const statistics = rewritten.proto.graph.node
        .filter(({ opType }) => opType === 'BatchNormalization')
        .map(({ input }) => input.slice(3).join());
      expect(new Set(statistics).size).to.equal(5);
    }
    const { sites } = reEstimatedPlan(shards.planned, shards.moments).plan;
    const tied = sites.filter(({ site }) => site.tied !== undefined).map(({ more }) => more);
    expect(tied).to.deep.equal([tied[0], tied[0], tied[0]]);
  });

  it('of shards, merged, is that of one machine that made the same runs', async () => {
    const search = await searchOf(fixtureNamed('rank-4'));
    const planned = planOf(search);
    const options = {
      data: datasetOf(madeInputs(search.model, SAMPLES)),
      memory: 1,
      partly: true,
    };
    const of = async (samples: number[]) => {
      const [moments] = [...(await reEstimate(search.model, planned, samples, options)).moments.values()];
      return moments as BatchMoments;
    };
    const [whole, first, second] = [await of([0, 1, 2, 3, 4]), await of([0, 1]), await of([2, 3, 4])];
    const merged = mergeMoments([first, second], whole.mean.length);
    for (const field of ['count', 'mean', 'variance'] as const) {
      for (const [c, value] of whole[field].entries()) {
        // Another order of float64 sums.
        expect(merged[field][c]).to.be.closeTo(value, 1e-12 * (1 + Math.abs(value)));
      }
    }
  });
});
