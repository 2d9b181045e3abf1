/** A look at a file. */

import type { CallOptions } from '../call/arguments.ts';
import { inspectModel } from '../jobs/inspect.ts';
import type { OnProgress } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { dataOpener, withModel } from './session.ts';

/** Finds and plans, and writes nothing. What goes wrong is in the outcome, not thrown. */
export function inspectFile(file: string, call: CallOptions, onProgress: OnProgress = () => {}): Promise<Outcome> {
  return withModel(file, 'inspect', onProgress, (job, home) => {
    job.draft.typed = call.commandLine;
    return inspectModel(job, home.model, { ...call.swap, verify: call.verify }, dataOpener(call));
  });
}
