import { expect } from 'chai';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import type { Linear, Site } from '../../src/find/types.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { swap } from '../../src/jobs/swap.ts';
import { standardizedSite, standardizedWeight } from '../../src/norms/standardize.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { plan, type SitePlan } from '../../src/plan/index.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { changeNodes, setValues } from '../support/damage.ts';
import { thrown } from '../support/errors.ts';
import { images } from '../support/folded.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { modelOf, searchOf, swapFixture, swapSearch } from '../support/swapped.ts';
import { failedChecks, verifyFixture, verifySwapped } from '../support/verified.ts';

const OPTIONS = { standardizeWeights: true } as const;

async function siteOfFixture(name: string): Promise<{ site: Site; linear: Linear }> {
  const [site] = (await searchOf(fixtureNamed(name))).sites;
  if (site === undefined || typeof site.before !== 'object') throw new RangeError('no layer');
  return { site, linear: site.before };
}

/** A layer with the weights of one channel after another, [C, K]. */
function withWeights(linear: Linear, values: readonly number[], channels: number): Linear {
  const view = [channels, values.length / channels];
  return {
    ...linear,
    weight: makeTensor('w', DataType.DOUBLE, view, values),
    dims: view,
    bias: undefined,
    view,
    reduced: [1],
  };
}

