import { expect } from 'chai';
import { FIXTURES, type Fixture, fixtureNamed } from '../../fixtures/index.ts';
import { float32Twin } from '../../src/graph/float32.ts';
import { batchOf } from '../../src/inputs/batch.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, opsetVersion, writeModel } from '../../src/onnx/model.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import { type Plan, plan, type SitePlan } from '../../src/plan/index.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import { Variants } from '../../src/rewrite/variants.ts';
import { openSession, type Values } from '../../src/runtime/session.ts';
import { madeInputs } from '../support/calibration.ts';
import { searchOf } from '../support/swapped.ts';

/** Bit for bit the same only where nothing is fused or folded. */
async function answers(model: Model, inputs: Values): Promise<Values> {
  const session = await openSession(writeModel(model), { optimize: false });
  try {
    return await session.run(inputs);
  } finally {
    await session.close();
  }
}

/** The plan with other numbers, which differ from site to site; those of tied sites stay the same. */
function moved(of: Plan, by = 0): Plan {
  const sites = of.sites.map((it, index): SitePlan => {
    const shift = it.site.tied === undefined ? index + by : by;
    return {
      ...it,
      scale: Float64Array.from(it.scale, (value) => 1.5 * value + 0.25),
      bias: Float64Array.from(it.bias, (value) => value - 1 - shift),
    };
  });
  return { ...of, sites };
}

async function planned(fixture: Fixture, options: PlanOptions = {}): Promise<{ model: Model; own: Plan }> {
  const search = await searchOf(fixture);
  const { model } = search;
  return { model, own: plan(search.sites, opsetVersion(model.proto) ?? 0, options, search.refusals) };
}

/** Not fed by made inputs, or not run by the runtime. */
const APART = new Set(['rank-unknown-reshape', 'bn-on-constant', 'type-bfloat16', 'type-bfloat16-native']);

describe('Variants', () => {
  for (const fixture of FIXTURES) {
    if (fixture.sites === 0 || fixture.notRunnable !== undefined || fixture.files || APART.has(fixture.name)) continue;
    it(`${fixture.name}: answers for each plan as its own rewrite does, bit for bit`, async () => {
      const { model, own } = await planned(fixture);
      const inputs = fixture.inputs?.() ?? madeInputs(model, batchOf(model).size ?? 2);
      const variants = new Variants(model);
      for (const each of [own, moved(own), own]) {
        const { model: shared, feeds } = variants.of(each);
        expect(await answers(shared, { ...inputs, ...feeds })).to.deep.equal(
          await answers(rewrite(model, each).model, inputs),
        );
      }
    });
  }

  it('makes one graph for plans that differ in numbers, and others for other groups and forms', async () => {
    const { model, own } = await planned(fixtureNamed('rank-4'));
    const variants = new Variants(model);
    const first = variants.of(own);
    expect(Object.keys(first.feeds)).to.have.length(2 * own.sites.length);
    const second = variants.of(moved(own));
    expect(second.model).to.equal(first.model);
    expect(second.feeds).not.to.deep.equal(first.feeds);
    for (const options of [{ groups: own.sites[0]?.groups === 1 ? 2 : 1 }, { form: 'instance' }]) {
      const { sites } = plan(
        own.sites.map(({ site }) => site),
        opsetVersion(model.proto) ?? 0,
        options,
      );
      expect(variants.of({ ...own, sites }).model, JSON.stringify(options)).not.to.equal(first.model);
    }
    expect(variants.of(own).model).to.equal(first.model);
  });

  it('makes another graph where tied sites get numbers of their own', async () => {
    const fixture = await Promise.all(
      FIXTURES.filter(({ sites }) => sites > 1).map((it) => planned(it).catch(() => undefined)),
    );
    const tied = fixture.find((it) => it?.own.sites.some(({ site }) => site.tied !== undefined));
    if (tied === undefined) throw new RangeError('no fixture has tied sites');
    const { model, own } = tied;
    const variants = new Variants(model);
    const together = variants.of(own);
    let untied = 0;
    const apart: Plan = {
      ...own,
      sites: own.sites.map((it) => ({ ...it, bias: Float64Array.from(it.bias, (value) => value + untied++) })),
    };
    expect(variants.of(apart).model).not.to.equal(together.model);
    expect(variants.of(moved(own)).model).to.equal(together.model);
  });

  it('makes a graph each for norms that go into the layer before them', async () => {
    const { model, own } = await planned(fixtureNamed('rank-4'), { to: 'frozen', fold: true });
    const variants = new Variants(model);
    const [one, other] = [variants.of(own), variants.of(moved(own))];
    if (own.sites.some(({ form }) => form === 'fold')) expect(other.model).not.to.equal(one.model);
    expect(variants.of(own).model).to.equal(one.model);
  });

  it('feeds float32 to a float32 twin, rounded to the type that the file holds', async () => {
    const { model, own } = await planned(fixtureNamed('type-float16'));
    const third = {
      ...own,
      sites: own.sites.map((it) => ({ ...it, scale: Float64Array.from(it.scale, () => 1 / 3) })),
    };
    const { feeds } = new Variants(model, float32Twin).of(third);
    const scale = Object.entries(feeds).find(([name]) => /scale|gamma|weight/i.test(name))?.[1];
    expect(scale?.type).to.equal(DataType.FLOAT);
    expect(Object.values(feeds).some(({ data }) => Math.abs(Number(data[0]) - 0.333251953125) < 1e-12)).to.equal(true);
  });
});
