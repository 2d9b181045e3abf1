/** Model → sites, with the arithmetic around them merged into them if that is wanted. */
import { type EvaluateOptions, findEvaluated } from '../find/evaluated.ts';
import type { Search } from '../find/index.ts';
import type { Site } from '../find/types.ts';
import { type Model, opsetOf } from '../onnx/model.ts';
import type { PlanOptions } from '../plan/choices.ts';
import { plan } from '../plan/index.ts';
import { absorbAffine } from './absorb.ts';

/** How {@link findAllSites} goes about it. */
export interface FindOptions extends PlanOptions, Pick<EvaluateOptions, 'run' | 'sites'> {
  /** Whether the arithmetic around the sites that will be rewritten is merged into them first. */
  readonly absorbAffine?: boolean | undefined;
}

/** Finds the sites as {@link findEvaluated} does, and merges Mul and Add of constants around those that a plan rewrites. */
export async function findAllSites(model: Model, options: FindOptions): Promise<Search> {
  const search = await findEvaluated(model, options);
  if (options.absorbAffine !== true) return search;
  const all = await mergedSearch(search, search.sites, options);
  // Some can be rewritten only once it is merged, so that tells; around those that are left it stays.
  const { sites } = plan(all.sites, opsetOf(search.model), options);
  const rewritten = new Set(sites.map(({ site }) => site.name));
  const kept = search.sites.filter(({ name }) => rewritten.has(name));
  return kept.length === search.sites.length ? all : mergedSearch(search, kept, options);
}

/** What is found once the arithmetic around the given sites is merged into them. */
async function mergedSearch(search: Search, sites: readonly Site[], options: FindOptions): Promise<Search> {
  const { model, merged: operators } = absorbAffine(search.model, sites);
  const found = await findEvaluated(model, options);
  const marked = found.sites.map((site) => {
    const own = operators.get(site.name);
    return own === undefined ? site : { ...site, merged: own };
  });
  return { ...found, early: search.early, sites: marked };
}
