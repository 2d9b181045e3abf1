/** What would be done with a model, and what would be refused. */

import { countFoldedConv } from '../find/index.ts';
import { asMeant } from '../inputs/as-meant.ts';
import type { Model } from '../onnx/model.ts';
import { planSearch } from '../plan/refuse.ts';
import { findAllSites } from '../rewrite/merged-sites.ts';
import type { Job } from './job.ts';
import type { SwapOptions } from './options.ts';

/** Finds and plans; the plan goes into the job's draft. */
export async function inspectModel(job: Job, given: Model, options: SwapOptions): Promise<void> {
  const model = asMeant(given, options);
  const search = await findAllSites(model, { ...options, run: options.verify !== false });
  job.draft.plan = planSearch(search, options);
  job.draft.foldedConv = countFoldedConv(model);
  job.lap('find');
}
