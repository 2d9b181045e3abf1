import { expect } from 'chai';
import { FIXTURES } from '../../fixtures/index.ts';
import { FORMS } from '../../src/forms/index.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { standingNorms } from '../../src/recognise/index.ts';
import { initializersOf } from '../support/model-parts.ts';
import { searchOf, swapSearch } from '../support/swapped.ts';

describe('standingNorms', () => {
  for (const fixture of FIXTURES) {
    it(`finds what a rewrite put into ${fixture.name}, in every form`, async () => {
      const search = await searchOf(fixture);
      const before = standingNorms(search.model).norms.length;
      for (const { name: form } of FORMS) {
        for (const groups of [1, 4, 32]) {
          const { model, sites } = swapSearch(search, { form, groups });
          const read = readModel(writeModel(model), model.external);
          const { norms } = standingNorms(read);
          expect(norms.length, `${form}, ${groups}`).to.equal(before + sites.length);
          const initializers = initializersOf(read);
          for (const { plan, nodes, scale, bias } of sites) {
            const found = norms.filter(
              ({ output, nodes: own }) =>
                output === plan.site.output && own.some(({ name }) => name === nodes[0]?.name),
            );
            expect(found.length, `${form}: ${plan.site.name}`).to.equal(1);
            const [norm] = found;
            const { site, channels, epsilon } = plan;
            expect(norm, plan.site.name).to.deep.include({
              form,
              input: site.input,
              channels,
              groups: plan.groups,
              flaws: [],
            });
            expect(norm?.epsilon).to.equal(Math.fround(epsilon));
            expect(norm?.elementType).to.equal(site.elementType);
            expect(norm?.nodes.map(({ name }) => name)).to.have.members(nodes.map(({ name }) => name));
            expect([norm?.scale?.name, norm?.bias?.name]).to.deep.equal([scale, bias]);
            const stored = initializers.find(({ name }) => name === scale);
            if (stored !== undefined && norm?.scale !== undefined)
              expect(valuesOf(norm.scale.tensor)).to.deep.equal(valuesOf(stored));
          }
        }
      }
    });
  }
});
