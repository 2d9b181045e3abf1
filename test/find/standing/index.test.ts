import { expect } from 'chai';
import { FIXTURES } from '../../../fixtures/index.ts';
import { standingNorms } from '../../../src/find/standing/index.ts';
import { normNamed } from '../../../src/norms/index.ts';
import { readModel, writeModel } from '../../../src/onnx/model.ts';
import { valuesOf } from '../../../src/onnx/tensor.ts';
import { initializersOf } from '../../support/model-parts.ts';
import { searchOf, swapSearch } from '../../support/swapped.ts';

describe('standingNorms', () => {
  for (const fixture of FIXTURES) {
    it(`finds what a rewrite put into ${fixture.name}, in every form`, async () => {
      const search = await searchOf(fixture);
      const before = standingNorms(search.model).norms.length;
      for (const to of ['group', 'layer', 'instance']) {
        for (const form of normNamed(to).forms) {
          const { model, sites } = swapSearch(search, { to, form, ...(to === 'group' ? { groups: 4 } : {}) });
          const read = readModel(writeModel(model), model.home);
          const { norms } = standingNorms(read);
          expect(norms.length, `${to}, ${form}`).to.equal(before + sites.length);
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
