import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { calibrate } from '../../src/calibrate/index.ts';
import { findSites } from '../../src/find/index.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { group } from '../../src/norms/group.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import type { NodeProto } from '../../src/onnx/schema.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import { graphProblems } from '../support/check-graph.ts';
import { compare } from '../support/compare.ts';
import { FOLDED, foldedSites, images } from '../support/folded.ts';
import { bytesOf, initializersOf, nodesOf } from '../support/model-parts.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { storedAffine } from '../support/site-model.ts';
import { type Swapped, swapSearch } from '../support/swapped.ts';

describe('rewrite at folded sites', () => {
  for (const [fixture, count] of FOLDED) {
    describe(fixture.name, () => {
      for (const form of group.forms) {
        const search = () => foldedSites(fixture, form === 'native' ? 21 : 17);

        it(`${form}: puts a norm between each Conv and what reads it, and changes nothing else`, async () => {
          const swapped = swapSearch(search(), { form, groups: 4 });
          const source = swapped.search.model;
          const after = read(swapped);
          expect(swapped.sites).to.have.lengthOf(count);
          expect(graphProblems(after)).to.deep.equal(graphProblems(source));

          const made = swapped.sites.flatMap(({ nodes }) => nodes);
          expect(nodesOf(after)).to.have.lengthOf(nodesOf(source).length + made.length);
          const producer = new Map(nodesOf(after).flatMap((node) => node.output.map((name) => [name, node])));
          for (const { plan, nodes } of swapped.sites) {
            const { site } = plan;
            // The Conv, or the Add of its bias, makes the raw value; the norm makes the one that everybody reads.
            const before = producer.get(site.input) as NodeProto;
            expect(bytesOf('NodeProto', { ...before, output: site.node.output })).to.equal(
              bytesOf('NodeProto', site.node),
            );
            expect(nodes.at(-1)?.output).to.deep.equal([site.output]);
            const readers = nodesOf(after).filter(({ input }) => input.includes(site.input));
            expect(nodes.map(({ name }) => name)).to.include.members(readers.map(({ name }) => name));
          }
          const own = new Set(made.map((node) => bytesOf('NodeProto', node)));
          const replaced = new Set(swapped.sites.map(({ plan }) => plan.site.node));
          const kept = new Set(swapped.sites.map(({ plan }) => bytesOf('NodeProto', plan.site.kept as NodeProto)));
          expect(
            nodesOf(after)
              .map((node) => bytesOf('NodeProto', node))
              .filter((bytes) => !own.has(bytes) && !kept.has(bytes)),
          ).to.deep.equal(
            nodesOf(source)
              .filter((node) => !replaced.has(node))
              .map((node) => bytesOf('NodeProto', node)),
          );
          // Weights and biases of the Conv, byte for byte.
          const now = new Map(initializersOf(after).map((tensor) => [tensor.name, bytesOf('TensorProto', tensor)]));
          for (const tensor of initializersOf(source)) {
            expect(now.get(tensor.name), tensor.name).to.equal(bytesOf('TensorProto', tensor));
          }
        });

        it(`${form}: answers what the norm says of what the Conv makes`, async () => {
          const swapped = swapSearch(search(), { form, groups: 4 });
          // γ and β of a folded site are unknown without data, so solved ones.
          const solved = await calibrate(swapped.search, swapped.plan, {
            data: images(4, fixture.name === 'folded-conv' ? 4 : 8),
            seed: 0,
            chooseGroups: false,
          });
          const rewritten = rewrite(swapped.search.model, solved.plan);
          const after = readModel(writeModel(rewritten.model));
          const names = solved.plan.sites.flatMap(({ site }) => [site.input, site.output]);
          const values = await runModel(withOutputs(after, names), generateInputs(after, 1, 2, 8));
          for (const it of rewritten.sites) {
            const { site } = it.plan;
            const [x, y] = [valueNamed(values, site.input), valueNamed(values, site.output)];
            const { worst } = compare(it.plan, storedAffine({ ...rewritten, model: after }, it), x, y);
            expect(worst, `error of ${site.name}, as a share of its bound`).to.be.at.most(1);
          }
        });

        it(`${form}: a second swap puts no second norm there`, () => {
          const swapped = swapSearch(search(), { form, groups: 4 });
          const again = swapSearch(findSites(read(swapped), undefined, 'folded'));
          expect(again.plan.sites.map(({ site }) => site.name)).to.deep.equal([]);
          expect(Buffer.compare(writeModel(again.model), writeModel(read(swapped)))).to.equal(0);
        });
      }
    });
  }

  it('rewrites both kinds of sites with --sites all, and finds neither again', () => {
    const swapped = swapSearch(findSites(fixtureNamed('folded-beside-bn').build(), undefined, 'all'));
    expect(swapped.sites.map(({ plan }) => plan.site.pattern)).to.deep.equal(['folded-conv', 'batch-normalization']);
    expect(findSites(read(swapped), undefined, 'all').sites).to.deep.equal([]);
  });

  it('leaves sites out by name', () => {
    const search = foldedSites(fixtureNamed('folded-mobile'));
    const [first, ...rest] = search.sites.map(({ name }) => name);
    const named = new RegExp(`^${first}$`);
    const chosen = (options: object) => swapSearch(search, options).plan.sites.map(({ site }) => site.name);
    expect(chosen({ include: [named] })).to.deep.equal([first]);
    expect(chosen({ exclude: [named] })).to.deep.equal(rest);
  });
});

/** As somebody else would read it. */
function read({ model }: Swapped): Model {
  return readModel(writeModel(model));
}
