import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { compareSites } from '../../src/measure/activations.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { setValues } from '../support/damage.ts';
import { countedHome } from '../support/home.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { swapFixture } from '../support/swapped.ts';

async function comparison(name: string) {
  const { search, model, sites } = await swapFixture(fixtureNamed(name));
  const inputs = generateInputs(search.model, 0, 2, 8);
  return { source: search.model, written: model, sites, inputs, memory: 1e9 };
}

describe('compareSites', () => {
  it('is 0 where both models are one', async () => {
    const it_ = await comparison('two-bn-one-input');
    const same = await compareSites({ ...it_, written: it_.source });
    expect(same.map(({ name }) => name)).to.deep.equal(it_.sites.map(({ plan }) => plan.site.name));
    for (const { max, relative, cosine, histogram } of same) {
      expect([max, relative, cosine]).to.deep.equal([0, 0, 1]);
      expect(histogram?.rewritten).to.deep.equal(histogram?.source);
    }
  });

  it('is the distance of what both models answer there, computed apart', async () => {
    const it_ = await comparison('rank-4');
    const [result] = await compareSites(it_);
    const y = it_.sites[0]?.plan.site.output ?? '';
    // In these models a Relu follows, and the site's own value is asked for by name.
    const withY = (model: typeof it_.source) => {
      const { graph } = model.proto;
      const output = [...graph.output, { ...graph.output[0], name: y, type: undefined }] as typeof graph.output;
      return { ...model, proto: { ...model.proto, graph: { ...graph, output } } };
    };
    const answer = async (model: typeof it_.source) =>
      Array.from(numbersOf(valueNamed(await runModel(withY(model), it_.inputs), y)) ?? []);
    const [a, b] = [await answer(it_.source), await answer(it_.written)];
    const norm = (list: readonly number[]) => Math.sqrt(list.reduce((sum, value) => sum + value * value, 0));
    const difference = a.map((value, index) => value - (b[index] as number));
    // The same float64 arithmetic, summed in the same order.
    expect(result?.relative).to.be.closeTo(norm(difference) / norm(a), 1e-12);
    expect(result?.max).to.equal(Math.max(...difference.map(Math.abs)));
    expect(result?.relative).to.be.above(0.01);
  });

  it('tells the site that was changed from the one that was not', async () => {
    const it_ = await comparison('two-bn-one-input');
    const before = await compareSites(it_);
    const [, second] = it_.sites;
    if (second === undefined) throw new RangeError('two sites are needed');
    const written = setValues(it_.written, second.scale, (all) => all.map((value) => 10 * value));
    const after = await compareSites({ ...it_, written });
    expect(after[0]).to.deep.equal(before[0]);
    expect(after[1]?.relative).to.be.above(2 * (before[1]?.relative ?? Number.NaN));
  });

  it('asks only sites of the main graph, and of a function where it was called', async () => {
    expect(await compareSites(await comparison('if-own-parameters'))).to.deep.equal([]);
    expect(await compareSites(await comparison('function-called-twice'))).to.have.length(2);
  });

  it('runs as many sites at a time as the memory has room for, one at least', async () => {
    const count = async (memory: number) => {
      const home = countedHome();
      const it_ = await comparison('two-bn-one-input');
      const source = { ...it_.source, home };
      const written = { ...it_.written, home };
      expect(await compareSites({ ...it_, source, written, memory })).to.have.length(2);
      return home.loaded();
    };
    // Sizes follow from the inputs here; each part runs both models.
    expect(await count(1e9)).to.equal(2);
    expect(await count(1)).to.equal(4);
  });
});
