import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { FORMS, formNamed } from '../../src/forms/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { RewrittenSite } from '../../src/rewrite/index.ts';
import type { Answers, AskedSite } from '../../src/verify/answers.ts';
import { madeInput } from '../../src/verify/site-inputs.ts';
import { answered } from '../support/answered.ts';
import { changeNodes, setValues } from '../support/damage.ts';
import { type Swapped, swapFixture } from '../support/swapped.ts';

const forms = [formNamed('instance'), formNamed('instance-conv')];

async function swapped(name: string, form = 'reduce'): Promise<{ it: Swapped; site: RewrittenSite }> {
  const it = await swapFixture(fixtureNamed(name), { form });
  const [site] = it.sites;
  if (site === undefined) throw new RangeError('no site');
  return { it, site };
}

/** What one site answers. */
async function answerOf(
  site: RewrittenSite,
  pair: AskedSite['pair'],
  forms: AskedSite['forms'],
  model: Swapped['model'],
): Promise<Answers | string> {
  const [answer] = await answered([{ site, pair, forms }], model);
  if (answer === undefined) throw new RangeError('no answer');
  return answer;
}

describe('answersOf', () => {
  it('answers for two samples, for one alone, and in every other form', async () => {
    const { it, site } = await swapped('opset-17');
    const pair = madeInput(site.plan, 0);
    const answers = await answerOf(site, pair, forms, it.model);
    if (typeof answers === 'string') throw new RangeError(answers);
    expect([answers.pair.length, answers.first.length]).to.deep.equal([1024, 512]);
    expect(answers.others.map(({ form }) => form)).to.deep.equal(forms);
    for (const { on, site: plan, numbers } of answers.others) {
      expect([on.type, on.dims, plan]).to.deep.equal([DataType.FLOAT, [1, 32, 4, 4], site.plan]);
      expect(numbers).to.have.length(512);
    }
  });

  it('runs forms in float32 that have no kernels for the site’s type, and says on what', async () => {
    const { it, site } = await swapped('type-float64');
    const answers = await answerOf(site, madeInput(site.plan, 0), forms, it.model);
    if (typeof answers === 'string') throw new RangeError(answers);
    for (const { on, site: plan, numbers } of answers.others) {
      expect([on.type, plan.site.elementType]).to.deep.equal([DataType.FLOAT, DataType.FLOAT]);
      expect(numbers).not.to.equal(undefined);
    }
  });

  it('gives the runtime’s words where the site’s own nodes do not load or run', async () => {
    const { it, site } = await swapped('opset-17');
    const pair = madeInput(site.plan, 0);
    const missing = changeNodes(it.model, 'Sqrt', () => []);
    expect(await answerOf(site, pair, forms, missing)).to.match(/^ONNX Runtime does not load the model/);
    const other = await swapped('opset-17', 'instance');
    const shape = setValues(other.it.model, 'gn_swap/shape_0_32_4_4', () => [0, 32, 2, 8]);
    expect(await answerOf(other.site, pair, [], shape)).to.equal(
      'the output of the norm has the shape [2,32,2,8], its input [2,32,4,4]',
    );
  });

  it('does not blame the site where another form fails', async () => {
    const { it, site } = await swapped('opset-17');
    // A form that keeps the shape as a constant is wrong where the plan states another one than the file has.
    const plan = { ...site.plan, site: { ...site.plan.site, shape: [2, 32, 2, 8] } };
    const answers = await answerOf({ ...site, plan }, madeInput(site.plan, 0), forms, it.model);
    if (typeof answers === 'string') throw new RangeError(answers);
    expect(answers.first).to.have.length(512);
    expect(answers.others.map(({ numbers }) => numbers)).to.deep.equal([undefined, undefined]);
    expect(FORMS).to.include.members(forms);
  });

  it('answers for many sites as for each alone, also for those beside one that fails', async () => {
    const it = await swapFixture(fixtureNamed('shared-everything'), { form: 'reduce' });
    const asked = it.sites.map((site, index) => ({ site, forms, pair: madeInput(site.plan, index) }));
    expect(asked.length).to.be.above(1);
    const alone: (Answers | string)[] = [];
    for (const one of asked) alone.push(...(await answered([one], it.model)));
    expect(await answered(asked, it.model)).to.deep.equal(alone);
    const [damaged] = asked;
    const name = damaged?.site.nodes[0]?.name;
    const without = changeNodes(it.model, name ?? '', () => []);
    const [first, ...others] = await answered(asked, without);
    expect(first).to.match(/^ONNX Runtime does not load the model/);
    expect(others).to.deep.equal(alone.slice(1));
  });
});
