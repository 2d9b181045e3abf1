/** All norms on a file. */

import type { CallOptions } from '../call/arguments.ts';
import { GnSwapError } from '../errors.ts';
import { compareModel } from '../jobs/compare.ts';
import type { OnProgress } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import type { compareFinetuneFile } from './compare-finetune.ts';
import { dataOpener, withModel } from './session.ts';

type CompareFinetune = typeof compareFinetuneFile;

/** Compares all norms, or trains with some. What goes wrong is in the outcome, not thrown. */
export function compareFile(file: string, call: CallOptions, onProgress: OnProgress): Promise<Outcome> {
  const { comparison } = call;
  if (comparison !== undefined) return trained(file, { ...call, comparison }, onProgress);
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

/** Loads what trains only if it is asked for. */
async function trained(...all: Parameters<CompareFinetune>): Promise<Outcome> {
  const { compareFinetuneFile } = await import('./compare-finetune.ts');
  return compareFinetuneFile(...all);
}
