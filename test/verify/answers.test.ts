import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { FORMS, formNamed } from '../../src/forms/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { RewrittenSite } from '../../src/rewrite/index.ts';
import { answersOf } from '../../src/verify/answers.ts';
import { madeInput } from '../../src/verify/site-inputs.ts';
import { changeNodes, setValues } from '../support/damage.ts';
import { type Swapped, swapFixture } from '../support/swapped.ts';

const forms = [formNamed('instance'), formNamed('instance-conv')];

async function swapped(name: string, form = 'reduce'): Promise<{ it: Swapped; site: RewrittenSite }> {
  const it = await swapFixture(fixtureNamed(name), { form });
  const [site] = it.sites;
  if (site === undefined) throw new RangeError('no site');
  return { it, site };
}

describe('answersOf', () => {
  it('answers for two samples, for one alone, and in every other form', async () => {
    const { it, site } = await swapped('opset-17');
    const pair = madeInput(site.plan, 0);
    const answers = await answersOf(site, pair, forms, it.model);
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
    const answers = await answersOf(site, madeInput(site.plan, 0), forms, it.model);
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
    expect(await answersOf(site, pair, forms, missing)).to.match(/^ONNX Runtime does not load the model/);
    const other = await swapped('opset-17', 'instance');
    const shape = setValues(other.it.model, 'gn_swap/shape_0_32_4_4', () => [0, 32, 2, 8]);
    expect(await answersOf(other.site, pair, [], shape)).to.equal('the norm answers [2,32,2,8] to [2,32,4,4]');
  });

  it('does not blame the site where another form fails', async () => {
    const { it, site } = await swapped('opset-17');
    // A form that keeps the shape as a constant is wrong where the plan states another one than the file has.
    const plan = { ...site.plan, site: { ...site.plan.site, shape: [2, 32, 2, 8] } };
    const answers = await answersOf({ ...site, plan }, madeInput(site.plan, 0), forms, it.model);
    if (typeof answers === 'string') throw new RangeError(answers);
    expect(answers.first).to.have.length(512);
    expect(answers.others.map(({ numbers }) => numbers)).to.deep.equal([undefined, undefined]);
    expect(FORMS).to.include.members(forms);
  });
});
