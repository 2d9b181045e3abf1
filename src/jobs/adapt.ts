/**
 * Solving for another domain: what a model answers on inputs that are unlike its training data is partly wrong, so matching it
 * teaches its mistakes. The reference is then the source with μ and σ² re-estimated on those inputs, as `--to batch` does.
 */

import type { Calibration } from '../calibrate/calibration.ts';
import { type CalibrateOptions, calibrate, split } from '../calibrate/index.ts';
import { reEstimate } from '../calibrate/re-estimate.ts';
import { reEstimatedPlan } from '../calibrate/re-estimated.ts';
import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import { findSites, type Search } from '../find/index.ts';
import type { SiteKind } from '../find/kinds.ts';
import { opsetOf } from '../onnx/model.ts';
import type { PlanOptions } from '../plan/choices.ts';
import { type Plan, plan } from '../plan/index.ts';
import { rewrite } from '../rewrite/index.ts';
import { type ChooseOptions, chooseSolution } from './choose.ts';

/** {@link CalibrateOptions}, and how the adapted source is planned: as the source was. */
export interface AdaptOptions extends CalibrateOptions, Pick<ChooseOptions, 'tasks'> {
  readonly planning: PlanOptions & { readonly sites?: SiteKind | undefined };
}

/**
 * Solves a plan with the adapted source as the reference. Norms that were folded away keep what they had there: their
 * statistics are not in the file.
 *
 * @param planned of the sites of `search`
 * @throws GnSwapError `invalid-arguments` if no site has statistics, and as {@link calibrate}
 */
export async function calibrateAdapted(search: Search, planned: Plan, options: AdaptOptions): Promise<Calibration> {
  const { data, seed, planning } = options;
  const opset = opsetOf(search.model);
  const standing = search.sites.filter(({ path, needsData }) => path === '' && needsData !== true);
  const batch = plan(standing, opset, { to: 'batch' });
  if (batch.sites.length === 0) {
    throw new GnSwapError(
      'invalid-arguments',
      '--reference adapted re-estimates running statistics, but no site has any',
      {
        remedy: 'Drop --reference',
        next: { drop: ['reference'] },
      },
    );
  }
  const { moments } = await reEstimate(search.model, batch, split(data.count, seed).solvedOn, options);
  const { plan: adapted, moved } = reEstimatedPlan(batch, moments);
  const found = findSites(rewrite(search.model, adapted).model, undefined, planning.sites, planning.include);
  const solutions = await calibrate(found, plan(found.sites, opset, planning), options);
  const chosen = await chooseSolution(found, solutions, options);
  const solved = new Map(chosen.plan.sites.map((it) => [it.site.output, it]));
  const sites = planned.sites.map((it) => {
    const own = solved.get(it.site.output);
    if (own === undefined) return it;
    const { groups, form, init, scale, bias, notes } = own;
    return { ...it, groups, form, init, scale, bias, notes };
  });
  const { candidates: _, ...rest } = chosen;
  return { ...rest, plan: { ...planned, sites }, ...defined({ moved }) };
}
