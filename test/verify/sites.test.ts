import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { verifySites } from '../../src/verify/sites.ts';
import { changeNodes, setValues } from '../support/damage.ts';
import { countedHome } from '../support/home.ts';
import { swapFixture, swapSearch } from '../support/swapped.ts';

async function siteChecks(name: string, memory = 1e9) {
  const { model, sites } = await swapFixture(fixtureNamed(name));
  return { written: model, sites, inputs: generateInputs(model, 0, 2, 8), memory, seed: 0 };
}

describe('verifySites', () => {
  it('verifies all sites in the order given, and tells of each', async () => {
    const done: number[] = [];
    const checks = await siteChecks('shared-everything');
    const results = await verifySites({ ...checks, onSite: (count) => void done.push(count) });
    expect(results.map(({ name }) => name)).to.deep.equal(checks.sites.map(({ plan }) => plan.site.name));
    expect(done).to.deep.equal(results.map((_, index) => index + 1));
    for (const { failed, reference, forms, problem } of results) {
      expect([failed, problem]).to.deep.equal([[], undefined]);
      expect(reference.error).to.be.above(0);
      expect(forms.length).to.be.above(0);
    }
  });

  it('runs as many sites at a time as the memory has room for, one at least', async () => {
    const count = async (memory: number) => {
      const home = countedHome();
      const checks = await siteChecks('two-bn-one-input', memory);
      const results = await verifySites({ ...checks, written: { ...checks.written, home } });
      expect(results.map(({ failed }) => failed)).to.deep.equal([[], []]);
      // Without those of sites alone.
      return home.models.filter(({ proto }) => proto.graph.name !== 'sites').length;
    };
    // Sizes follow from the inputs here; one model is asked for the values of each part.
    expect(await count(1e9)).to.equal(1);
    expect(await count(1)).to.equal(2);
  });

  it('names the one site that is wrong, and passes the other', async () => {
    const checks = await siteChecks('bn-after-bn');
    const [first, second] = checks.sites;
    if (first === undefined || second === undefined) throw new RangeError('two sites are needed');
    const written = setValues(checks.written, second.scale, (all) => all.map((value) => 2 * value));
    const results = await verifySites({ ...checks, written });
    expect(results.map(({ failed }) => failed)).to.deep.equal([[], ['reference']]);
    expect(results[1]?.reference.error).to.be.above(results[1]?.reference.bound ?? Number.POSITIVE_INFINITY);
  });

  it('runs a model that loads only where its graph is optimised', async () => {
    // ONNX Runtime has no kernel of it, and leaves it out.
    const net = new Net({ opset: 15 });
    const y = net.node('Cast', [net.bn(net.input('x', [1, 8, 2, 2]), 8)], { to: DataType.BFLOAT16 });
    net.output(net.node('Cast', [net.node('Dropout', [y])], { to: DataType.FLOAT }));
    const { model, sites } = swapSearch(findSites(net.model()));
    const inputs = generateInputs(model, 0, 1, 8);
    const [result] = await verifySites({ ...(await siteChecks('rank-4')), written: model, sites, inputs });
    expect(result).to.deep.include({ failed: [], input: 'real' });
  });

  it('asks no other form about numbers whose squares are more than float32 holds', async () => {
    // Sums of the 16 squares of a row are within the range; the sums of a group are not.
    const net = new Net({ opset: 17 });
    const x = net.input('x', [1, 64, 1, 16]);
    const far = net.node('Mul', [x, net.weight('far', [1], [2e18])]);
    net.output(net.bn(far, 64));
    const { model, sites } = swapSearch(findSites(net.model()));
    const inputs = generateInputs(model, 0, 1, 8);
    const [result] = await verifySites({ ...(await siteChecks('rank-4')), written: model, sites, inputs });
    expect(result).to.deep.include({ failed: [], forms: [] });
  });

  it('fails the forms alone where only they are wrong', async () => {
    const checks = await siteChecks('opset-17');
    // Forms that keep the shape as a constant fail where the plan states another one than the file has.
    const sites = checks.sites.map((it) => {
      const site = { ...it.plan.site, shape: [2, 32, 2, 8] };
      return { ...it, plan: { ...it.plan, site } };
    });
    const [result] = await verifySites({ ...checks, sites });
    expect(result?.failed).to.deep.equal(['forms']);
    expect(result?.forms.map(({ error }) => Number.isNaN(error))).to.deep.equal([true, true]);
  });

  it('has a problem instead of figures where a site can’t be run', async () => {
    const checks = await siteChecks('opset-17');
    const written = changeNodes(checks.written, 'Add', (node) => ({ ...node, output: ['elsewhere'] }));
    const [result] = await verifySites({ ...checks, written });
    expect(result?.problem).to.equal('the file has no value "BatchNormalization_1_out"');
    expect(result?.failed).to.deep.equal(['reference', 'independence', 'forms']);
    expect(result?.reference.error).to.be.NaN;
  });
});
