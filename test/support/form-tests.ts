/** What every form must do on every fixture. */
import { expect } from 'chai';
import { FIXTURES, type Fixture } from '../../fixtures/index.ts';
import { formNamed } from '../../src/forms/index.ts';
import { INITS } from '../../src/norms/inits/index.ts';
import type { Norm } from '../../src/norms/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { opsetVersion } from '../../src/onnx/model.ts';
import { formSiteOf, type SitePlan } from '../../src/plan/index.ts';
import type { Rewritten, RewrittenSite } from '../../src/rewrite/index.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { type Comparison, compare } from './compare.ts';
import { runAlone, siteInputs, storedAffine } from './site-model.ts';
import { searchOf, swapSearch } from './swapped.ts';

export interface Answer extends Comparison {
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Runs a site on its own on x. */
export async function answerOf(swapped: Rewritten, it: RewrittenSite, x: Value): Promise<Answer> {
  const isTwin = x.type !== it.plan.site.elementType || !runs(it.plan, x.type);
  const { fed, y } = await runAlone(swapped, it, x, isTwin);
  return { dims: y.dims, values: numbersOf(y) ?? [], ...compare(it.plan, storedAffine(swapped, it), fed, y) };
}

/** Compares each site of each fixture in this form, for each init, with both float64 oracles. */
export function describeOnFixtures(form: string, to = 'group'): void {
  for (const fixture of FIXTURES) {
    if (fixture.sites === 0) continue;
    it(`${fixture.name}: computes the norm that it stands for`, () => compareFixture(fixture, to, [form]));
  }
}

/** {@link describeOnFixtures} in every form of a norm. */
export function describeNormOnFixtures({ name, forms }: Norm): void {
  for (const fixture of FIXTURES) {
    if (fixture.sites === 0) continue;
    it(`${fixture.name}: every form computes the norm`, () => compareFixture(fixture, name, forms));
  }
}

async function compareFixture(fixture: Fixture, to: string, forms: readonly string[]): Promise<void> {
  const search = await searchOf(fixture);
  const inputs = await siteInputs(fixture, search);
  for (const form of forms) {
    for (const { name: init } of INITS) {
      const swapped = swapSearch(search, { to, form, init });
      const codes = swapped.plan.refusals.map(({ code }) => code);
      // A channel of one number is something that only instance norm refuses, beside what no norm takes.
      const left = codes.filter((code) => code === 'form' || (to === 'instance' && code === 'single-element-groups'));
      expect(swapped.sites.length + left.length, 'sites').to.be.at.least(fixture.sites);
      if (to !== 'instance') expect(swapped.sites.length + left.length, 'sites').to.equal(fixture.sites);
      for (const it of swapped.sites) {
        const { site } = it.plan;
        expect(formNamed(form).check(formSiteOf(it.plan), opsetVersion(search.model.proto) ?? 0)).to.equal(undefined);
        const x = inputs.get(site) as Value;
        const { dims, worst } = await answerOf(swapped, it, x);
        expect(dims, `shape of ${site.name}`).to.deep.equal(x.dims);
        expect(worst, `error of ${site.name}, ${form}, ${init}, as a share of its bound`).to.be.at.most(1);
      }
    }
  }
}

/** Whether ONNX Runtime has the form's kernels for a type: InstanceNormalization and Conv are float32 alone. */
function runs({ form, norm }: SitePlan, type: DataType): boolean {
  return type !== DataType.DOUBLE || form === 'reduce' || (form === 'native' && norm !== 'instance');
}
