import { expect } from 'chai';
import { FIXTURES } from '../../fixtures/index.ts';
import type { Site } from '../../src/find/types.ts';
import { frozen } from '../../src/norms/frozen.ts';
import { DataType, unitRoundoff } from '../../src/onnx/data-type.ts';
import { plan } from '../../src/plan/index.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { thrown } from '../support/errors.ts';
import { describeSameFunction } from '../support/same-function-tests.ts';
import { runAlone, siteInputs } from '../support/site-model.ts';
import { searchOf, swapSearch } from '../support/swapped.ts';

/** BatchNormalization at inference, as its page defines it, and the size that roundoff is relative to. */
function batchNorm(x: ArrayLike<number>, dims: readonly number[], { channels, epsilon, statistics }: Site) {
  const { scale, bias, mean, variance } = statistics;
  const area = dims.slice(2).reduce((product, dim) => product * dim, 1);
  return Array.from(x, (value, i) => {
    const c = Math.floor(i / area) % channels;
    const [gamma, beta, mu] = [scale[c] as number, bias[c] as number, mean[c] as number];
    const deviation = Math.sqrt((variance[c] as number) + epsilon);
    const y = (gamma * (value - mu)) / deviation + beta;
    return { y, size: (Math.abs(gamma) * (Math.abs(value) + Math.abs(mu))) / deviation + Math.abs(beta) };
  });
}

describe('norms/frozen', () => {
  for (const fixture of FIXTURES) {
    if (fixture.sites === 0) continue;
    it(`${fixture.name}: Mul and Add are BatchNormalization`, async () => {
      const search = await searchOf(fixture);
      const swapped = swapSearch(search, { to: 'frozen' });
      const inputs = await siteInputs(fixture, search);
      for (const it of swapped.sites) {
        const { site } = it.plan;
        const x = inputs.get(site) as Value;
        const { fed, y: ran } = await runAlone(swapped, it, x);
        const answer = numbersOf(ran) ?? [];
        const expected = batchNorm(numbersOf(fed) ?? [], fed.dims, site);
        expect(answer.length).to.equal(expected.length);
        // Five roundings: s, t, the product, the sum, and the source's own numbers; 16-bit types round the answer once more.
        const unit = 5 * Math.max(unitRoundoff(fed.type), site.elementType === DataType.DOUBLE ? 0 : 2 ** -24);
        for (const [i, { y, size }] of expected.entries()) {
          expect(Math.abs((answer[i] as number) - y), `element ${i}`).to.be.at.most(unit * size + 2 ** -25);
        }
      }
    });
  }

  describeSameFunction({ to: 'frozen' }, ['overflow']);
  describeSameFunction({ to: 'frozen', fold: true }, ['overflow']);

  it('has nothing to choose', () => {
    expect(thrown(() => plan([], 17, { to: 'frozen', init: 'copy' })).message).to.equal(
      '--to frozen takes its numbers from the source, so --init copy has no effect',
    );
    expect(thrown(() => plan([], 17, { to: 'frozen', groups: 4 })).message).to.equal(
      '--to frozen has no choice of groups',
    );
    expect(thrown(() => plan([], 17, { fold: true })).message).to.equal('--fold and --to group are both given');
    expect(thrown(() => plan([], 17, { to: 'frozen', form: 'mul-add', fold: true })).message).to.equal(
      '--fold and --form mul-add are both given',
    );
  });

  it('keeps its promise of 1e-5 on every element type, and its numbers are the source’s', async () => {
    expect(frozen.maxDrift).to.equal(1e-5);
    const { sites } = plan((await searchOf(FIXTURES[0] as (typeof FIXTURES)[number])).sites, 17, { to: 'frozen' });
    expect(new Set(sites.map(({ init }) => init))).to.deep.equal(new Set(['source']));
  });
});
