/** Checks of files on disk: opened, looked at, freed, and nothing written but what the runtime must find beside a model. */

import type { CallOptions } from '../call/arguments.ts';
import type { CheckOptions } from '../check/index.ts';
import { GnSwapError } from '../errors.ts';
import { checkFile as checkJob, openSource } from '../jobs/check.ts';
import type { OnProgress } from '../jobs/job.ts';
import type { Outcome } from '../jobs/outcome.ts';
import type { Observe } from '../measure/observe.ts';
import { DiskHome } from './disk/index.ts';
import { readInputs, withHome } from './session.ts';

/** The source of `--against`, open. */
export interface Against {
  readonly source: NonNullable<CheckOptions['source']>;
  /** What a report looks at. */
  readonly observe: Observe;
  close(): void;
}

/**
 * Opens the source that files are checked against.
 *
 * @param run whether ONNX Runtime may be loaded, where parameters must be computed
 * @throws GnSwapError what opening and reading it throws
 */
export async function openAgainst(file: string, run: boolean): Promise<Against> {
  const home = new DiskHome(file);
  try {
    const source = await openSource(home.model, file, run);
    return { source, observe: { source: source.search.model, bytes: home.size }, close: () => home.close() };
  } catch (error) {
    home.close();
    throw error instanceof GnSwapError ? error.in(file) : error;
  }
}

/** Checks a file. What is wrong with it is in the outcome; so is why it could not be checked. */
export function checkFile(
  file: string,
  call: CallOptions,
  against: Against | undefined,
  onProgress: OnProgress,
): Promise<Outcome> {
  return withHome(file, 'check', onProgress, async (job, home) => {
    job.draft.typed = call.commandLine;
    const read = () => {
      job.read(home.model);
      return home.model;
    };
    const { seed, memory, maxDrift, minKept, tasks } = call.swap;
    job.draft.check = await checkJob(read, {
      source: against?.source,
      run: call.verify,
      requireRecord: call.requireRecord,
      // Without a source there is nothing to compare with.
      observe: call.reports.length === 0 ? undefined : against?.observe,
      inputs: call.inputs === undefined ? undefined : await readInputs(call.inputs),
      seed,
      memory,
      maxDrift,
      minKept,
      tasks,
      time: against !== undefined,
      onProgress,
    });
    job.lap('check');
  });
}
