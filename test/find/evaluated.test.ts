import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findEvaluated } from '../../src/find/evaluated.ts';
import { findSites } from '../../src/find/index.ts';
import { modelOf } from '../support/swapped.ts';

describe('findEvaluated', () => {
  it('finds sites whose parameters are computed only if ONNX Runtime may be loaded', async () => {
    const model = modelOf(fixtureNamed('parameters-computed'));
    const without = await findEvaluated(model, { run: false });
    expect(without.sites).to.have.length(0);
    expect(without.refusals.map(({ code }) => code)).to.include('parameters-need-running');
    const run = await findEvaluated(model, { run: true });
    expect(run.sites).to.have.length(1);
    expect(run.refusals.map(({ code }) => code)).not.to.include('parameters-need-running');
    const [site] = run.sites;
    for (const values of [site?.statistics.scale, site?.statistics.variance])
      expect(values?.every(Number.isFinite), 'finite numbers').to.equal(true);
  });

  it('gives what a search gives where nothing must be computed', async () => {
    const model = modelOf(fixtureNamed('opset-17'));
    const names = (found: ReturnType<typeof findSites>) => found.sites.map(({ name }) => name);
    expect(names(await findEvaluated(model, { run: true }))).to.deep.equal(names(findSites(model)));
    const folded = modelOf(fixtureNamed('folded-conv'));
    expect((await findEvaluated(folded, { run: true, sites: 'folded' })).sites.length).to.be.above(0);
    expect((await findEvaluated(folded, { run: true })).sites).to.have.length(0);
  });
});
