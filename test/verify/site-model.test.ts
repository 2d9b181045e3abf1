import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { FORMS } from '../../src/forms/index.ts';
import { sizeOf } from '../../src/inputs/generated.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { opsetVersion } from '../../src/onnx/model.ts';
import { legalForms } from '../../src/plan/index.ts';
import { siteModel } from '../../src/verify/site-model.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { swapFixture } from '../support/swapped.ts';
import { largestDifference } from '../support/values.ts';

describe('siteModel', () => {
  for (const name of [
    'opset-17',
    'opset-21',
    'if-own-parameters',
    'function-called-twice',
    'shared-everything',
    'opset-08',
  ]) {
    it(`answers for each site of ${name} as the whole model does, in every form`, async () => {
      const { model, sites } = await swapFixture(fixtureNamed(name));
      expect(sites.length).to.be.above(0);
      for (const site of sites) {
        const own = site.plan.form;
        const forms = legalForms(site.plan, opsetVersion(model.proto) ?? 0).filter((form) => form.name !== own);
        const alone = siteModel(model, [{ site, forms }]);
        const [outputs] = alone.sites;
        if (outputs === undefined) throw new RangeError('no outputs');
        expect([...outputs.others.keys()]).to.deep.equal(forms.map((form) => form.name));
        const dims = [2, site.plan.channels, ...(site.plan.site.shape?.slice(2).map((dim) => dim ?? 5) ?? [3, 5])];
        const random = new Random(4);
        const data = Float32Array.from({ length: sizeOf({ dims }) }, () => random.normal());
        const values = await runModel(alone.model, { [site.plan.site.input]: { type: DataType.FLOAT, dims, data } });
        const written = valueNamed(values, outputs.written);
        expect(written.dims).to.deep.equal(dims);
        for (const [form, output] of outputs.others) {
          // Both are within √256 u of values below 10.
          expect(largestDifference(written, valueNamed(values, output)), form).to.be.below(3e-5);
        }
      }
    });
  }

  it('holds what the site’s nodes read, and nothing of the rest', async () => {
    const { model, sites } = await swapFixture(fixtureNamed('opset-17'));
    const [site] = sites;
    if (site === undefined) throw new RangeError('no site');
    const { proto } = siteModel(model, [{ site, forms: [] }]).model;
    expect(proto.graph.node.map(({ name }) => name)).to.deep.equal(site.nodes.map(({ name }) => name));
    const names = proto.graph.initializer.map((tensor) => tensor.name);
    expect(names).to.include.members(['bn1.weight', 'bn1.bias']).and.not.include('W0');
    expect(proto.graph.output.map((output) => output.name)).to.deep.equal([site.plan.site.output]);
    expect(FORMS.length).to.be.above(1);
  });
});
