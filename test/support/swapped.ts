/** A fixture, taken through the steps of a swap. */
import type { Fixture } from '../../fixtures/index.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { type Model, opsetVersion, readModel, writeModel } from '../../src/onnx/model.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import { type Plan, plan } from '../../src/plan/index.ts';
import { withoutLost } from '../../src/plan/refuse.ts';
import { type Rewritten, rewrite } from '../../src/rewrite/index.ts';
import { evaluateConstants } from '../../src/runtime/evaluate.ts';

/** A fixture's model, as read from its file. */
export function modelOf(fixture: Fixture): Model {
  const built = fixture.build();
  return readModel(writeModel(built), built.home);
}

/** The sites of a fixture's model, those that need running included. */
export async function searchOf(fixture: Fixture): Promise<Search> {
  const model = modelOf(fixture);
  const search = findSites(model);
  if (search.unevaluated.length === 0) return withoutLost(search, {});
  return findSites(model, await evaluateConstants(search.model, search.unevaluated));
}

export interface Swapped extends Rewritten {
  readonly search: Search;
  readonly plan: Plan;
}

/** The fixture with every site rewritten that can be. */
export async function swapFixture(fixture: Fixture, options: PlanOptions = {}): Promise<Swapped> {
  return swapSearch(await searchOf(fixture), options);
}

/** {@link swapFixture} for a search that is at hand. */
export function swapSearch(search: Search, options: PlanOptions = {}): Swapped {
  const planned = plan(search.sites, opsetVersion(search.model.proto) ?? 0, options, search.refusals);
  return { search, plan: planned, ...rewrite(search.model, planned) };
}