describe('norms/standardize', () => {
  for (const fixture of FIXTURES) {
    if (fixture.sites === 0) continue;
    it(`${fixture.name}: is verified, weights included, and found no more`, async () => {
      const swapped = swapSearch(await searchOf(fixture), OPTIONS);
      expect(swapped.sites.length).to.equal(fixture.sites);
      const left = fixture.refusals.filter((code) => code === 'single-element-groups').length;
      expect(findSites(swapped.model).sites.length).to.be.at.most(left);
      for (const { plan: it } of swapped.sites) {
        const said = it.notes.filter((note) => note.includes('standardized'));
        expect(said.length).to.equal(1);
        expect(said[0]?.startsWith('not standardized: ')).to.equal(it.standardized === undefined);
      }
      if (fixture.notRunnable !== undefined) return;
      const verification = await verifySwapped(fixture, swapped);
      expect(failedChecks(verification), JSON.stringify(verification.checks)).to.deep.equal([]);
    });
  }

  it('makes weights of mean 0 and variance 1, channel by channel', async () => {
    const { linear } = await siteOfFixture('linear-conv-groups');
    const { values } = standardizedWeight(linear);
    for (let c = 0; c < 32; c++) {
      const own = values.subarray(27 * c, 27 * (c + 1));
      const mean = own.reduce((sum, value) => sum + value, 0) / 27;
      expect(mean).to.be.closeTo(0, 1e-12);
      // ε takes 1e-10 of a variance of about a twelfth.
      expect(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 27).to.be.closeTo(1, 1e-8);
    }
  });

  it('knows the statistics exactly where the mean was 0, and of a channel without variance that there are none', async () => {
    const { site, linear } = await siteOfFixture('linear-conv-groups');
    const [one, none] = [
      [3, -3, 4, -4],
      [2, 2, 2, 2],
    ] as const;
    const two = { ...site, channels: 2, epsilon: 1e-5 };
    const numbers = (a: number, b: number) => Float64Array.of(a, b);
    const statistics = { scale: numbers(2, 2), bias: numbers(1, 1), mean: numbers(5, 5), variance: numbers(4, 4) };
    const layer = withWeights(linear, [...one, ...none], 2);
    const { statistics: after } = standardizedSite({ ...two, statistics }, layer).site;
    const s = Math.sqrt(12.5 + 1e-10);
    expect(after.mean[0]).to.be.closeTo(5 / s, 1e-9);
    expect(after.variance[0]).to.be.closeTo(4 / (s * s), 1e-9);
    // y by ẑ: γ (s ẑ − μ)/√(σ² + ε) + β
    const slope = (after.scale[0] as number) / Math.sqrt((after.variance[0] as number) + 1e-5);
    expect(slope).to.be.closeTo((2 * s) / Math.sqrt(4 + 1e-5), 1e-9);
    expect([after.mean[1], after.variance[1], after.scale[1], after.bias[1]]).to.deep.equal([0, 0, 0, 1]);
  });

  it('solves γ′ and β′ with it in place: every channel keeps its mean on the data', async () => {
    for (const name of ['linear-conv-groups', 'type-float16']) {
      const bytes = writeModel(fixtureNamed(name).build());
      const source = readModel(bytes);
      const dims = name === 'type-float16' ? [8, 3, 4, 4] : [8, 6, 6, 6];
      const random = new Random(3);
      const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 0.5 + random.normal());
      const [input = ''] = source.proto.graph.input.map((it) => it.name);
      const x = { type: DataType.FLOAT, dims, data };
      const { model, plan, calibration, verification } = await swap(bytes, {
        ...OPTIONS,
        calibrate: datasetOf({ [input]: x }),
      });
      expect(verification?.passed, JSON.stringify(verification?.checks)).to.equal(true);
      expect(plan.sites[0]?.init).to.equal('calibrate');
      expect(plan.sites[0]?.standardized).to.be.an('object');
      if (name === 'type-float16') continue;
      const output = plan.sites[0]?.site.output ?? '';
      const means = async (of: typeof source) => {
        const sums = new Float64Array(32);
        for (const sample of calibration?.solvedOn ?? []) {
          const size = data.length / 8;
          const one = { ...x, dims: [1, ...dims.slice(1)], data: data.subarray(sample * size, (sample + 1) * size) };
          const y = numbersOf(valueNamed(await runModel(withOutputs(of, [output]), { [input]: one }), output)) ?? [];
          for (let i = 0; i < y.length; i++) {
            const c = Math.floor(i / (y.length / 32));
            sums[c] = (sums[c] as number) + (y[i] as number);
          }
        }
        return sums;
      };
      const [before, after] = [await means(source), await means(readModel(model))];
      // Sums of 24 numbers of about 1, in float32.
      for (let c = 0; c < 32; c++) expect(after[c]).to.be.closeTo(before[c] as number, 1e-3);
    }
  });

  it('is caught where the weight is not standardized, or the layer is another', async () => {
    const damages = [
      (model: Parameters<typeof setValues>[0]) =>
        changeNodes(model, 'WeightDeviation', (it) => ({ ...it, opType: 'Identity' })),
      (model: Parameters<typeof setValues>[0]) =>
        setValues(model, 'W', (values) => values.map((w, i) => (i === 7 ? w + 0.01 : w))),
    ];
    for (const damage of damages) {
      const verification = await verifyFixture(fixtureNamed('linear-conv-groups'), OPTIONS, damage);
      expect(failedChecks(verification)).to.include('reference');
      expect(verification.sites[0]?.failed).to.include('reference');
    }
  });

  it('leaves folded sites their weights, and says so; those of BatchNormalization beside them are standardized', async () => {
    for (const [name, count] of [
      ['folded-mobile', 0],
      ['folded-beside-bn', 1],
    ] as const) {
      const bytes = writeModel(modelOf(fixtureNamed(name)));
      const { model, plan, verification } = await swap(bytes, {
        ...{ standardizeWeights: true, sites: 'all', groups: 4, calibrate: images(6) },
      });
      expect(verification?.passed, name).to.equal(true);
      const [folded, others] = [true, false].map((is) =>
        plan.sites.filter(({ site }) => (site.pattern === 'folded-conv') === is),
      ) as [SitePlan[], SitePlan[]];
      expect(folded.length, name).to.be.above(0);
      expect(others.length, name).to.equal(count);
      const weights = (of: Uint8Array) =>
        new Map(readModel(of).proto.graph.initializer.map((it) => [it.name, Array.from(valuesOf(it))]));
      const [before, after] = [weights(bytes), weights(model)];
      for (const { site, standardized, notes } of folded) {
        expect(standardized, site.name).to.equal(undefined);
        expect(notes).to.include('not standardized: its norm was folded into the layer before it');
        const weight = site.kept?.input[1] ?? '';
        expect(after.get(weight), weight).to.deep.equal(before.get(weight));
      }
      for (const { site, standardized } of others) expect(standardized, site.name).to.be.an('object');
    }
  });

  it('keeps the weight where it is, and has no use for norms that take all from the source', async () => {
    const { model } = await swapFixture(fixtureNamed('linear-transpose-groups'), OPTIONS);
    expect(model.proto.graph.initializer.map(({ name }) => name)).to.include('W');
    expect(thrown(() => plan([], 17, { ...OPTIONS, to: 'frozen' })).code).to.equal('invalid-arguments');
  });
});
