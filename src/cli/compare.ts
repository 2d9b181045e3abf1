/** All norms on a file. */

import type { CallOptions } from '../call/arguments.ts';
import { GnSwapError } from '../errors.ts';
import { compareModel } from '../jobs/compare.ts';
import type { OnProgress } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { dataOpener, withModel } from './session.ts';

/** Compares all norms. What goes wrong is in the outcome, not thrown. */
export function compareFile(file: string, call: CallOptions, onProgress: OnProgress): Promise<Outcome> {
  return withModel(file, 'compare', onProgress, async (job, home) => {
    const openData = dataOpener(call);
    if (openData === undefined) {
      throw new GnSwapError('invalid-arguments', 'compare needs inputs to measure on', {
        remedy: 'Use --calibrate DIR with a few inputs',
        next: { set: { calibrate: 'DIR' } },
      });
    }
    await compareModel(job, home.model, call.swap, openData);
  });
}
