import { expect } from 'chai';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { batchOf } from '../../src/calibrate/batch.ts';
import { type BatchMoments, mergeMoments } from '../../src/calibrate/batch-moments.ts';
import { datasetOf } from '../../src/calibrate/dataset.ts';
import { type ReEstimated, reEstimate } from '../../src/calibrate/re-estimate.ts';
import { reEstimatedPlan } from '../../src/calibrate/re-estimated.ts';
import type { Search } from '../../src/find/index.ts';
import { type Model, opsetVersion } from '../../src/onnx/model.ts';
import { type Plan, plan } from '../../src/plan.ts';
import { rewrite } from '../../src/rewrite.ts';
import { fitInputs } from '../../src/verify/feed.ts';
import { takeSamples } from '../../src/verify/inputs.ts';
import { inMemory } from '../../src/verify/materialize.ts';
import { withOutputs } from '../../src/verify/models.ts';
import { numbersOf, type Values } from '../../src/verify/runtime.ts';
import { madeInputs } from '../support/calibration.ts';
import { inSession, valueNamed } from '../support/session.ts';
import { searchOf } from '../support/swapped.ts';
import { twoSites } from '../support/two-sites.ts';

const SAMPLES = 5;

function planOf({ model, sites, refusals }: Search): Plan {
  return plan(sites, opsetVersion(model.proto) ?? 0, { to: 'batch' }, refusals);
}

interface Estimate extends ReEstimated {
  readonly planned: Plan;
  readonly inputs: Values;
}

async function estimate(search: Search, options: { memory?: number; partly?: boolean } = {}): Promise<Estimate> {
  const inputs = madeInputs(search.model, SAMPLES);
  const planned = planOf(search);
  const data = datasetOf(inputs);
  const samples = Array.from({ length: data.count }, (_, index) => index);
  const found = await reEstimate(search.model, planned, samples, {
    data,
    materialize: inMemory,
    memory: 1e9,
    ...options,
  });
  return { ...found, planned, inputs };
}

/** Mean and variance of each site's input over all samples, of the rewritten model, whole tensors in float64. */
async function statisticsIn(
  rewritten: Model,
  names: readonly string[],
  inputs: Values,
): Promise<Map<string, [number, number][]>> {
  const { inputs: batched, size = 1 } = batchOf(rewritten);
  const columns = new Map(names.map((name) => [name, [] as number[][]]));
  await inSession(withOutputs(rewritten, names), async (session) => {
    for (let sample = 0; sample < SAMPLES; sample++) {
      // Where a batch of several is wanted, all of it is this sample.
      const repeated = Array.from({ length: size }, () => takeSamples(inputs, SAMPLES, sample, sample + 1));
      const feeds = Object.entries(repeated[0] as Values).map(([name, value]) => {
        if (!batched.has(name)) return [name, value];
        const data = repeated.flatMap((it) => Array.from(it[name]?.data as ArrayLike<number>));
        return [
          name,
          { ...value, dims: [size * (value.dims[0] as number), ...value.dims.slice(1)], data: Float32Array.from(data) },
        ];
      });
      const values = await session.run(fitInputs(rewritten, Object.fromEntries(feeds)), [...names]);
      for (const [name, own] of columns) {
        const { dims } = valueNamed(values, name);
        const numbers = numbersOf(valueNamed(values, name)) ?? [];
        const [rows = 1, channels = 1] = dims;
        const area = numbers.length / rows / channels;
        for (let i = 0; i < numbers.length / size; i++) {
          const channel = Math.floor(i / area) % channels;
          own[channel] = [...(own[channel] ?? []), numbers[i] as number];
        }
      }
    }
  });
  const moments = (list: readonly number[]): [number, number] => {
    const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
    return [mean, list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length];
  };
  return new Map([...columns].map(([name, own]) => [name, own.map(moments)]));
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

describe('reEstimate', () => {
  // Other types reach the same code; their data are no list of float32 that this oracle could repeat.
  const runnable = FIXTURES.filter(
    ({ name, sites, notRunnable, inputs }) =>
      sites > 0 &&
      notRunnable === undefined &&
      inputs === undefined &&
      !/^(type-|external-|inputs-of-other)/.test(name),
  );
  for (const fixture of runnable) {
    it(`${fixture.name}: every site has the statistics of its input in the rewritten model`, async () => {
      const search = await searchOf(fixture);
      const planned = planOf(search);
      // What stands in subgraphs is refused; norms/batch.test.ts has it.
      if (planned.sites.length === 0) {
        expect(planned.refusals.map(({ code }) => code)).to.include('no-statistics');
        return;
      }
      // One sample a run: each site in turn.
      const found = await estimate(search, { memory: 1 });
      const { plan: solved } = reEstimatedPlan(found.planned, found.moments);
      const names = solved.sites.map(({ site }) => site.input);
      const expected = await statisticsIn(rewrite(search.model, solved).model, [...new Set(names)], found.inputs);
      for (const { site, epsilon, more } of solved.sites) {
        for (const [c, [mean, variance]] of (expected.get(site.input) ?? []).entries()) {
          const deviation = Math.sqrt(variance + epsilon);
          // float32 means of up to some thousand numbers, whose roundings go with how far they lie from 0.
          const bound = 1e-5 * (1 + Math.abs(mean) / deviation);
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

  it('of shards, merged, is that of one machine that made the same runs', async () => {
    const search = await searchOf(fixtureNamed('rank-4'));
    const inputs = madeInputs(search.model, SAMPLES);
    const planned = planOf(search);
    const options = { data: datasetOf(inputs), materialize: inMemory, memory: 1, partly: true };
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
