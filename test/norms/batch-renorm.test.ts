import { expect } from 'chai';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import type { Site } from '../../src/find/types.ts';
import { batchRenorm } from '../../src/norms/batch-renorm.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { plan } from '../../src/plan/index.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { setValues } from '../support/damage.ts';
import { thrown } from '../support/errors.ts';
import { siteOf } from '../support/site.ts';
import { runAlone, siteInputs } from '../support/site-model.ts';
import { searchOf, swapFixture, swapSearch } from '../support/swapped.ts';
import { checkNamed, failedChecks, verifyFixture, verifySwapped } from '../support/verified.ts';

type Limit = 'batch' | 'frozen';

/** BatchNormalization in float64, with its batch's statistics or the moving ones, and the size of its terms. */
function batchNorm(x: ArrayLike<number>, dims: readonly number[], site: Site, limit: Limit) {
  const { channels, epsilon, statistics } = site;
  const area = dims.slice(2).reduce((product, dim) => product * dim, 1);
  const channelOf = (i: number) => Math.floor(i / area) % channels;
  const byChannel = Array.from({ length: channels }, (): number[] => []);
  for (let i = 0; i < x.length; i++) byChannel[channelOf(i)]?.push(x[i] as number);
  const of = (c: number) => byChannel[c] as number[];
  const moments = Array.from({ length: channels }, (_, c) => {
    if (limit === 'frozen') return [statistics.mean[c] as number, statistics.variance[c] as number];
    const own = of(c);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    return [mean, own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length];
  }) as [number, number][];
  const largest = Array.from({ length: channels }, (_, c) => Math.max(...of(c).map(Math.abs)));
  return Array.from(x, (value, i) => {
    const c = channelOf(i);
    const [mean, variance] = moments[c] as [number, number];
    const gain = (statistics.scale[c] as number) / Math.sqrt(variance + epsilon);
    const beta = statistics.bias[c] as number;
    const y = gain * (value - mean) + beta;
    const size = Math.abs(gain) * ((largest[c] as number) + Math.abs(mean)) + Math.abs(beta) + Math.abs(y);
    return { y, size };
  });
}

describe('norms/batch-renorm', () => {
  for (const [limit, limits] of [
    ['batch', { rMax: 1, dMax: 0 }],
    // Below the largest float32, and beyond any ratio that these inputs have.
    ['frozen', { rMax: 1e30, dMax: 1e30 }],
  ] as const) {
    for (const fixture of FIXTURES) {
      if (fixture.sites === 0) continue;
      it(`${fixture.name}: is ${limit} normalization with r_max ${limits.rMax} and d_max ${limits.dMax}`, async () => {
        const search = await searchOf(fixture);
        const swapped = swapSearch(search, { to: 'batch-renorm', ...limits });
        const inputs = await siteInputs(fixture, search);
        for (const it of swapped.sites) {
          const { site } = it.plan;
          const x = inputs.get(site) as Value;
          const { fed, y: ran } = await runAlone(swapped, it, x);
          const answer = numbersOf(ran) ?? [];
          const expected = batchNorm(numbersOf(fed) ?? [], fed.dims, site, limit);
          expect(answer.length).to.equal(expected.length);
          // Two dozen roundings in float32, sums of at most some dozens included; 16-bit types round the answer as well.
          const unit = 64 * 2 ** -24 + (fed.type === DataType.FLOAT16 ? 2 ** -11 : 0);
          for (const [i, { y, size }] of expected.entries()) {
            expect(Math.abs((answer[i] as number) - y), `element ${i}`).to.be.at.most(unit * size + 2 ** -25);
          }
        }
      });
    }
  }

  for (const fixture of FIXTURES) {
    if (fixture.sites === 0 || fixture.notRunnable !== undefined) continue;
    it(`${fixture.name}: is verified between its limits, and found no more`, async () => {
      const swapped = swapSearch(await searchOf(fixture), { to: 'batch-renorm', rMax: 1.1, dMax: 0.1 });
      if (swapped.sites.length === 0) return;
      const left = swapped.plan.refusals.filter(({ code }) => code === 'form' || code === 'overflow').length;
      expect(findSites(swapped.model).sites.length).to.equal(left);
      const verification = await verifySwapped(fixture, swapped);
      expect(failedChecks(verification), JSON.stringify(verification.checks)).to.deep.equal([]);
      expect(checkNamed(verification, 'independence')).to.include({
        status: 'skipped',
        detail: '--to batch-renorm depends on the whole batch',
      });
    });
  }

  it('has one initializer for each limit, whatever their number of sites, and the moving statistics', async () => {
    const { model, sites } = await swapFixture(fixtureNamed('bn-after-bn'), { to: 'batch-renorm', rMax: 2, dMax: 2 });
    expect(sites.length).to.equal(2);
    const { initializer } = model.proto.graph;
    const limits = initializer.filter(({ name }) => name.startsWith('batch_renorm/'));
    expect(limits.map((it) => [it.name, ...valuesOf(it)])).to.deep.equal([
      ['batch_renorm/r_max', 2],
      ['batch_renorm/d_max', 2],
    ]);
    const moving = initializer.filter(({ name }) => /running_(mean|var)$/.test(name));
    expect(moving.length).to.equal(4);
  });

  it('is caught where a limit, a moving statistic or a mean is another', async () => {
    const options = { to: 'batch-renorm', rMax: 1.1, dMax: 0.1 } as const;
    for (const name of [
      'batch_renorm/r_max',
      'batch_renorm/d_max',
      'bn1.running_mean',
      'bn1.running_var',
      'bn1.bias',
    ]) {
      const verification = await verifyFixture(fixtureNamed('opset-17'), options, (model) =>
        setValues(model, name, (values) => values.map((value) => 1.5 * value)),
      );
      expect(failedChecks(verification), name).to.deep.equal(['reference']);
    }
  });

  it('refuses limits that are none, and other norms that have none', () => {
    const messageOf = (options: Parameters<typeof plan>[2]) => thrown(() => plan([siteOf()], 17, options)).message;
    expect(messageOf({ to: 'batch-renorm', rMax: 0.5 })).to.equal('--r-max is 0.5');
    expect(messageOf({ to: 'batch-renorm', dMax: Number.NaN })).to.equal('--d-max is NaN');
    expect(messageOf({ rMax: 2 })).to.equal('--to group has no --r-max');
    expect(messageOf({ to: 'frozen', dMax: 2 })).to.equal('--to frozen has no --d-max');
    expect(batchRenorm.independent).to.equal(false);
  });
});
