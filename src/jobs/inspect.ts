/** What would be done with a model, and what would be refused; with inputs, how well they fit it. */

import { countFoldedConv, type Search } from '../find/index.ts';
import { asMeant } from '../inputs/as-meant.ts';
import type { Model } from '../onnx/model.ts';
import type { Plan } from '../plan/index.ts';
import { planSearch, refuseUnusedData } from '../plan/refuse.ts';
import { findAllSites } from '../rewrite/merged-sites.ts';
import type { Job } from './job.ts';
import type { SwapOptions } from './options.ts';
import { calibrationFacts, type JobData, solveOnce } from './solve.ts';

/**
 * Finds and plans; the plan goes into the job's draft.
 *
 * @param openData inputs whose fit is looked at, if there are any
 * @throws GnSwapError `invalid-arguments` if the norm has no use for inputs, and what opening and running them throws
 */
export async function inspectModel(
  job: Job,
  given: Model,
  options: SwapOptions,
  openData?: (model: Model) => Promise<JobData>,
): Promise<void> {
  const model = asMeant(given, options);
  if (openData !== undefined) refuseUnusedData(options);
  const search = await findAllSites(model, { ...options, run: options.verify !== false });
  job.draft.plan = planSearch(search, options);
  job.draft.foldedConv = countFoldedConv(model);
  job.lap('find');
  if (openData === undefined || job.draft.plan.sites.length === 0) return;
  await lookAt(job, search, job.draft.plan, await openData(model), options);
  job.lap('calibrate');
}

/** Solves the plan in one pass, as a swap would begin to; nothing is compared, and nothing is rewritten. */
async function lookAt(
  { draft, onProgress }: Job,
  search: Search,
  planned: Plan,
  data: JobData,
  options: SwapOptions,
): Promise<void> {
  const calibration = await solveOnce(search, planned, data.data, { ...options, onProgress });
  draft.plan = calibration.plan;
  draft.calibration = calibrationFacts(calibration, data, options.seed ?? 0, false);
}
