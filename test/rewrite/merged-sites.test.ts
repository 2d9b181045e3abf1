import { expect } from 'chai';
import { memoryHome } from '../../src/onnx/model.ts';
import { findAllSites } from '../../src/rewrite/merged-sites.ts';
import { computed } from '../support/computed.ts';

describe('findAllSites', () => {
  it('computes constant expressions where it may', async () => {
    expect((await findAllSites(computed('Mod'), { run: true })).sites).to.have.length(2);
    const still = await findAllSites(computed('Mod'), { run: false });
    expect(still.sites).to.have.length(1);
    expect(still.refusals.map(({ code, remedy }) => [code, remedy])).to.deep.equal([
      ['parameters-need-running', 'Drop --no-verify, so that ONNX Runtime can compute them'],
    ]);
  });

  it('refuses a site whose expression the runtime can’t compute, and keeps the others', async () => {
    const { sites, refusals } = await findAllSites(computed('Unheard'), { run: true });
    expect(sites).to.have.length(1);
    const [refusal] = refusals;
    expect(refusal?.code).to.equal('parameters-need-running');
    expect(refusal?.reason).to.match(/^its parameters cannot be computed: .*Unheard/);
    expect(refusal?.remedy).to.equal('Export the model with its parameters stored');
  });

  it('does not hide what is no refusal of the runtime', async () => {
    const home = { ...memoryHome(), load: () => Promise.reject(new TypeError('a bug')) };
    const broken = findAllSites({ ...computed('Mod'), home }, { run: true });
    expect(await broken.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
  });
});
