import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { withGraph } from '../../src/onnx/model.ts';
import { runWritten } from '../../src/verify/written-run.ts';
import { countedHome } from '../support/home.ts';
import { searchOf, swapSearch } from '../support/swapped.ts';

describe('runWritten', () => {
  const setting = async () => {
    const home = countedHome(true);
    const { model, sites } = swapSearch(await searchOf(fixtureNamed('two-bn-one-input')), {});
    const written = { ...model, home };
    return {
      home,
      written,
      sites,
      inputs: generateInputs(written, 0, 1, 4),
      memory: 1 << 30,
      settings: { optimize: false },
    };
  };

  it('answers the same whether it fetches what reaches the sites or not, and fetches that once', async () => {
    const { home, ...checks } = await setting();
    const [alone, seeing] = [await runWritten(checks, undefined, false), await runWritten(checks, undefined, true)];
    if (alone instanceof GnSwapError || seeing instanceof GnSwapError) throw new Error('it does not run');
    expect(seeing.answers).to.deep.equal(alone.answers);
    expect(alone.seen).to.equal(undefined);
    for (const { plan } of checks.sites) {
      expect(seeing.seen).to.include.keys(plan.site.input, plan.site.output);
    }
    // Run again, it answers as the model alone does.
    expect(await seeing.open.session.run(checks.inputs)).to.deep.equal(alone.answers);
    expect(seeing.open.session.outputs).to.deep.equal(alone.open.session.outputs);
    expect(home.loaded()).to.equal(2);
    await alone.open.close();
    await seeing.open.close();
  });

  it('leaves it out where it takes more than a quarter of the memory', async () => {
    const { home, ...checks } = await setting();
    const ran = await runWritten({ ...checks, memory: 4000 }, undefined, true);
    if (ran instanceof GnSwapError) throw ran;
    expect(ran.seen).to.equal(undefined);
    expect(home.loaded()).to.equal(1);
    await ran.open.close();
  });

  it('tells of a file that does not load in the words that it has without', async () => {
    const { home, ...checks } = await setting();
    const { graph } = checks.written.proto;
    const written = withGraph(checks.written, { ...graph, node: graph.node.slice(1) });
    const [alone, seeing] = [
      await runWritten({ ...checks, written }, undefined, false),
      await runWritten({ ...checks, written }, undefined, true),
    ];
    expect(alone).to.be.instanceOf(GnSwapError);
    expect((seeing as GnSwapError).message).to.equal((alone as GnSwapError).message);
    expect(home.loaded()).to.be.within(2, 3);
  });
});
