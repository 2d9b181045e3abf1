/** All norms on a file: opened, compared in memory, and freed. */

import { GnSwapError } from '../errors.ts';
import { asMeant } from '../inputs/as-meant.ts';
import { compareNorms } from '../jobs/compare.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { findAllSites } from '../jobs/swap.ts';
import type { CallOptions } from './arguments.ts';
import { type OnProgress, openCalibration, withModel } from './session.ts';

/** Compares all norms. What goes wrong is in the outcome, not thrown. */
export function compareFile(file: string, call: CallOptions, onProgress: OnProgress): Promise<Outcome> {
  return withModel(file, 'compare', async (draft, { home, model: given, lap }) => {
    const model = asMeant(given, call.swap);
    if (call.calibrate === undefined) {
      throw new GnSwapError('invalid-arguments', 'there are no inputs to compare norms on', {
        remedy: 'Give them with --calibrate',
      });
    }
    const search = await findAllSites(model, { ...call.swap, run: true });
    lap('find');
    const { data } = await openCalibration(call, call.calibrate, model);
    const { include, exclude, seed, memory, tasks } = call.swap;
    const options = { data, include, exclude, seed, memory, tasks, onProgress };
    draft.comparison = await compareNorms(search, home.file, options);
    lap('compare');
  });
}
