/** A look at a file. */

import type { CallOptions } from '../call/arguments.ts';
import { inspectModel } from '../jobs/inspect.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { withModel } from './session.ts';

/** Finds and plans, and writes nothing. What goes wrong is in the outcome, not thrown. */
export function inspectFile(file: string, call: CallOptions): Promise<Outcome> {
  return withModel(
    file,
    'inspect',
    () => {},
    (job, home) => {
      job.draft.typed = call.commandLine;
      return inspectModel(job, home.model, { ...call.swap, verify: call.verify });
    },
  );
}
